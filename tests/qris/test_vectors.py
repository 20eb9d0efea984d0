"""Published payloads of many countries and acquirers, and what a reader should say of each."""

import json
from pathlib import Path

import pytest
from parking.qris.payload import inspect

VECTORS = json.loads((Path(__file__).parent / "qris_vectors.json").read_text())


def of_kind(*kinds):
    return [
        pytest.param(vector, id=f"{at}-{vector['payload'][-8:]}")
        for at, vector in enumerate(VECTORS)
        if vector["kind"] in kinds
    ]


@pytest.mark.parametrize("vector", of_kind("qris-static", "qris-dynamic"))
def test_a_published_qris_is_accepted_with_every_field(vector):
    verdict = inspect(vector["payload"])

    assert (verdict.ok, verdict.kind, verdict.errors) == (True, vector["kind"], ())
    assert verdict.fields == vector["expect"]


@pytest.mark.parametrize("vector", of_kind("malformed"))
def test_a_malformed_payload_is_refused_with_a_reason(vector):
    verdict = inspect(vector["payload"])

    assert (verdict.ok, verdict.kind) == (False, "malformed")
    said = " | ".join(verdict.errors)
    assert all(reason in said for reason in vector["reasons"]), said


@pytest.mark.parametrize("vector", of_kind("emv-other"))
def test_a_code_of_another_country_or_a_transfer_is_told_apart_and_still_read(vector):
    verdict = inspect(vector["payload"])

    assert (verdict.ok, verdict.kind) == (False, "emv-other")
    assert all(error.startswith("not QRIS: ") for error in verdict.errors)
    assert verdict.errors
    assert verdict.fields == vector["expect"]


@pytest.mark.parametrize("vector", of_kind("qris-static", "qris-dynamic", "emv-other", "malformed"))
def test_the_crc_is_judged_by_itself(vector):
    assert inspect(vector["payload"]).crc_ok is vector["valid_crc"]


@pytest.mark.parametrize("vector", of_kind("qris-static", "qris-dynamic", "emv-other", "malformed"))
def test_every_known_oddity_is_remarked_on(vector):
    verdict = inspect(vector["payload"])

    missing = set(vector.get("quirks", ())) - set(verdict.warnings)
    assert not missing
