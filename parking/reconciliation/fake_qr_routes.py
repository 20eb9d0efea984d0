"""/audit/fake-qr: QR codes that drivers were shown, and whether they are ours (D34)."""

from typing import Any

from flask import Blueprint, g, render_template, request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from parking.access.policy import Role, needs
from parking.business_day import WIB, wib
from parking.errors import BadInput
from parking.pages.answers import done, form_page
from parking.pages.listing import Column, arranged, read_ask
from parking.parts import Parts
from parking.qris.inspection import inspect
from parking.reconciliation import evidence_file, rule_store
from parking.reconciliation.report_qr import report_qr
from parking.reconciliation.rule_store import FakeQrRow
from parking.registry import store as registry

DESK = (Role.AUDITOR, Role.SUPERVISOR)
COLUMNS = (
    Column("seen_at", "Terlihat", "Seen", "moment"),
    Column("point", "Titik", "Point", "code"),
    Column("nmid", "NMID"),
    Column("merchant", "Nama merchant", "Merchant"),
    Column("note", "Catatan", "Note", "long", sorts=False),
    Column(
        "photo",
        "Foto",
        "Photo",
        href=lambda r: r["photo"] and f"/audit/fake-qr/{r['id']}/photo",
        sorts=False,
    ),
    Column("noted_by", "Oleh", "By"),
)


class FakeQrForm(FlaskForm):
    seen_at = DateTimeLocalField(
        "Terlihat (WIB) · Seen", [InputRequired("Wajib diisi")], format="%Y-%m-%dT%H:%M"
    )
    point = SelectField("Titik · Point")
    payload = TextAreaField(
        "Isi QR · Payload", [InputRequired("Wajib diisi")],
        description="Teks yang dibaca pemindai QR mana pun, apa adanya",
    )  # fmt: skip
    photo = FileField("Foto · Photo", description="JPEG atau PNG, paling besar 5 MB; tidak wajib")
    note = StringField("Catatan · Note", description="Seperti: pelapor, tempat stikernya")


def add_fake_qrs(routes: Blueprint, parts: Parts) -> None:
    @routes.url_value_preprocessor
    def allow(endpoint: str | None, values: object) -> None:
        """Before anything reads the form: a picture is larger than other requests."""
        if endpoint == "audit.new_fake_qr":
            request.max_content_length = evidence_file.LARGEST + evidence_file.FORM_ROOM

    @routes.get("/fake-qr/<int:report>/photo")
    @needs(*DESK)
    def fake_qr_photo(report: int) -> Response:
        with parts.sessions() as session:
            content, media_type = rule_store.photo_of(session, report)
        return evidence_file.given_out(content, media_type, f"qr-dilaporkan-{report}")

    @routes.get("/fake-qr")
    @needs(*DESK)
    def fake_qrs() -> str | Response:
        ask = read_ask(request, COLUMNS, (), "-seen_at")
        with parts.sessions() as session:
            rows = [
                _row(row, registry.point(session, row.point_id).code)
                for row in rule_store.fake_qrs(session)
            ]
        found = arranged(rows, ask, COLUMNS, (), "Tidak ada QR yang dilaporkan.")
        if ask.wants_csv:
            return found.csv("qr-dilaporkan")
        return render_template("audit/fake_qrs.html", found=found)

    @routes.route("/fake-qr/new", methods=["GET", "POST"])
    @needs(*DESK)
    def new_fake_qr() -> Response:
        now, form = parts.clock.now(), FakeQrForm()
        with parts.sessions() as session:
            points = rule_store.points(session)
        form.point.choices = [SelectChoice(str(id_), label) for id_, label in points]
        if not form.is_submitted():
            form.seen_at.data = wib(now).replace(tzinfo=None)
        if form.validate_on_submit() and _kept(form, parts):
            return done("QR tercatat; dinilai pada rekonsiliasi hari itu.", "/audit/fake-qr")
        return form_page("audit/fake_qr_form.html", form, back=("/audit/fake-qr", "QR dilaporkan"))


def _kept(form: Any, parts: Parts) -> bool:
    seen_at = form.seen_at.data.replace(tzinfo=WIB)
    try:
        with parts.sessions.begin() as session:
            report_qr(
                session, seen_at, int(form.point.data), form.payload.data, form.note.data or "",
                form.photo.data.read() if form.photo.data else b"", g.actor.label,
                parts.clock.now(),
            )  # fmt: skip
    except BadInput as error:
        for name, why in error.problems.items():
            form[name].errors = [*form[name].errors, why]
        return False
    return True


def _row(row: FakeQrRow, point: str) -> dict[str, Any]:
    fields = inspect(row.payload).fields
    return {
        "seen_at": row.seen_at, "point": point, "nmid": fields.get("nmid", "tidak terbaca"),
        "merchant": fields.get("merchant_name", ""), "note": row.note,
        "id": row.id, "photo": "Lihat" if row.photo_type else "",
        "noted_by": row.noted_by.removeprefix("user:"),
    }  # fmt: skip
