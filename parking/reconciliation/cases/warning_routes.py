"""/field/warnings: letters that the rule proposes, and the register of those that were issued."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from parking.access.policy import Role, needs
from parking.pages.answers import done, form_page
from parking.pages.listing import Choice, Column, arranged, read_ask
from parking.parts import Parts
from parking.reconciliation.cases import forms, warn
from parking.reconciliation.cases.warning import HIGHEST, Standing
from parking.reconciliation.cases.words import actor_text
from parking.reconciliation.cases.work import Worker
from parking.registry.forms import accepted

MAY_READ = (Role.SUPERVISOR, Role.AUDITOR, Role.LEADERSHIP)
MAY_ISSUE = (Role.SUPERVISOR,)
PAGE = "/field/warnings"
TEXT = {"proposed": "Diusulkan", "issued": "Diterbitkan", "dropped": "Tidak jadi"}
TONE = {"proposed": "warning", "issued": "danger", "dropped": "secondary"}
COLUMNS = (
    Column("level_text", "Surat", "Letter"),
    Column("badge", "Kartu", "Badge", "code"),
    Column("name", "Juru parkir", "Attendant"),
    Column("rule", "Dasar", "Ground", "long"),
    Column("proposed_on", "Diusulkan", "Proposed", "day"),
    Column("standing_text", "Keadaan", "State", tone=lambda w: TONE[w["standing"]]),
    Column("number", "Nomor surat", "Number"),
    Column("decided_by", "Oleh", "By"),
    Column("why", "Alasan", "Reason", "long"),
)
STATE = Choice("state", "Keadaan · State", [("", "Semua"), *TEXT.items()])
Who = Callable[[], Worker]


def add_warnings(routes: Blueprint, parts: Parts, who: Who) -> None:
    _register(routes, parts)
    _decisions(routes, parts, who)


def _register(routes: Blueprint, parts: Parts) -> None:
    @routes.get(PAGE)
    @needs(*MAY_READ)
    def warnings() -> str | Response:
        ask = read_ask(request, COLUMNS, (STATE,), "-proposed_on")
        with parts.sessions() as session:
            rows = [_row(*each) for each in warn.register(session)]
        rows = [row for row in rows if ask.chosen["state"] in ("", row["standing"])]
        empty = "Belum ada peringatan. Yang diusulkan menurut aturan muncul di sini."
        found = arranged(rows, ask, COLUMNS, (STATE,), empty)
        if ask.wants_csv:
            return found.csv("peringatan")
        return render_template(
            "cases/warnings.html", found=found, may_issue=g.actor.role in MAY_ISSUE
        )


def _row(of: Any, badge: str, name: str) -> dict[str, Any]:
    return {
        "id": of.id, "level_text": f"SP{of.level}", "badge": badge, "name": name,
        "rule": of.rule, "proposed_on": of.proposed_on, "standing": of.standing,
        "standing_text": TEXT[of.standing], "number": of.number, "why": of.why,
        "decided_by": actor_text(of.decided_by) if of.decided_by else "",
        "is_proposed": of.standing == Standing.PROPOSED,
    }  # fmt: skip


def _decisions(routes: Blueprint, parts: Parts, who: Who) -> None:
    @routes.route(f"{PAGE}/<int:which>/issue", methods=["GET", "POST"])
    @needs(*MAY_ISSUE)
    def issue_warning(which: int) -> AnyResponse:
        form = forms.NumberForm()
        return _decided(parts, which, form, form.number, warn.issue, who, "Terbitkan", "Issue")

    @routes.route(f"{PAGE}/<int:which>/drop", methods=["GET", "POST"])
    @needs(*MAY_ISSUE)
    def drop_warning(which: int) -> AnyResponse:
        form = forms.WhyForm()
        return _decided(parts, which, form, form.why, warn.drop, who, "Batalkan usulan", "Drop")


def _decided(
    parts: Parts, which: int, form: Any, field: Any, decide: Callable[..., None], who: Who,
    title: str, english: str,
) -> AnyResponse:  # fmt: skip
    with parts.sessions() as session:
        warning, badge, name = warn.by_id(session, which)

    def act() -> None:
        with parts.sessions.begin() as session:
            decide(session, which, field.data or "", who(), parts.clock.now())

    if accepted(form, act):
        return done(f"SP{warning.level} untuk {badge}: dicatat.", PAGE)
    effects = [f"SP{warning.level} untuk {badge} {name}. Dasar: {warning.rule}."]
    if warning.level == HIGHEST:
        effects.append("Sesudah surat ketiga juru parkir dapat diberhentikan.")
    return form_page(
        "cases/form.html", form, case=None, title=f"{title} SP{warning.level}", english=english,
        button=title, back=PAGE, effects=effects,
    )  # fmt: skip
