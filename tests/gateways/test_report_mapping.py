"""A mapping says how a file is written; what is wrong with one is named by its key."""

from contextlib import suppress
from itertools import pairwise

import pytest
from config.settings import SHIPPED_MAPPINGS
from hypothesis import given
from hypothesis import strategies as st
from parking.errors import NotFound
from parking.gateways.find_mapping import Mappings, mapping_in
from parking.gateways.mapping_parts import BadMapping
from parking.gateways.report_mapping import Mapping, read_mapping

from tests.gateways.mapped_files import PLAIN


def problems(text):
    with pytest.raises(BadMapping) as error:
        read_mapping(text)
    return error.value.problems


@pytest.mark.parametrize("path", sorted(SHIPPED_MAPPINGS.glob("*.yaml")), ids=lambda p: p.stem)
def test_every_mapping_that_comes_along_can_be_used_and_says_what_for(path):
    assert mapping_in(path, Mapping).mapping.about


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("format: csv", "format: pdf", "format: Input should be 'csv' or 'xlsx' (it is 'pdf')"),
        ("format: csv", "", "format: is missing"),
        (
            "format: csv",
            "format: csv\nheadr: 3",
            "headr: no such key; allowed are of, about, format",
        ),
        ("gross: Gross,", "", "columns.gross: is missing"),
        ("gross: Gross", "gross: 7", "columns.gross: a text, or a list of texts (it is 7)"),
        ("gross: Gross", "grss: x, gross: Gross", "columns.grss: no such key; allowed are payment"),
        ("formats: iso", "formats: '%H:%M'", "times.formats.0: the format needs day, month and"),
        ("Asia/Jakarta", "Mars/Olympus", "times.zone.fixed: 'Mars/Olympus' is no time zone"),
        ("{fixed: Asia/Jakarta}", "WIB", "times.zone: keys are expected here: fixed, column, head"),
        ("{column: Settled}", "{}", "settled_on: give exactly one of column, working_days"),
        ("format: csv", "format: csv\nkinds: {bonus: x}", "kinds: 'bonus' is none of payment, ref"),
        ("format: csv", "format: csv\nkinds: {payment: x}", "columns.kind and kinds go together"),
        ("fee: Fee, net: Net,", "", "give fee or net"),
        ("format: csv", "format: csv\nversion: {head: x}", "version.head: exactly one group"),
        ("format: csv", "format: csv\nversion: 3", "only a file whose report_day is told"),
        ("format: csv", "format: csv\nmoney: {decimal: '.', grouping: '.'}", "money: decimal and"),
        ("format: csv", "format: csv\nsheet: A", "sheet: only with format: xlsx"),
        ("format: csv", "format: csv\nfooter: {pattern: x}", "footer: name totals or count"),
        ("about: Laporan contoh", "about: no", "about: a text is expected; put it in quotes"),
        ("format: csv", "format: csv\nformat: xlsx", "the key 'format' stands twice"),
        ("format: csv", "format: [csv", "while parsing a flow"),
        (PLAIN, "- csv", "keys are expected"),
        (PLAIN, "#" * 70_000, "longer than"),
        ("format: csv", "format: csv\nskip: 1_0", "skip: Input should be a valid integer"),
        ("formats: iso", "formats: '%d %d'", "times.formats.0: not a format of Python's strptime"),
        (
            "format: csv",
            "format: csv\nfooter: {pattern: 'a{99999999999}'}",
            "footer.pattern: not a",
        ),
        (
            "format: csv",
            f"format: csv\nfooter: {{pattern: '{'(' * 20_000}'}}",
            "footer.pattern: not",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_key_with_what_is_allowed(old, new, problem):
    assert old in PLAIN

    assert problem in "\n".join(problems(PLAIN.replace(old, new)))


def test_every_wrong_key_is_named_at_once():
    wrong = PLAIN.replace("format: csv", "format: pdf\nskip: -1").replace("{column: Settled}", "{}")

    assert [problem.split(":")[0] for problem in problems(wrong)] == [
        "format", "skip", "settled_on",
    ]  # fmt: skip


def bomb() -> str:
    """Under 1 kB, and 9 ** 8 texts long."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, next_one in pairwise("abcdefghi"):
        lines.append(f"{next_one}: &{next_one} [{', '.join([f'*{one}'] * 9)}]")
    return "\n".join([*lines, "about: *i"])


@pytest.mark.fault("F70")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (bomb(), "line 1: anchors and aliases (& and *) are not allowed"),
        ("format: csv\nabout: *x", "line 2: anchors and aliases"),
        ('format: csv\nabout: !!int "x"', "line 2: tags (!) are not allowed"),
        ('about: !!bool "x"', "line 1: tags"),
        ('about: !!timestamp "x"', "line 1: tags"),
        ("about: !own x", "line 1: tags"),
        ("about: {" + "a: {" * 100, "line 1: lists and keys within each other more than 8 deep"),
        ("[" * 30_000, "line 1: lists and keys"),
        ('format: csv\nabout: "a\\0b"', "line 2: control characters"),
        ('about: "\\uD800"', "line 1: control characters"),
        ('about: "\\UFFFFFFFF"', "too large"),
        (f"%YAML {'9' * 5_000}.1\n---\nabout: x", "digits"),
        ("skip: " + "9" * 5_000, f"skip: Input should be a valid integer (it is '{'9' * 79}…)"),
        ("[a]: b", "unhashable key"),
    ],
)
def test_what_no_mapping_needs_is_refused_at_its_line_before_anything_is_built(text, problem):
    assert problem in "\n".join(problems(text))


def test_what_looks_like_a_day_or_a_time_is_a_text():
    days = PLAIN.replace("Laporan contoh", "2026-99-99").replace("gross: Gross", "gross: 14:05")

    mapping = read_mapping(days)

    assert (mapping.about, mapping.columns.gross) == ("2026-99-99", ("14:05",))


SCRAPS = (
    "about", "format", "csv", "columns", "kinds", ": ", "- ", "? ", "\n", "  ", ", ", "{", "}", "[",
    "]", "&a ", "*a", "!!int ", "| ", "> ", "%", "'", '"', "\\", "\\U", "9", "<<", "=",
    "2026-01-01", "#", "---", "...",
)  # fmt: skip


@given(st.lists(st.sampled_from(SCRAPS) | st.characters(), max_size=40).map("".join))
def test_whatever_a_file_holds_it_is_a_mapping_or_a_bad_one(scraps):
    for text in (scraps, PLAIN + scraps, PLAIN.replace("Laporan contoh", scraps)):
        with suppress(BadMapping):
            assert isinstance(read_mapping(text).about, str)


@pytest.fixture
def folders(tmp_path):
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    for folder in (own, shipped):
        folder.mkdir()
        (folder / "bank.yaml").write_text(PLAIN.replace("contoh", folder.name))
    (shipped / "snap-jambi.yaml").write_text(PLAIN)
    return Mappings([own, shipped], Mapping)


def test_the_operators_own_wins_over_the_one_that_came_along(folders):
    assert folders.names() == ["bank", "snap-jambi"]
    assert folders.find("bank").mapping.about == "Laporan own"


def test_an_account_has_the_mapping_of_its_name_or_none(folders):
    assert folders.of_account("snap", "jambi").name == "snap-jambi"
    assert folders.of_account("midtrans", "jambi") is None


@pytest.mark.fault("F90")
@pytest.mark.parametrize("name", ["../shipped/bank", "/etc/passwd", "", "nothing", "bank.yaml"])
def test_a_name_that_is_none_or_a_path_is_not_found(folders, name):
    with pytest.raises(NotFound):
        folders.find(name)


def test_a_mapping_of_an_account_that_is_wrong_is_not_passed_over(folders):
    (folders.folders[0] / "snap-jambi.yaml").write_bytes(b"\xff\xfe")

    with pytest.raises(BadMapping):
        folders.of_account("snap", "jambi")
