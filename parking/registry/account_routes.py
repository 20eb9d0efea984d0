"""/admin/accounts: our accounts at gateways. Their keys are in the environment, never here."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from config.gateways import GATEWAYS
from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.registry import add, desk_store, end
from parking.registry.forms import AccountForm, EndForm, FeeForm, accepted, options
from parking.registry.lines import AccountLine, Standing, timeline
from parking.registry.rules import NewAccount, NewFee
from parking.registry.words import STANDING_TEXT, STANDING_TONE

COLUMNS = (
    Column("label", "Akun", "Account", href=lambda row: f"/admin/accounts/{row['id']}"),
    Column("name", "Nama pedagang", "Merchant name"),
    Column("nmid", "NMID"),
    Column("environment", "Lingkungan", "Environment", tone=lambda row: row["environment_tone"]),
    Column("key", "Kunci", "Key", tone=lambda row: row["key_tone"]),
    Column("fee_bps", "MDR", "Fee", "percent"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)


def add_accounts(pages: Blueprint, parts: Parts) -> None:
    _list(pages, parts)
    _new(pages, parts)
    _one(pages, parts)
    _fee(pages, parts)
    _end(pages, parts)


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/accounts")
    @needs(Role.ADMIN)
    def accounts() -> str | Response:
        today = business_day(parts.clock.now())
        with parts.sessions() as session:
            lines = desk_store.accounts(session, today)
        keys, ask = parts.settings.gateway_keys, read_ask(request, COLUMNS, sort="label")
        rows = [_row(line, line.standing(today), keys) for line in lines]
        found = arranged(rows, ask, COLUMNS, empty="Belum ada akun merchant.")
        return found.csv("akun") if ask.wants_csv else _page("admin/accounts.html", found)


def _page(template: str, found: object) -> str:
    return render_template(template, found=found)


def _row(
    line: AccountLine, standing: Standing, keys: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    count = len(keys.get(line.key_name, ()))
    return asdict(line) | {
        "label": line.label,
        "key": f"{count} terpasang" if count else "belum terpasang",
        "key_tone": "success" if count else "danger",
        "environment_tone": "info" if line.environment == "production" else "secondary",
        "state": STANDING_TEXT[standing],
        "tone": STANDING_TONE[standing],
    }


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/accounts/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_account() -> Response:
        now, form = parts.clock.now(), AccountForm()
        form.gateway.choices = options((name, name) for name in GATEWAYS)
        if not form.is_submitted():
            form.valid_from.data = business_day(now)
        added: list[int] = []

        def act() -> None:
            with parts.sessions.begin() as session:
                new, actor = _read(form), g.actor.label
                added.append(add.account(session, new, tuple(GATEWAYS), actor, now))

        if accepted(form, act, {"fee_bps": "fee"}):
            return done(
                f"Akun {form.gateway.data}/{form.account.data} tercatat.",
                f"/admin/accounts/{added[0]}",
            )
        return form_page(
            "admin/form.html", form, title="Akun merchant baru", english="New merchant account",
            back=("/admin/accounts", "Akun merchant"), submit="Simpan akun",
        )  # fmt: skip


def _read(form: AccountForm) -> NewAccount:
    return NewAccount(
        form.gateway.data, form.account.data, form.merchant_id.data, form.nmid.data,
        form.pan.data, form.name.data, form.city.data, form.environment.data,
        form.key_name.data, form.valid_from.data, form.fee.bps, form.contract.data,
        form.settles_in.number,
    )  # fmt: skip


def _one(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/accounts/<int:account_id>")
    @needs(Role.ADMIN)
    def account(account_id: int) -> str:
        today, settings = business_day(parts.clock.now()), parts.settings
        with parts.sessions() as session:
            found = desk_store.account(session, account_id, today)
            fees = desk_store.fees(session, account_id)
        return render_template(
            "admin/account.html", found=found, fees=timeline(fees, today),
            keys=len(settings.gateway_keys.get(found.key_name, ())),
            callback=f"{settings.public_url}/callbacks/{found.gateway}/{found.account}",
            texts=STANDING_TEXT, tones=STANDING_TONE,
        )  # fmt: skip


def _fee(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/accounts/<int:account_id>/fees/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_fee(account_id: int) -> Response:
        now, form = parts.clock.now(), FeeForm()
        with parts.sessions() as session:
            found = desk_store.account(session, account_id, business_day(now))

        def act() -> None:
            new = NewFee(
                form.fee.bps,
                form.valid_from.data,
                form.contract.data,
                form.is_back_dated.data,
                form.settles_in.number,
            )
            with parts.sessions.begin() as session:
                add.fee(session, account_id, new, g.actor.label, now)

        if accepted(form, act, {"fee_bps": "fee"}):
            return done("Biaya tercatat.", f"/admin/accounts/{account_id}")
        return form_page(
            "admin/form.html", form, title=f"Biaya baru untuk {found.label}", english="New fee",
            back=(f"/admin/accounts/{account_id}", found.label), submit="Simpan biaya",
        )  # fmt: skip


def _end(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/accounts/<int:account_id>/end", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def end_account(account_id: int) -> Response:
        now, form = parts.clock.now(), EndForm()
        with parts.sessions() as session:
            found = desk_store.account(session, account_id, business_day(now))

        def act() -> None:
            with parts.sessions.begin() as session:
                end.account(
                    session, account_id, form.last_day.data, form.reason.data.strip(),
                    g.actor.label, now,
                )  # fmt: skip

        if accepted(form, act):
            return done(f"Hari terakhir {found.label} tercatat.", f"/admin/accounts/{account_id}")
        return form_page(
            "admin/end.html", form, title=f"Akhiri akun {found.label}", english="End account",
            back=(f"/admin/accounts/{account_id}", found.label),
            effects=[
                "Sesudah hari terakhir tidak ada QR baru lewat akun ini.",
                "Pembayaran dan laporan yang datang kemudian tetap diterima.",
            ],
            submit="Akhiri akun",
        )  # fmt: skip
