"""/admin/bank-accounts: the accounts whose statements are read."""

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField

from parking.access.policy import Role, needs
from parking.business_day import business_day
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.registry.forms import NEEDED, Day, EndForm, Text, accepted, options
from parking.registry.rules import NewBankAccount
from parking.statements import bank_store, keep_accounts
from parking.statements.bank_store import BankAccount
from parking.statements.words import ACCOUNT_KIND

COLUMNS = (
    Column("code", "Kode", "Code", href=lambda row: f"/finance/statements/accounts/{row['code']}"),
    Column("bank", "Bank"),
    Column("number", "Nomor", "Number", "code"),
    Column("name", "Atas nama", "Name"),
    Column("kind_text", "Jenis", "Kind"),
    Column("valid_from", "Dibaca dari", "Read from", "day"),
    Column("state", "Keadaan", "State", tone=lambda row: row["tone"]),
)
BACK = ("/admin/bank-accounts", "Rekening bank")


class BankAccountForm(FlaskForm):
    code = Text("Kode · Code", description="Nama folder dan pemetaannya, seperti rkud")
    bank = Text("Bank")
    number = Text("Nomor rekening · Number", description="Seperti tertulis di rekening koran")
    name = Text("Atas nama · Name")
    kind = SelectField("Jenis · Kind", choices=options(ACCOUNT_KIND.items()))
    valid_from = Day(
        "Dibaca dari · Read from", [NEEDED],
        description="Sejak hari ini rekening koran setiap hari kerja ditunggu",
    )  # fmt: skip


def bank_accounts(parts: Parts) -> Blueprint:
    pages = Blueprint(
        "bank_accounts", "parking.statements", url_prefix="/admin/bank-accounts",
        template_folder="templates",
    )  # fmt: skip
    _list(pages, parts)
    _new(pages, parts)
    _end(pages, parts)
    return pages


def _list(pages: Blueprint, parts: Parts) -> None:
    @pages.get("")
    @needs(Role.ADMIN)
    def accounts() -> str | Response:
        today, ask = business_day(parts.clock.now()), read_ask(request, COLUMNS, sort="code")
        with parts.sessions() as session:
            rows = [_row(account, today) for account in bank_store.accounts(session)]
        found = arranged(rows, ask, COLUMNS, empty="Belum ada rekening bank.")
        if ask.wants_csv:
            return found.csv("rekening-bank")
        return render_template("admin/bank_accounts.html", found=found)


def _row(account: BankAccount, today: date) -> dict[str, Any]:
    ended = account.ended_on is not None and account.ended_on < today
    state = "Berakhir" if ended else "Dibaca"
    if account.ended_on is not None and not ended:
        state = f"Sampai {account.ended_on:%d-%m-%Y}"
    return asdict(account) | {
        "kind_text": ACCOUNT_KIND[account.kind],
        "state": state,
        "tone": "secondary" if ended else "success",
        "may_end": account.ended_on is None,
    }


def _new(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/new", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def new_account() -> Response:
        now, form = parts.clock.now(), BankAccountForm()
        if not form.is_submitted():
            form.valid_from.data = business_day(now)

        def act() -> None:
            new = NewBankAccount(
                form.code.data, form.bank.data, form.number.data.upper(), form.name.data,
                form.kind.data, form.valid_from.data,
            )  # fmt: skip
            with parts.sessions.begin() as session:
                keep_accounts.add(session, new, g.actor.label, now)

        if accepted(form, act):
            return done(f"Rekening {form.code.data} tercatat.", BACK[0])
        return form_page(
            "admin/form.html", form, title="Rekening bank baru", english="New bank account",
            back=BACK, submit="Simpan rekening",
        )  # fmt: skip


def _end(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/<code>/end", methods=["GET", "POST"])
    @needs(Role.ADMIN)
    def end_account(code: str) -> Response:
        now, form = parts.clock.now(), EndForm()
        with parts.sessions() as session:
            found = bank_store.account(session, code)

        def act() -> None:
            with parts.sessions.begin() as session:
                keep_accounts.end(
                    session, code, form.last_day.data, form.reason.data.strip(), g.actor.label, now
                )

        if accepted(form, act):
            return done(f"Hari terakhir rekening {code} tercatat.", BACK[0])
        return form_page(
            "admin/end.html", form, title=f"Akhiri rekening {code}", english="End bank account",
            back=BACK,
            effects=[
                f"Rekening koran {found.bank} {found.number} sesudah hari terakhir tidak ditunggu.",
                "Rekening koran yang masih datang tetap diterima.",
            ],
            submit="Akhiri rekening",
        )  # fmt: skip
