"""Cases at a desk: who traces what, what many need at once, and what one takes back."""

import io
import re
from datetime import timedelta

import pytest
from parking.access.policy import Role
from parking.audit.store import AuditEventRow
from parking.invariants import case_store
from parking.reconciliation.cases import store as cases
from parking.reconciliation.cases.case import may_undo
from parking.reconciliation.cases.store import CaseRow
from sqlalchemy import select, text

from tests.people import browser, desk_client
from tests.reconciliation.scenes import DAY, night_after

PDF = b"%PDF-1.7 berita acara"
ENDING = {"reason": "explained", "document": "BA 12/2026", "note": "Tarif dibayar dua kali"}


@pytest.fixture
def three(scene, clock):
    """The numbers of three open cases of one day: D05 twice, and D16."""
    shift = scene.shift(declared_qris=50_000)
    for amount in (20_000, 30_000):
        scene.payment(scene.charge(shift), amount=amount)
    clock.moment = night_after(DAY) + timedelta(hours=6)
    scene.run()
    return [case.id for case in all_cases(scene)]


@pytest.fixture
def auditor(parts, three):
    return desk_client(parts, Role.AUDITOR, "ratna")


@pytest.fixture
def finance(parts, three):
    return desk_client(parts, Role.FINANCE, "sari")


def all_cases(scene):
    with scene.parts.sessions() as session:
        return [cases.case_of(row) for row in session.scalars(select(CaseRow).order_by(CaseRow.id))]


def act(client, what, ids, **data):
    asked = "&".join(f"case={number}" for number in ids)
    return client.post(f"/audit/cases/act?do={what}&{asked}", data=data)


def test_the_list_counts_what_is_open_and_leads_to_each_case(auditor, three):
    page = auditor.get("/audit/cases").text

    assert all(f'href="/audit/cases/{number}"' in page for number in three)
    assert "1–3 dari 3" in page
    assert "1–1 dari 1" in auditor.get("/audit/cases?code=D16").text
    assert "Tidak ada yang cocok" in auditor.get("/audit/cases?show=mine").text
    csv = auditor.get("/audit/cases?format=csv").text
    assert len(csv.strip().splitlines()) == 4


def test_a_case_tells_what_happened_and_links_each_figure_to_its_evidence(auditor, scene, three):
    first = all_cases(scene)[0]

    page = auditor.get(f"/audit/cases/{first.id}").text

    assert first.explanation in page
    assert f'href="/audit/discrepancies/{first.discrepancy_id}"' in page
    assert f'href="/audit/charges?q={first.ours}"' in page
    assert "Rantai bukti" in page
    facts = dict(re.findall("<dt>([^<]+)</dt><dd>(.*?)</dd>", page))
    for name in ("Nomor di gerbang", "Pembayaran nomor", "Tagihan nomor"):
        assert 'href="' in facts[name], facts
    assert f"/finance/refunds/new?discrepancy={first.discrepancy_id}" in page


def test_many_are_resolved_at_once(auditor, scene, three):
    assert act(auditor, "resolve", three, **ENDING).status_code == 303

    assert {(c.state, c.ended_by, c.document) for c in all_cases(scene)} == {
        ("resolved", "user:ratna", "BA 12/2026")
    }
    assert 'name="case"' not in auditor.get("/audit/cases").text
    assert "1–3 dari 3" in auditor.get("/audit/cases?show=resolved").text


def test_a_complaint_is_linked_by_its_number(auditor, scene, three):
    told = {"document": "LAPOR 9912/2026", "note": "pengemudi diminta Rp5.000"}

    assert act(auditor, "complaint", three[:1], document="x", note="").status_code == 422
    assert act(auditor, "complaint", three[:2], **told).status_code == 303

    for number in three[:2]:
        assert "Pengaduan LAPOR 9912/2026: pengemudi diminta" in page_of(auditor, number)
    assert "LAPOR 9912/2026" not in page_of(auditor, three[2])


def page_of(client, number):
    return client.get(f"/audit/cases/{number}").text


