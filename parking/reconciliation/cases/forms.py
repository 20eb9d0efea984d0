"""The forms of the pages of cases. What is right is judged where it is done."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField, TextAreaField

from parking.errors import BadInput
from parking.reconciliation.cases.case import Reason
from parking.reconciliation.cases.proposal import MOST_SIDES, NOT_BY_HAND
from parking.reconciliation.cases.words import REASON_TEXT
from parking.reconciliation.words import ACCOUNT_TEXT
from parking.registry.forms import NEEDED, Day, Number, Text, options

DOCUMENT = "Nomor surat, berita acara, atau bukti yang menjadi dasar"


class AssignForm(FlaskForm):
    assignee = SelectField("Petugas · Assignee", [NEEDED])


class DueForm(FlaskForm):
    due_on = Day("Batas baru · New due date", [NEEDED])
    reason = TextAreaField("Alasan · Reason", [NEEDED])


class CommentForm(FlaskForm):
    note = TextAreaField("Catatan · Note", [NEEDED])


class ComplaintForm(FlaskForm):
    document = Text(
        "Nomor pengaduan · Complaint", [NEEDED],
        description="Nomor SP4N-LAPOR, surat, atau catatan telepon",
    )  # fmt: skip
    note = TextAreaField(
        "Isi pengaduan · What it says", [NEEDED], description="Tanpa nama dan nomor telepon pelapor"
    )


class ResolveForm(FlaskForm):
    reason = SelectField(
        "Sebab selesai · Reason", [NEEDED], choices=options((r, REASON_TEXT[r]) for r in Reason)
    )
    document = Text("Nomor dokumen · Document", [NEEDED], description=DOCUMENT)
    note = TextAreaField(
        "Penjelasan · Explanation", [NEEDED], description="Apa yang terjadi, dan bagaimana berakhir"
    )


class EvidenceForm(FlaskForm):
    title = Text("Judul · Title", [NEEDED])
    file = FileField(
        "Berkas · File", [NEEDED], description="PDF, JPEG, atau PNG, paling besar 5 MB"
    )


class WriteOffForm(FlaskForm):
    document = Text("Nomor dokumen · Document", [NEEDED], description=DOCUMENT)
    reason = TextAreaField("Alasan · Reason", [NEEDED])


class ReAttributionForm(FlaskForm):
    thing = Text(
        "Tagihan atau tunai · Charge or cash", [NEEDED],
        description="Seperti charge:PKR20261124… atau cash:12",
    )  # fmt: skip
    to_badge = SelectField("Juru parkir yang benar · Attendant", [NEEDED])
    document = Text("Nomor dokumen · Document", [NEEDED], description=DOCUMENT)
    reason = TextAreaField("Alasan · Reason", [NEEDED])


class CorrectionForm(FlaskForm):
    """With its sides in forms of their own."""

    day = Day(
        "Berlaku untuk hari · Effective day", [NEEDED],
        description="Dibukukan hari ini; hari yang sudah ditutup tidak berubah",
    )  # fmt: skip
    document = Text("Nomor dokumen · Document", [NEEDED], description=DOCUMENT)
    reason = TextAreaField("Alasan · Reason", [NEEDED])


class SideForm(FlaskForm):
    """One side, read from a row of the correction's table."""

    class Meta:
        csrf = False  # the form around it has the token

    account = SelectField(
        "Akun",
        choices=options(
            [("", "–"), *((a, t) for a, t in ACCOUNT_TEXT.items() if a not in NOT_BY_HAND)]
        ),
    )
    holder = Text("Pemegang")
    debit = Number("Debit")
    credit = Number("Kredit")

    @property
    def is_filled(self) -> bool:
        return any(field.data for field in self)

    @property
    def amount(self) -> int:
        """Debits are positive. Raises BadInput where both, or neither, is given."""
        if not self.validate():
            is_number = not (self.debit.errors or self.credit.errors)
            wrong = "pilih akun di setiap baris" if is_number else "nominal hanya rupiah bulat"
            raise BadInput("Koreksi belum benar", {"sides": wrong})
        if bool(self.debit.number) == bool(self.credit.number):
            raise BadInput("Koreksi belum benar", {"sides": "isi debit atau kredit, salah satu"})
        return self.debit.number or -self.credit.number


def side_forms() -> list[SideForm]:
    return [SideForm(prefix=f"side{number}-") for number in range(1, MOST_SIDES + 1)]


class WhyForm(FlaskForm):
    why = TextAreaField("Alasan · Reason", [NEEDED])


class NumberForm(FlaskForm):
    number = Text("Nomor surat · Number", [NEEDED], description="Seperti 800/12/DISHUB/2026")
