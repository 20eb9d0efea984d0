"""What a discrepancy rests on is told in words, each where it can be seen."""

import pytest
from parking.reconciliation.grounds import Part, grounds_of


def parts(evidence, name):
    (ground,) = (ground for ground in grounds_of(evidence) if ground.name == name)
    return list(ground.parts)


MATCH = {
    "lines": [4, 7],
    "things": ["sts:2", "batch:midtrans/jambi/2026-01-05"],
    "rule": "nomor-sts v1",
}


def test_a_match_leads_to_its_lines_its_slip_its_batch_and_its_rule():
    assert parts(MATCH, "lines") == [
        Part("4", "/finance/statements/lines/4"), Part("7", "/finance/statements/lines/7"),
    ]  # fmt: skip
    assert parts(MATCH, "things") == [
        Part("STS nomor 2", "/finance/deposits/sts/2"),
        Part("midtrans/jambi, 2026-01-05", "/audit/settlement?day=2026-01-05&by=settled"),
    ]
    assert parts(MATCH, "rule") == [Part("nomor-sts v1", "/finance/rules/nomor-sts")]


def test_what_a_person_matched_is_said_so():
    assert parts({"rule": "manual:3"}, "rule") == [Part("dicocokkan petugas, nomor 3", None)]


def test_lines_of_a_payment_are_counted_in_settlement_files():
    (ground,) = grounds_of({"lines": 2})
    assert (ground.title, ground.parts) == ("Banyak baris settlement", (Part("2", None),))


@pytest.mark.parametrize(
    ("evidence", "text", "href"),
    [
        ({"source": "inquiry"}, "Pertanyaan kami", None),
        ({"charge": None}, "–", None),
        ({"charge": "PKR 1/2"}, "PKR 1/2", "/audit/charges?q=PKR%201%2F2"),
        ({"chain": "midtrans/jambi/trx-1"}, "trx-1 (midtrans/jambi)", None),
        ({"unheard of": 1}, "1", None),
    ],
)
def test_each_in_words(evidence, text, href):
    ((ground,), (name,)) = grounds_of(evidence), evidence
    assert (ground.name, ground.parts) == (name, (Part(text, href),))


def test_an_empty_list_has_no_parts():
    assert parts({"payouts": []}, "payouts") == []
