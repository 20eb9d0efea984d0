"""`parking mappings`: one bad file is named, and hides none of the others."""

import pytest
from click.testing import CliRunner
from parking.cli.mappings import mappings
from parking.gateways.mapping_parts import BadMapping

from tests.gateways.mapped_files import PLAIN


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "bank.yaml").write_text(PLAIN)
    return folder


@pytest.mark.parametrize("wrong", ["[" * 30_000, 'about: !!timestamp "x"', "about: &a [x]"])
def test_a_mapping_that_is_no_mapping_is_listed_with_its_problem(own, wrong):
    (own / "wrong.yaml").write_text(wrong)

    listed = CliRunner().invoke(mappings, ["list"], catch_exceptions=False)

    assert listed.exit_code == 0
    assert "bank: Laporan contoh" in listed.output
    assert "wrong: cannot be used: line 1: " in listed.output


def test_checking_it_is_refused_and_no_traceback(own):
    (own / "wrong.yaml").write_text("[" * 30_000)

    with pytest.raises(BadMapping, match=r"wrong\.yaml") as refused:
        CliRunner().invoke(mappings, ["check", str(own / "wrong.yaml")], catch_exceptions=False)

    assert refused.value.problems == ["line 1: lists and keys within each other more than 8 deep"]
