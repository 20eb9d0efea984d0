"""Counting cash that is handed over: the same two steps in the field and at the treasurer's desk.

Whoever counts types what is there before he sees what the giver says, and then confirms
with both amounts before him.
"""

from collections.abc import Callable

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.deposits import handover_store, receive
from parking.deposits.forms import CountForm
from parking.deposits.handover import COUNTED, Handover, Holder, Party, Standing
from parking.money import rupiah_text
from parking.pages.answers import done, form_page
from parking.parts import Parts
from parking.registry.forms import accepted

LARGEST_ID = 2**63 - 1
AN_ID = f"<int(max={LARGEST_ID}):number>"


def is_id(text: str) -> bool:
    """Whether a form's text can be the id of a row."""
    return text.isdecimal() and len(text) < 19


def add_counting(
    routes: Blueprint, parts: Parts, role: Role, party: Party,
    after: Callable[[Handover], tuple[str, str]], back: tuple[str, str],
) -> None:  # fmt: skip
    """A page at …/<number>/count for one role; `after` says what to tell and where to go on."""

    @routes.route(f"/{AN_ID}/count", methods=["GET", "POST"])
    @needs(role)
    def count(number: int) -> Response | str:
        now, me, form = parts.clock.now(), Holder(party, g.actor.id), CountForm()
        with parts.sessions() as session:
            of = handover_store.for_receiver(session, number, me)
            items = handover_store.items(session, number)
            name = handover_store.names(session, [of.giver])[of.giver]
            booked = handover_store.held(session, of.giver)
        if of.standing in COUNTED and not form.is_submitted():
            return done(*after(of))
        shown = {"of": of, "items": items, "name": name, "back": back}
        counted: list[Handover] = []

        def act() -> None:
            with parts.sessions.begin() as session:
                counted.append(
                    receive.receive(
                        session, number, me, form.received.number, form.note.data or "",
                        g.actor.label, now,
                    )
                )  # fmt: skip

        if form.validate_on_submit() and form.seen.data != str(form.received.number):
            if of.standing is Standing.OFFERED:
                return render_template(
                    "deposits/compare.html", form=form, counted=form.received.number,
                    booked=booked, **shown,
                )  # fmt: skip
        elif accepted(form, act):
            return done(*after(counted[0]))
        return form_page("deposits/count.html", form, **shown)


def told(of: Handover, name: str) -> str:
    """What is said after counting."""
    got = f"{rupiah_text(of.received or 0)} dari {name} diterima."
    if not of.difference:
        return got
    return f"{got} Beda {rupiah_text(of.difference)}; pemberi diminta menjawab."