def test_what_one_refuses_is_done_to_none(auditor, scene, three):
    act(auditor, "resolve", three[:1], **ENDING)

    refused = act(auditor, "resolve", three, **ENDING)

    assert refused.status_code == 409
    assert "Tidak ada yang diubah" in refused.text
    assert [c.is_open for c in all_cases(scene)] == [False, True, True]


@pytest.mark.parametrize("missing", ["reason", "document", "note"])
def test_nothing_ends_without_a_reason_a_document_and_a_note(auditor, scene, three, missing):
    answer = act(auditor, "resolve", three, **ENDING | {missing: ""})

    assert answer.status_code == 422
    assert all(case.is_open for case in all_cases(scene))


def test_a_case_is_assigned_and_found_by_whom_it_was_given(auditor, finance, scene, three):
    assert act(auditor, "assign", three[:2], assignee="ratna").status_code == 303

    assert [c.assignee for c in all_cases(scene)] == ["ratna", "ratna", None]
    assert "1–2 dari 2" in auditor.get("/audit/cases?show=mine").text
    assert act(auditor, "assign", three, assignee="sari").status_code == 422  # no auditor


def test_a_new_due_date_needs_a_reason_and_an_end(auditor, scene, three):
    before = all_cases(scene)[0].due_on
    later = before + timedelta(days=7)
    assert act(auditor, "due", three[:1], due_on=later, reason="").status_code == 422
    too_late = before + timedelta(days=365)
    assert act(auditor, "due", three[:1], due_on=too_late, reason="menunggu").status_code == 422

    act(auditor, "due", three[:1], due_on=later, reason="Menunggu surat bank")

    assert all_cases(scene)[0].due_on == later
    assert "Menunggu surat bank" in auditor.get(f"/audit/cases/{three[0]}").text


def test_one_takes_back_ones_own_last_step_and_nobody_elses(auditor, parts, scene, three):
    act(auditor, "resolve", three[:1], **ENDING)
    undo = f"/audit/cases/{three[0]}/undo"
    other = desk_client(parts, Role.AUDITOR, "tono")
    assert other.post(undo).status_code == 403

    assert auditor.post(undo).status_code == 303

    (case, *_) = all_cases(scene)
    assert case.is_open
    assert case.document == ""
    assert auditor.post(undo).status_code == 409  # an undone step is not undone


def test_a_day_later_a_step_stays(auditor, clock, scene, three):
    act(auditor, "assign", three[:1], assignee="ratna")
    with scene.parts.sessions() as session:
        last = cases.last_event(session, three[0])

    assert may_undo(last, "user:ratna", clock.now() + timedelta(days=1))
    assert not may_undo(last, "user:ratna", clock.now() + timedelta(days=1, seconds=1))


def attach(client, number, content, title="Berita acara"):
    data = {"title": title, "file": (io.BytesIO(content), "../x.html")}
    return client.post(f"/audit/cases/{number}/evidence", data=data)


def test_evidence_is_kept_as_it_came_and_never_run(auditor, scene, three):
    assert attach(auditor, three[0], PDF).status_code == 303
    with scene.parts.sessions() as session:
        (kept,) = cases.evidence_of(session, three[0])

    served = auditor.get(f"/audit/cases/{three[0]}/evidence/{kept.id}")

    assert served.data == PDF
    assert served.mimetype == "application/pdf"
    assert served.headers["Content-Disposition"].startswith("attachment; filename=kasus-")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert auditor.get(f"/audit/cases/{three[1]}/evidence/{kept.id}").status_code == 404
    assert attach(auditor, three[0], PDF).status_code == 409


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"<html><script>", 422), (b"", 422), (b"%PDF-" + b"x" * (5 * 1024 * 1024), 422),
     (b"%PDF-" + b"x" * (6 * 1024 * 1024), 413)],
    ids=["html", "empty", "too large", "far too large"],
)  # fmt: skip
def test_what_is_no_paper_or_picture_is_refused(auditor, scene, three, content, status):
    assert attach(auditor, three[0], content).status_code == status
    with scene.parts.sessions() as session:
        assert not cases.evidence_of(session, three[0])


