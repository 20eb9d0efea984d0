"""The forms of the refund pages."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField

from parking.refunds.words import REASON_TEXT
from parking.registry.forms import NEEDED, Number, Text, options


class WishForm(FlaskForm):
    amount = Number("Jumlah · Amount", [NEEDED])
    reason = SelectField(
        "Sebab · Reason", [NEEDED], choices=options((r.value, t) for r, t in REASON_TEXT.items())
    )
    note = TextAreaField(
        "Penjelasan · Explanation", [NEEDED],
        description="Apa yang terjadi, dan siapa yang meminta. Tanpa nama atau nomor pengemudi",
        render_kw={"rows": 5},
    )  # fmt: skip
    payment = HiddenField()
    discrepancy = HiddenField()


class RejectForm(FlaskForm):
    why = TextAreaField("Alasan · Reason", [NEEDED], render_kw={"rows": 4})


class TransferForm(FlaskForm):
    document = Text(
        "Nomor dokumen · Document number", [NEEDED],
        description="Seperti nomor SP2D atau bukti transfer bank",
    )  # fmt: skip


class UnansweredForm(TransferForm):
    """Of a refund that the gateway was asked for and has not answered."""

    why = TextAreaField(
        "Alasan · Reason", [NEEDED],
        description="Mengapa tidak menunggu gerbang, dan siapa di sana yang sudah ditanya",
        render_kw={"rows": 4},
    )  # fmt: skip
