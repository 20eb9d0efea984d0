"""Proposals at a desk: written at a case, decided at /finance/cases/approvals by another person."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, render_template
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.errors import Conflict
from parking.ledger.entry import Posting
from parking.money import rupiah_text
from parking.pages.answers import done, form_page
from parking.parts import Parts
from parking.reconciliation.cases import forms, page_store, propose, store, words, work
from parking.reconciliation.cases import proposal as proposals
from parking.reconciliation.cases.case import Case
from parking.reconciliation.cases.forms import CorrectionForm, SideForm
from parking.reconciliation.cases.proposal import Correction, Terms, WriteOff
from parking.reconciliation.cases.work import Worker
from parking.reconciliation.lists_store import badges
from parking.reconciliation.words import ACCOUNT_TEXT
from parking.registry.forms import accepted, options

MAY_DECIDE = (Role.AUDITOR, Role.FINANCE, Role.TREASURER)
SECOND = "Tidak ada yang berubah sebelum orang lain, dari sesi lain, menyetujui."
Who = Callable[[], Worker]
TermsOf = Callable[[Session, Case], Terms]


def add_proposals(routes: Blueprint, parts: Parts, who: Who) -> None:
    _write_off(routes, parts, who)
    _re_attribution(routes, parts, who)
    _correction(routes, parts, who)
    _approvals(routes, parts, who)
    _refusals(routes, parts, who)


def _write_off(routes: Blueprint, parts: Parts, who: Who) -> None:
    @routes.route("/audit/cases/<int:number>/write-off", methods=["GET", "POST"])
    @needs(*work.ROLES)
    def propose_write_off(number: int) -> Response:
        form = forms.WriteOffForm()
        case = _case(parts, number)
        effects = [f"{rupiah_text(case.amount)} dihapuskan dan kasus ini berakhir.", SECOND]
        return _proposed(
            parts, case, form, lambda session, case: WriteOff(case.amount), who,
            title="Usulkan penghapusan", english="Propose a write-off", effects=effects,
        )  # fmt: skip


def _re_attribution(routes: Blueprint, parts: Parts, who: Who) -> None:
    @routes.route("/audit/cases/<int:number>/re-attribution", methods=["GET", "POST"])
    @needs(*work.ROLES)
    def propose_re_attribution(number: int) -> Response:
        form = forms.ReAttributionForm()
        case = _case(parts, number)
        with parts.sessions() as session:
            form.to_badge.choices = options([("", "–"), *badges(session)])
        if not form.is_submitted() and case.ours:
            form.thing.data = f"charge:{case.ours}"
        effects = ["Bagian jukir pindah; pengawas memberi tahu kedua jukir.", SECOND]
        return _proposed(
            parts, case, form,
            lambda session, _: propose.re_attribution(
                session, form.thing.data or "", form.to_badge.data
            ),
            who,
            title="Usulkan pengalihan", english="Propose a re-attribution", effects=effects,
        )  # fmt: skip


def _correction(routes: Blueprint, parts: Parts, who: Who) -> None:
    @routes.route("/audit/cases/<int:number>/correction", methods=["GET", "POST"])
    @needs(*work.ROLES)
    def propose_correction(number: int) -> Response:
        form, sides = CorrectionForm(), forms.side_forms()
        case = _case(parts, number)
        if not form.is_submitted():
            form.day.data = case.last_day
        return _proposed(
            parts, case, form, lambda session, _: _terms(session, form, sides), who,
            title="Usulkan koreksi buku", english="Propose a correction", sides=sides,
            effects=["Jurnal hari ini dibukukan; yang sudah dibukukan tidak berubah.", SECOND],
        )  # fmt: skip


def _terms(session: Session, form: CorrectionForm, sides: list[SideForm]) -> Correction:
    """Raises BadInput."""
    found = tuple(_side(session, side) for side in sides if side.is_filled)
    return Correction(form.day.data, found)


def _side(session: Session, side: SideForm) -> Posting:
    account = side.account.data or ""
    holder = propose.holder_id(session, account, side.holder.data or "")
    return proposals.side(account, holder, side.amount)


def _case(parts: Parts, number: int) -> Case:
    with parts.sessions() as session:
        return store.by_id(session, number)


def _proposed(
    parts: Parts, case: Case, form: Any, terms_of: TermsOf, who: Who, **shown: Any
) -> Response:
    back = f"/audit/cases/{case.id}"
    if not case.is_open:
        raise Conflict(f"Kasus {case.id} sudah berakhir: tidak ada yang diusulkan lagi")

    def act() -> None:
        with parts.sessions.begin() as session:
            propose.propose(
                session, case.id, terms_of(session, case), form.reason.data or "",
                form.document.data or "", who(), parts.clock.now(),
            )  # fmt: skip

    if accepted(form, act):
        return done("Diusulkan. Orang lain yang memutuskan.", back)
    return form_page("cases/form.html", form, case=case, button="Usulkan", back=back, **shown)


def _approvals(routes: Blueprint, parts: Parts, who: Who) -> None:
    @routes.get("/finance/cases/approvals")
    @needs(*MAY_DECIDE)
    def approvals() -> str:
        with parts.sessions() as session:
            lines = [page_store.line_of(session, p) for p in propose.waiting(session)]
        return render_template(
            "cases/approvals.html", lines=lines, words=words, accounts=ACCOUNT_TEXT,
            me=g.actor.label,
        )  # fmt: skip

    @routes.post("/finance/cases/approvals/<int:which>/approve")
    @needs(*MAY_DECIDE)
    def approve(which: int) -> Response:
        with parts.sessions.begin() as session:
            found = propose.approve(session, which, who(), parts.clock.now())
        return done("Disetujui: kasus ini berakhir.", f"/audit/cases/{found.case_id}")


def _refusals(routes: Blueprint, parts: Parts, who: Who) -> None:
    @routes.route("/finance/cases/approvals/<int:which>/reject", methods=["GET", "POST"])
    @needs(*MAY_DECIDE)
    def reject(which: int) -> Response:
        return _refused(parts, which, propose.reject, who, "Tolak usulan", "Reject")

    @routes.route("/audit/cases/proposals/<int:which>/withdraw", methods=["GET", "POST"])
    @needs(*work.ROLES)
    def withdraw(which: int) -> Response:
        return _refused(parts, which, propose.withdraw, who, "Tarik usulan", "Withdraw")


def _refused(
    parts: Parts, which: int, end: Callable[..., Any], who: Who, title: str, english: str
) -> Response:
    form: FlaskForm = forms.WhyForm()
    with parts.sessions() as session:
        case = store.by_id(session, propose.by_id(session, which).case_id)
    back = f"/audit/cases/{case.id}"
    if not case.is_open:
        raise Conflict(f"Kasus {case.id} sudah berakhir: tidak ada yang diusulkan lagi")

    def act() -> None:
        with parts.sessions.begin() as session:
            end(session, which, form["why"].data or "", who(), parts.clock.now())

    if accepted(form, act):
        return done(f"{title}: dicatat. Kasus tetap ditelusuri.", back)
    return form_page(
        "cases/form.html", form, case=case, title=title, english=english, button=title, back=back,
        effects=[],
    )  # fmt: skip
