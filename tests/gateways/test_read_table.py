"""A workbook is read in a process that may die of it; each kind of bad one is refused by name."""

import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from parking.errors import FileRefused
from parking.gateways import read_table
from parking.gateways.read_table import xlsx_rows

from tests.gateways.mapped_files import xlsx_file

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SHEET = "xl/worksheets/sheet1.xml"


def rows(content, sheet=None):
    return [(row.number, list(row.cells)) for row in xlsx_rows(content, sheet)]


def refused(content, sheet=None):
    with pytest.raises(FileRefused) as error:
        rows(content, sheet)
    assert error.value.problems
    return " | ".join([str(error.value), *error.value.problems])


def rebuilt(parts):
    """A workbook with some parts of its zip replaced, or others added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_file([["a", 1]]))) as whole,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for name in whole.namelist():
            if name not in parts:
                package.writestr(name, whole.read(name))
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()


def sheet(data):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{HEAD}<worksheet xmlns="{space}"><sheetData>{data}</sheetData></worksheet>'


def test_rows_are_numbered_as_a_person_sees_them_and_blank_ones_left_out():
    assert rows(xlsx_file([["a", "b"], [], ["", 0, "c"]])) == [
        (1, ["a", "b", ""]), (3, ["", 0, "c"]),
    ]  # fmt: skip


def test_a_sheet_is_found_by_its_name_or_its_name_is_told():
    content = xlsx_file([["a"]], sheet="Transaksi")

    assert rows(content, "Transaksi") == rows(content) == [(1, ["a"])]
    assert "yang ada: 'Transaksi'" in refused(content, "Lain")


@pytest.mark.fault("F70")
def test_an_empty_workbook_has_no_rows():
    assert rows(xlsx_file([])) == []


@pytest.mark.fault("F66")
def test_a_formula_is_what_it_was_last_computed_to_be():
    formula = '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'

    assert rows(rebuilt({SHEET: sheet(formula)})) == [(1, [2])]


@pytest.mark.fault("F58")
@pytest.mark.parametrize("kept", [4, 30, 700, -1, -400])
def test_a_workbook_that_was_cut_off_is_refused(kept):
    assert "terpotong atau rusak" in refused(xlsx_file([["a", 1]] * 50)[:kept])


@pytest.mark.fault("F68")
def test_a_zip_bomb_is_refused_by_the_sizes_it_states():
    bomb = rebuilt({SHEET: sheet("<!-- " + " " * 50_000_000 + " -->")})

    assert len(bomb) < 100_000
    assert "zip bomb" in refused(bomb)


@pytest.mark.fault("F68")
def test_a_zip_bomb_that_lies_about_its_size_is_refused_too():
    bomb = bytearray(rebuilt({SHEET: sheet("<!-- " + " " * 50_000_000 + " -->")}))
    size = (len(sheet("")) + 50_000_000 + 9).to_bytes(4, "little")
    assert bomb.count(size) == 2

    assert "rusak" in refused(bytes(bomb.replace(size, (1_000).to_bytes(4, "little"))))


@pytest.mark.fault("F68")
@pytest.mark.parametrize("cell", ["A1048576", "XFD1", "GS2", "A9999999"])
def test_a_sparse_sheet_that_reaches_far_is_refused_before_it_is_read(cell):
    far = f'<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{cell}"><v>1</v></c></row>'
    content = rebuilt({SHEET: sheet(far)})

    assert len(content) < 10_000
    assert f"sel {cell}" in refused(content)


@pytest.mark.fault("F68")
def test_a_reader_that_runs_out_of_memory_dies_alone():
    """Two cells within the limits, and two hundred million between them."""
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="GR1000000"><v>1</v></c></row>'

    assert "berhenti sendiri" in refused(rebuilt({SHEET: sheet(far)}))
    assert rows(xlsx_file([["still", "here"]])) == [(1, ["still", "here"])]


@pytest.mark.fault("F68")
def test_many_rows_are_read_and_too_many_refused():
    many = "".join(f'<row r="{n}"><c><v>1</v></c></row>' for n in range(1, 30_001))

    assert len(rows(rebuilt({SHEET: sheet(many)}))) == 30_000
    assert "sel A1000001" in refused(
        rebuilt({SHEET: sheet('<row r="1000001"><c r="A1000001"><v>1</v></c></row>')})
    )


@pytest.mark.fault("F68")
def test_a_row_that_is_too_long_is_refused():
    assert "Baris terlalu panjang" in refused(xlsx_file([["x" * 30_000] * 3]))


@pytest.mark.fault("F69")
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_an_entity_bomb_is_refused(part):
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
    )
    bomb = f"{HEAD}<!DOCTYPE x [{entities}]><worksheet>&l9;</worksheet>"

    assert "entitas XML" in refused(rebuilt({part: bomb}))


@pytest.mark.fault("F69")
def test_a_part_in_another_encoding_is_refused():
    assert "bukan UTF-8" in refused(rebuilt({SHEET: sheet("").encode("utf-16")}))


@pytest.mark.fault("F70")
@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"xl/vbaProject.bin": "Sub Auto_Open()"}, "makro (.xlsm)"),
        ({"xl/workbook.bin": "x"}, ".xlsb"),
        ({"../../etc/cron.d/x": "x"}, "bagian bernama"),
        ({f"xl/media/{n}.png": "x" for n in range(300)}, "paling banyak 200"),
    ],
)
def test_a_workbook_of_another_kind_is_refused_by_its_name(parts, why):
    assert why in refused(rebuilt(parts))


@pytest.mark.fault("F70")
def test_a_zip_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.csv", "a,b")

    assert "Bukan berkas XLSX" in refused(out.getvalue())


@pytest.mark.fault("F70")
def test_an_encrypted_zip_is_refused():
    content = bytearray(xlsx_file([["a"]]))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        content[at + offset] |= 1  # "encrypted"

    assert "terkunci" in refused(bytes(content))


@pytest.mark.fault("F68")
def test_a_reader_that_does_not_end_is_ended(monkeypatch, tmp_path):
    endless = tmp_path / "endless.py"
    endless.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(read_table, "CHILD", endless)
    monkeypatch.setattr(read_table, "WALL_S", 0.5)
    begun = time.monotonic()

    assert "dihentikan setelah" in refused(xlsx_file([["a"]]))
    assert time.monotonic() - begun < 30


@pytest.mark.fault("F71")
def test_a_reader_that_ends_in_the_middle_gives_no_half_of_a_file(monkeypatch, tmp_path):
    half = tmp_path / "half.py"
    half.write_text("print('[1, [\"a\"]]')\n")
    monkeypatch.setattr(read_table, "CHILD", half)

    assert "berhenti di tengah" in refused(xlsx_file([["a"]]))


def test_the_reader_knows_nothing_of_our_settings(monkeypatch, tmp_path):
    curious = tmp_path / "curious.py"
    curious.write_text(
        "import json, os\nprint(json.dumps([1, sorted(os.environ)]))\nprint('{\"rows\": 1}')\n"
    )
    monkeypatch.setattr(read_table, "CHILD", curious)
    monkeypatch.setenv("SECRET_KEY", "a secret")

    ((_, names),) = rows(xlsx_file([["a"]]))
    assert "SECRET_KEY" not in names
    assert "DATABASE_URL" not in names


def test_several_workbooks_are_read_at_once():
    with ThreadPoolExecutor(3) as pool:
        read = list(pool.map(rows, [xlsx_file([[f"file {n}"]]) for n in range(3)]))

    assert read == [[(1, [f"file {n}"])] for n in range(3)]
