"""The forms of the registry's pages. What is right is judged by `rules`; these read the fields."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from parking.errors import BadInput
from parking.registry.facts import VEHICLE_TEXT
from parking.registry.rules import LAST_RANK
from parking.registry.words import AREA_TEXT, ROLE_TEXT

NEEDED = InputRequired("Wajib diisi")


class Text(StringField):
    """A line of text without blanks around it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() if valuelist else ""


class Number(Text):
    """Whole rupiah, also written as money is: "2.000"."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data and not re.fullmatch(r"[0-9]{1,9}|[0-9]{1,3}(\.[0-9]{3}){1,2}", self.data):
            raise ValueError("Hanya rupiah bulat, seperti 2000 atau 2.000")

    @property
    def number(self) -> int:
        return int((self.data or "0").replace(".", ""))


class Days(Text):
    """A small number of days."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data and not re.fullmatch(r"[0-9]{1,2}", self.data):
            raise ValueError("Hanya angka, seperti 1 atau 2")

    @property
    def number(self) -> int:
        return int(self.data or 0)


class Day(DateField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Bukan tanggal. Pilih dari kalender, atau tulis 2026-11-24") from error


class Percent(Text):
    """A share, with a decimal comma or point."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data and not re.fullmatch(r"[0-9]{1,3}([.,][0-9]{1,2})?", self.data):
            raise ValueError("Hanya angka, seperti 40 atau 0,7")

    @property
    def bps(self) -> int:
        """In basis points, exactly."""
        return int(Decimal((self.data or "0").replace(",", ".")) * 100)


def options(pairs: Iterable[tuple[object, str]]) -> list[SelectChoice]:
    """Values and texts to choose from."""
    return [SelectChoice(str(value), text) for value, text in pairs]


class AttendantForm(FlaskForm):
    badge = Text("Nomor lencana · Badge", description="Tercetak di rompi: JBI-0123")
    name = Text("Nama · Name", description="Seperti di KTP")
    joined_on = Day("Bergabung · Joined", [NEEDED])


class PointForm(FlaskForm):
    code = Text("Kode titik · Code", description="Tampil bagi pembayar: PSR-01")
    name = Text("Nama tempat · Name")
    road = Text("Ruas jalan · Road")
    zone = Text("Zona · Zone", description="Tarif dapat berbeda menurut zona")
    area_type = SelectField("Jenis tempat · Area type", choices=options(AREA_TEXT.items()))
    has_qris = BooleanField("Menerima QRIS · Takes QRIS")
    opened_on = Day("Dibuka · Opened", [NEEDED])


class LetterForm(FlaskForm):
    letter = Text("Nomor SPT · Letter", description="Seperti tertulis di surat")
    attendant_id = SelectField("Juru parkir · Attendant", coerce=int)
    point_id = SelectField("Titik parkir · Point", coerce=int)
    valid_from = Day("Berlaku dari · Valid from", [NEEDED])
    valid_to = Day("Sampai dengan · Valid to", [Optional()], description="Kosong: tanpa batas")


class TariffForm(FlaskForm):
    vehicle = SelectField("Kendaraan · Vehicle", choices=options(VEHICLE_TEXT.items()))
    zone = SelectField("Zona · Zone")
    amount = Number("Tarif (rupiah) · Price", [NEEDED], description="Sekali parkir, seperti 2000")
    valid_from = Day("Berlaku dari · Valid from", [NEEDED], description="Mulai pukul 00.00 WIB")
    decree = Text("Dasar hukum · Decree", description="Seperti Perda 2/2024")
    is_back_dated = BooleanField(
        "Berlaku surut · Back-dated",
        description="Tagihan yang sudah dibuat dengan harga lama akan tercatat sebagai selisih D28",
    )


class SplitForm(FlaskForm):
    city_share = Percent("Bagian daerah (persen) · City's share", [NEEDED])
    valid_from = Day("Berlaku dari · Valid from", [NEEDED], description="Mulai pukul 00.00 WIB")
    decree = Text("Dasar hukum · Decree", description="Seperti Perwal 12/2013")
    is_back_dated = BooleanField(
        "Berlaku surut · Back-dated",
        description="Tagihan yang sudah dibuat tetap memakai bagian yang lama",
    )


class AccountForm(FlaskForm):
    gateway = SelectField("Gerbang pembayaran · Gateway")
    account = Text("Nama pendek · Account", description="Bagian alamat callback: jambi")
    merchant_id = Text("Merchant ID", description="Seperti di kontrak")
    nmid = Text("NMID", description="ID dan 13 angka")
    pan = Text("Merchant PAN", description="9360 dan 14 atau 15 angka")
    name = Text("Nama di aplikasi pembayar · Name", description="Paling panjang 25 huruf")
    city = Text("Kota · City", description="Paling panjang 15 huruf")
    environment = SelectField(
        "Lingkungan · Environment",
        choices=options(
            [("sandbox", "sandbox (uji coba)"), ("production", "production (uang sungguhan)")]
        ),
    )
    key_name = Text(
        "Nama kunci · Key name",
        description="Kuncinya sendiri ditaruh di server sebagai GATEWAY_KEY_<nama>, tidak di sini",
    )  # fmt: skip
    valid_from = Day("Dipakai dari · Used from", [NEEDED])
    fee = Percent("Biaya MDR (persen) · Fee", [NEEDED])
    settles_in = Days("Dana masuk paling lambat (hari kerja) · Settles in", [NEEDED], default="1")
    contract = Text("Kontrak · Contract")


class FeeForm(FlaskForm):
    fee = Percent("Biaya MDR (persen) · Fee", [NEEDED])
    settles_in = Days("Dana masuk paling lambat (hari kerja) · Settles in", [NEEDED], default="1")
    valid_from = Day("Berlaku dari · Valid from", [NEEDED])
    contract = Text("Kontrak · Contract")
    is_back_dated = BooleanField(
        "Berlaku surut · Back-dated",
        description="Biaya yang sudah dipotong akan dibandingkan lagi pada rekonsiliasi berikutnya",
    )


class RouteForm(FlaskForm):
    account = SelectField("Akun merchant · Account")
    point = SelectField("Melayani · Serves")
    rank = SelectField(
        "Urutan · Rank",
        choices=options(
            [(1, "1: diminta pertama"), *((n, f"{n}: cadangan") for n in range(2, LAST_RANK + 1))]
        ),
    )
    valid_from = Day("Berlaku dari · From", [NEEDED], description="Paling awal hari ini")


class LeaveForm(FlaskForm):
    day = Day("Hari · Day", [NEEDED])
    decree = Text("Dasar hukum · Decree", description="Seperti SKB 3 Menteri")


class EndForm(FlaskForm):
    last_day = Day("Hari terakhir · Last day", [NEEDED])
    reason = TextAreaField("Alasan · Reason", [NEEDED])


class RevokeForm(FlaskForm):
    reason = TextAreaField("Alasan · Reason", [NEEDED])
    day = Day(
        "Sejak hari · From day", [Optional()],
        description="Kosong: sejak sekarang. Hari yang lewat: sejak pukul 00.00 WIB hari itu",
    )  # fmt: skip
    is_back_dated = BooleanField(
        "Berlaku surut · Back-dated",
        description="Yang dipungut sejak saat itu akan tercatat sebagai selisih D29",
    )


class ReasonForm(FlaskForm):
    reason = TextAreaField("Alasan · Reason", [NEEDED])


class UserForm(FlaskForm):
    username = Text("Nama pengguna · User name", description="Huruf kecil, seperti ratna")
    name = Text("Nama · Name")
    role = SelectField("Peran · Role", choices=options(ROLE_TEXT.items()))


def accepted(
    form: FlaskForm, act: Callable[[], object], names: Mapping[str, str] | None = None
) -> bool:
    """Whether the form was sent, could be read, and `act` took it.

    Problems that `act` names are put beside the fields; `names` says which field
    stands for one that is called otherwise in the rules.
    """
    if not form.validate_on_submit():
        return False
    try:
        act()
    except BadInput as error:
        for name, why in (error.problems or {"": str(error)}).items():
            _tell(form, (names or {}).get(name, name), why)
        return False
    return True


def _tell(form: FlaskForm, name: str, why: str) -> None:
    if name in form:
        field: Field = form[name]
        field.errors = [*field.errors, why]
    else:
        form.form_errors = [*form.form_errors, why]