def test_a_role_works_on_what_lies_with_it(parts, scene, three):
    finance = desk_client(parts, Role.FINANCE, "sari")

    assert act(finance, "resolve", three[:1], **ENDING).status_code == 403  # D05 is the auditor's
    assert act(finance, "comment", three[:1], note="Bank sudah ditanya").status_code == 303
    assert desk_client(parts, Role.COLLECTOR).get("/audit/cases").status_code == 403
    assert (
        act(desk_client(parts, Role.LEADERSHIP), "comment", three, note="xxxxx").status_code == 403
    )
    assert browser(parts).get("/audit/cases").status_code in (302, 303, 401)


@pytest.mark.fault("F103")
@pytest.mark.parametrize("role", list(Role))
def test_nobody_can_hide_a_case(parts, scene, three, role):
    """No route deletes, and the list without a filter shows as many as there are."""
    client = browser(parts) if role is Role.ATTENDANT else desk_client(parts, role)
    for path in (f"/audit/cases/{three[0]}", "/audit/cases"):
        assert client.delete(path).status_code in (303, 401, 403, 404, 405)
    act(client, "delete", three)

    assert [c.is_open for c in all_cases(scene)] == [True, True, True]
    seen = desk_client(parts, Role.AUDITOR, "lain").get("/audit/cases?show=").text
    assert "1–3 dari 3" in seen
    with scene.parts.sessions() as session:
        for query in (case_store.HIDDEN, case_store.REPLAY, case_store.FIGURES):
            assert session.scalars(text(query)).all() == []


@pytest.mark.fault("F103")
@pytest.mark.parametrize(
    ("done", "query"),
    [
        ("DELETE FROM case_event; DELETE FROM case_file", case_store.HIDDEN),
        ("UPDATE case_file SET state = 'resolved'", case_store.REPLAY),
        ("UPDATE case_file SET amount = 1", case_store.FIGURES),
        ("UPDATE case_file SET due_on = '2030-01-01'", case_store.FIGURES),
    ],
)
def test_a_superuser_who_hides_a_case_is_found(scene, three, superuser, done, query):
    superuser.does(*done.split("; "))

    with scene.parts.sessions() as session:
        assert len(session.scalars(text(query)).all()) == len(three)


def test_every_step_is_in_the_audit_log(auditor, scene, three):
    act(auditor, "assign", three[:1], assignee="ratna")
    act(auditor, "resolve", three[:1], **ENDING)

    with scene.parts.sessions() as session:
        told = [
            e.action for e in session.scalars(select(AuditEventRow).order_by(AuditEventRow.seq))
        ]
    assert [a for a in told if a.startswith("case.")] == [
        "case.follow",
        "case.assign",
        "case.resolve",
    ]


def test_the_pages_of_a_day_say_how_each_case_stands(auditor, three):
    act(auditor, "resolve", three[:1], **ENDING)

    listed = auditor.get(f"/audit/discrepancies?day={DAY}").text
    assert f">{three[0]} Selesai<" in listed
    assert f">{three[1]} Ditelusuri<" in listed
    overview = auditor.get(f"/audit/{DAY}").text
    assert f'<a href="/audit/cases?day={DAY}&amp;code=D05">1</a>' in overview
    assert f'"/audit/cases?day={DAY}"' in auditor.get("/finance/days").text


def test_a_discrepancy_leads_to_its_case(auditor, scene, three):
    (first, *_) = all_cases(scene)

    page = auditor.get(f"/audit/discrepancies/{first.discrepancy_id}").text

    assert f'href="/audit/cases/{first.id}">Kasus {first.id}</a>' in page
    assert f'href="/audit/cases/{first.id}"' in auditor.get(f"/audit/charges/{first.ours}").text


def test_a_refund_that_was_asked_for_stands_on_its_case(auditor, scene, three):
    (first, *_) = all_cases(scene)
    form = {
        "discrepancy": str(first.discrepancy_id), "payment": "", "amount": "18000",
        "reason": "paid_too_much", "note": "Lebih bayar, pengemudi melapor",
    }  # fmt: skip
    answer = auditor.post("/finance/refunds/new", data=form)
    assert answer.status_code == 303

    page = auditor.get(f"/audit/cases/{first.id}").text

    assert f'href="{answer.headers["Location"]}"' in page
