"""The forms of the pages about cash."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Optional

from parking.registry.forms import NEEDED, Number, Text


class CountForm(FlaskForm):
    received = Number("Jumlah yang Anda hitung, rupiah · Counted", [NEEDED])
    note = Text("Catatan (boleh kosong) · Note", [Optional()])
    seen = HiddenField()  # the count that was looked at beside what the giver says


class HandOnForm(FlaskForm):
    given = Number("Jumlah yang disetor, rupiah · Amount", [NEEDED])
    key = HiddenField()  # of this page: sent twice, it is one handover


class ReasonForm(FlaskForm):
    reason = TextAreaField("Alasan · Reason", [NEEDED])
