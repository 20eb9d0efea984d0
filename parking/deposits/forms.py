"""The forms of the pages about cash."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField, TimeField
from wtforms.validators import Optional

from parking.registry.facts import VEHICLE_TEXT
from parking.registry.forms import NEEDED, Day, Number, Text, options


class CountForm(FlaskForm):
    received = Number("Jumlah yang Anda hitung, rupiah · Counted", [NEEDED])
    note = Text("Catatan (boleh kosong) · Note", [Optional()])
    seen = HiddenField()  # the count that was looked at beside what the giver says


class HandOnForm(FlaskForm):
    given = Number("Jumlah yang disetor, rupiah · Amount", [NEEDED])
    key = HiddenField()  # of this page: sent twice, it is one handover


class DraftForm(FlaskForm):
    dated = Day("Tanggal STS · Dated", [NEEDED])
    note = Text("Catatan (boleh kosong) · Note", [Optional()])


class SlipForm(FlaskForm):
    amount = Number("Jumlah di slip bank, rupiah · Amount", [NEEDED])
    reference = Text("Referensi bank · Bank reference", [NEEDED],
                     description="Seperti tertulis di slip: nomor jurnal atau NTB")  # fmt: skip
    on = Day("Tanggal setor · Paid in on", [NEEDED])
    at = TimeField("Jam (WIB) · Time", [NEEDED])
    seen = HiddenField()  # the amount that was looked at beside the slip's own


class VoidForm(FlaskForm):
    reason = TextAreaField("Alasan · Reason", [NEEDED])


class CashCountForm(FlaskForm):
    holder = SelectField("Pemegang kas · Holder")
    counted = Number("Jumlah yang dihitung, rupiah · Counted", [NEEDED])
    witness = Text("Saksi · Witness", [NEEDED])
    document = Text("Nomor berita acara · Document", [NEEDED])
    note = Text("Catatan (boleh kosong) · Note", [Optional()])
    key = HiddenField()  # of this page: sent twice, it is one count


class CommitmentForm(FlaskForm):
    attendant_id = SelectField("Juru parkir · Attendant", coerce=int)
    daily = Number("Jumlah sehari, rupiah · Amount a day", [NEEDED])
    valid_from = Day("Berlaku dari · Valid from", [NEEDED])
    letter = Text("Nomor surat · Letter", [NEEDED])


class EndForm(FlaskForm):
    last_day = Day("Hari terakhir · Last day", [NEEDED])


class PayoutForm(FlaskForm):
    table = TextAreaField("Tabel · Table", [NEEDED], render_kw={"rows": 10})
    seen = HiddenField()  # the mark of the table that was looked at beside the book


class BookForm(FlaskForm):
    series = Text("Seri · Series", [NEEDED], description="Seperti A-2026")
    year = Number("Tahun · Year", [NEEDED])
    vehicle = SelectField("Kendaraan · Vehicle", choices=options(VEHICLE_TEXT.items()))
    amount = Number("Nilai tercetak, rupiah · Printed amount", [NEEDED])
    first = Number("Nomor pertama · First number", [NEEDED])
    last = Number("Nomor terakhir · Last number", [NEEDED])
    received_on = Day("Diterima · Received", [NEEDED])
    document = Text("Dokumen porporasi · Document", [NEEDED])


class MoveForm(FlaskForm):
    kind = SelectField(
        "Gerak · Move",
        choices=options([
            ("issued", "Diserahkan kepada juru parkir"), ("returned", "Dikembalikan"),
            ("spoiled", "Rusak"), ("lost", "Hilang"),
        ]),
    )  # fmt: skip
    attendant_id = SelectField("Juru parkir · Attendant", coerce=int)
    first = Number("Dari nomor · From", [NEEDED])
    last = Number("Sampai nomor · To", [NEEDED])
    moved_on = Day("Tanggal · Day", [NEEDED])
    document = Text("Dokumen · Document", [NEEDED])
