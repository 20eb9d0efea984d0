"""/audit/cases: who traces what, by when, on which evidence, and what is done about it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from parking.access.policy import Role, needs
from parking.access.users import everybody
from parking.business_day import business_day
from parking.errors import BadInput, NotFound
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, DayChoice, Filter, Listing, read_ask
from parking.parts import Parts
from parking.reconciliation import evidence_file
from parking.reconciliation import words as desk_words
from parking.reconciliation.cases import case as cases
from parking.reconciliation.cases import forms, lists_store, page_store, store, words, work
from parking.reconciliation.cases.case import Case
from parking.reconciliation.cases.lists_store import CaseAsk
from parking.reconciliation.cases.proposal_routes import MAY_DECIDE, add_proposals
from parking.reconciliation.cases.warning_routes import add_warnings
from parking.reconciliation.cases.work import Worker
from parking.reconciliation.catalogue import CATALOGUE, SEVERITY_TEXT
from parking.reconciliation.lists_store import badges
from parking.reconciliation.words import ACCOUNT_TEXT
from parking.registry.forms import accepted, options

MAY_READ = (
    Role.AUDITOR, Role.FINANCE, Role.TREASURER, Role.SUPERVISOR, Role.ADMIN, Role.LEADERSHIP,
)  # fmt: skip
MAY_WORK = work.ROLES

SHOW = Choice(
    "show", "Tampilkan · Show",
    [
        ("open", "Ditelusuri"), ("mine", "Tugas saya"), ("overdue", "Lewat batas"),
        ("escalated", "Naik ke atasan"), ("resolved", "Selesai"), ("written_off", "Dihapuskan"),
        ("", "Semua"),
    ],
    "open",
)  # fmt: skip
COLUMNS = (
    Column("id", "Kasus", "Case", "count", href=lambda c: f"/audit/cases/{c.id}"),
    Column("code", "Kode", "Code"),
    Column("severity_text", "Bobot", "Severity",
           tone=lambda c: "danger" if c.is_grave else "secondary"),
    Column("explanation", "Apa yang terjadi", "What happened", "long", sorts=False),
    Column("amount", "Nominal", "Amount", "rupiah"),
    Column("state_text", "Keadaan", "State", sorts=False,
           tone=lambda c: words.STATE_TONE[c.case.state]),
    Column("owner_text", "Pemilik", "Owner", sorts=False),
    Column("assignee", "Petugas", "Assignee", sorts=False),
    Column("due_on", "Batas", "Due", "day", tone=lambda c: "danger" if c.is_overdue else None),
    Column("first_day", "Hari", "Day", "day"),
    Column("badge", "Jukir", "Attendant", "code", sorts=False),
)  # fmt: skip
DOING = {  # what can be done with one case or many: title, English, button
    "assign": ("Tugaskan", "Assign", "Tugaskan"),
    "comment": ("Catat", "Comment", "Simpan catatan"),
    "complaint": ("Tautkan pengaduan", "Link a complaint", "Tautkan"),
    "due": ("Ubah batas", "Change due date", "Ubah batas"),
    "resolve": ("Selesaikan", "Resolve", "Selesaikan"),
}


def worker() -> Worker:
    """Who sits at this browser."""
    return Worker(g.actor.label, g.actor.role.value, g.actor.session_hash.hex())


def case_desk(parts: Parts) -> Blueprint:
    routes = Blueprint(
        "cases", "parking.reconciliation.cases", template_folder="templates",
        static_folder="static", static_url_path="/audit/cases/static",
    )  # fmt: skip
    _larger_uploads(routes)
    _list(routes, parts)
    _act(routes, parts)
    _one(routes, parts)
    _evidence(routes, parts)
    add_proposals(routes, parts, worker)
    add_warnings(routes, parts, worker)
    return routes


def _larger_uploads(routes: Blueprint) -> None:
    @routes.url_value_preprocessor
    def allow(endpoint: str | None, values: object) -> None:
        """Before anything reads the form: evidence is larger than other requests."""
        if endpoint == "cases.attach":
            request.max_content_length = evidence_file.LARGEST + evidence_file.FORM_ROOM


def _list(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/audit/cases")
    @needs(*MAY_READ)
    def every() -> str | Response:
        today, me = business_day(parts.clock.now()), g.actor.username
        with parts.sessions() as session:
            filters: list[Filter] = [
                SHOW,
                Choice("code", "Kode", [("", "Semua"), *_codes()]),
                Choice("severity", "Bobot", [("", "Semua"), *_texts(SEVERITY_TEXT)]),
                Choice("owner", "Pemilik", [("", "Semua"), *_texts(words.ROLE_TEXT)]),
                Choice("attendant", "Jukir", [("", "Semua"), *badges(session)]),
                DayChoice("day", "Hari"),
            ]
            asked = read_ask(request, COLUMNS, filters, "severity_text")
            chosen = {key: value for key, value in asked.chosen.items() if key != "day"}
            rows = lists_store.cases(
                CaseAsk(
                    **chosen, day=asked.day("day"), text=asked.search, sort=asked.sort,
                    descending=asked.descending, me=me, today=today,
                )
            )  # fmt: skip
            lines, total = rows.part(session, asked.offset, asked.limit)
            counts = lists_store.counts(session, me, today)
        empty = "Tidak ada kasus: semua yang ditemukan sudah selesai."
        listing = Listing(COLUMNS, lines, total, asked, filters, empty)
        if asked.wants_csv:
            return listing.csv("kasus")
        return render_template(
            "cases/list.html", of=listing, counts=counts, doing=DOING,
            may_work=g.actor.role in MAY_WORK,
            may_approve=g.actor.role in MAY_DECIDE,
        )  # fmt: skip


def _codes() -> list[tuple[str, str]]:
    return [(code, f"{code} {kind.name}") for code, kind in CATALOGUE.items()]


def _texts(texts: Any) -> list[tuple[str, str]]:
    return [(str(value), text) for value, text in texts.items() if value != "system"]


def _act(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/audit/cases/act", methods=["GET", "POST"])
    @needs(*MAY_WORK)
    def act() -> AnyResponse:
        """Do the same with every case that was chosen, or with none: ?do=assign&case=1&case=2"""
        asked, ids = request.args.get("do", ""), _chosen()
        if asked not in DOING:
            raise NotFound("Tidak ada tindakan itu")
        with parts.sessions() as session:
            chosen = [store.by_id(session, number) for number in ids]
            form = _form_of(session, asked, chosen)
        back = f"/audit/cases/{ids[0]}" if len(ids) == 1 else "/audit/cases"

        def do() -> None:
            with parts.sessions.begin() as session:
                _do(session, asked, ids, form, parts)

        title, english, button = DOING[asked]
        if accepted(form, do):
            return done(f"{title}: {len(ids)} kasus.", back)
        return form_page(
            "cases/act.html", form, title=title, english=english, button=button, chosen=chosen,
            total=sum(c.amount for c in chosen), back=back, words=words,
        )  # fmt: skip


def _chosen() -> list[int]:
    """Raises BadInput when none is, or too many."""
    asked = list(dict.fromkeys(request.args.getlist("case")))
    if not 1 <= len(asked) <= work.MOST_AT_ONCE:
        raise BadInput(f"Pilih 1 sampai {work.MOST_AT_ONCE} kasus")
    if not all(n.isdecimal() and len(n) < 19 for n in asked):
        raise NotFound("Tidak ada kasus itu")
    return [int(n) for n in asked]


def _form_of(session: Session, asked: str, chosen: Sequence[Case]) -> FlaskForm:
    if asked == "comment":
        return forms.CommentForm()
    if asked == "complaint":
        return forms.ComplaintForm()
    if asked == "due":
        return forms.DueForm()
    if asked == "resolve":
        return forms.ResolveForm()
    form = forms.AssignForm()
    able = [
        u for u in everybody(session)
        if u.ended_at is None and u.role in work.WORKING
        and all(cases.may_act(c, u.role, work.owner_of(c)) for c in chosen)
    ]  # fmt: skip
    form.assignee.choices = options((u.username, f"{u.name} ({u.username})") for u in able)
    if not form.is_submitted() and any(u.username == g.actor.username for u in able):
        form.assignee.data = g.actor.username
    return form


def _do(session: Session, asked: str, ids: Sequence[int], form: Any, parts: Parts) -> None:
    who, now = worker(), parts.clock.now()
    if asked == "assign":
        work.assign(session, ids, form.assignee.data or "", who, now)
    elif asked == "comment":
        work.comment(session, ids, form.note.data or "", who, now)
    elif asked == "complaint":
        work.link_complaint(session, ids, form.document.data or "", form.note.data or "", who, now)
    elif asked == "due":
        work.change_due(session, ids, form.due_on.data, form.reason.data or "", who, now)
    else:
        work.resolve(
            session, ids, form.reason.data, form.document.data or "", form.note.data or "", who,
            now,
        )  # fmt: skip


def _one(routes: Blueprint, parts: Parts) -> None:
    @routes.get("/audit/cases/<int:number>")
    @needs(*MAY_READ)
    def one(number: int) -> str:
        with parts.sessions() as session:
            page = page_store.page_of(session, number, business_day(parts.clock.now()))
        return _shown(page, parts, forms.CommentForm())

    @routes.post("/audit/cases/<int:number>/undo")
    @needs(*MAY_WORK)
    def undo(number: int) -> AnyResponse:
        with parts.sessions.begin() as session:
            work.undo(session, number, worker(), parts.clock.now())
        return done("Langkah terakhir Anda dibatalkan.", f"/audit/cases/{number}")


def _shown(page: Any, parts: Parts, comment: Any) -> str:
    case, role = page.case, g.actor.role.value
    may_work = g.actor.role in MAY_WORK and cases.may_act(case, role, work.owner_of(case))
    return render_template(
        "cases/one.html", page=page, case=case, words=words, desk_words=desk_words, doing=DOING,
        accounts=ACCOUNT_TEXT, comment=comment, today=business_day(parts.clock.now()),
        me=g.actor.label, may_work=may_work, may_comment=g.actor.role in MAY_WORK,
        may_undo=cases.may_undo(page.events[-1], g.actor.label, parts.clock.now()),
        may_approve=g.actor.role in MAY_DECIDE,
        may_refund=g.actor.role in (Role.AUDITOR, Role.FINANCE),
        waiting=any(line.proposal.standing == "proposed" for line in page.proposals),
    )  # fmt: skip


def _evidence(routes: Blueprint, parts: Parts) -> None:
    @routes.route("/audit/cases/<int:number>/evidence", methods=["GET", "POST"])
    @needs(*MAY_WORK)
    def attach(number: int) -> AnyResponse:
        form = forms.EvidenceForm()
        with parts.sessions() as session:
            case = store.by_id(session, number)

        def act() -> None:
            with parts.sessions.begin() as session:
                work.attach(
                    session, number, form.title.data or "", form.file.data.read(), worker(),
                    parts.clock.now(),
                )  # fmt: skip

        if accepted(form, act):
            return done("Bukti dilampirkan.", f"/audit/cases/{number}")
        return form_page("cases/attach.html", form, case=case)

    @routes.get("/audit/cases/<int:number>/evidence/<int:which>")
    @needs(*MAY_READ)
    def evidence(number: int, which: int) -> Response:
        with parts.sessions() as session:
            kept = store.evidence(session, number, which)
            content, media_type = kept.content, kept.media_type
        return evidence_file.given_out(content, media_type, f"kasus-{number}-bukti-{which}")
