"""A file read by its mapping: the same lines however it is written, and each wrong cell named."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parking.business_day import business_day
from parking.errors import FileRefused
from parking.gateways.read_mapped import read_mapped
from parking.gateways.report_mapping import Mapping
from parking.gateways.zone import zone_of

from tests.gateways.mapped_files import (
    MERCHANT,
    ROW,
    TITLES,
    csv_file,
    plain,
    shipped,
    xlsx_file,
)

DAY = date(2026, 11, 23)


def read(mapping, content, name="laporan.csv"):
    return read_mapped(mapping, content, name, MERCHANT)


def problems(mapping, content, name="laporan.csv"):
    reading = read(mapping, content, name)
    assert not reading.reports or not reading.problems, "a report despite wrong lines"
    return [str(problem) for problem in reading.problems]


def refused(mapping, content, name="laporan.csv"):
    with pytest.raises(FileRefused) as error:
        read(mapping, content, name)
    return [str(error.value), *error.value.problems]


def one(mapping, content, name="laporan.csv"):
    reading = read(mapping, content, name)
    assert reading.problems == []
    (line,) = reading.lines
    return line


# However it is written


@dataclass(frozen=True)
class Paid:
    ref: int
    amount: int
    fee: int
    second: int
    is_back: bool

    @property
    def at(self):
        return datetime(2026, 11, 22, 17, tzinfo=UTC) + timedelta(seconds=self.second)


@dataclass(frozen=True)
class Style:
    delimiter: str
    decimal: str
    grouping: str
    cents: str
    negative: str
    prefix: str
    zone: str
    form: str
    refund: str
    fee: str
    order: tuple[int, ...]
    is_split: bool
    is_xlsx: bool

    def amount(self, value: int) -> str:
        figure = f"{abs(value):,}".replace(",", self.grouping)
        text = f"{self.prefix}{figure}{self.decimal + self.cents if self.decimal else ''}"
        if value >= 0:
            return text
        return {"minus": f"-{text}", "trailing": f"{text}-", "parentheses": f"({text})"}[
            self.negative
        ]

    def cells(self, paid: Paid) -> list[str]:
        way = -1 if paid.is_back else 1
        sign = way if self.refund == "negative" else 1
        fee = (-1 if self.fee == "negative" else 1) * way * paid.fee
        local = paid.at.astimezone(zone_of(self.zone))
        amounts = (sign * paid.amount, fee, sign * (paid.amount - paid.fee))
        return [
            "Refund" if paid.is_back else "Payment", f"PKR{paid.ref:05}", f"0{paid.ref:05}",
            *map(self.amount, amounts), f"{local:{self.form.partition(' ')[0]}}",
            f"{local:{self.form.partition(' ')[2]}}",
            f"{paid.at + timedelta(days=1, hours=7):%d/%m/%Y}",
        ]  # fmt: skip

    def row(self, cells: list[str]) -> list[str]:
        if not self.is_split:
            cells = [*cells[:6], f"{cells[6]} {cells[7]}", "", cells[8]]
        return [cells[place] for place in self.order]

    def file(self, paid: list[Paid]) -> bytes:
        titles = [COLUMNS[place] for place in self.order]
        rows = [titles, *(self.row(self.cells(each)) for each in paid)]
        if self.is_xlsx:
            return xlsx_file(rows)
        quoted = ['"' + '","'.join(row).replace('","', f'"{self.delimiter}"') + '"' for row in rows]
        return csv_file(*quoted)

    @property
    def mapping(self) -> Mapping:
        time = {"paid_time": "Time"} if self.is_split else {}
        return plain(
            format="xlsx" if self.is_xlsx else "csv",
            columns={
                "kind": "Kind", "ours": "Ours", "payment_ref": "RRN", "gross": "Gross",
                "fee": "Fee", "net": "Net", "paid_at": "Date", **time,
            },
            kinds={"payment": "payment", "refund": "refund"},
            money={"decimal": self.decimal, "grouping": self.grouping,
                   "negative": ["minus", "trailing", "parentheses"]},
            signs={"refund": self.refund, "fee": self.fee},
            times={"formats": self.form, "zone": {"fixed": self.zone}},
            settled_on={"column": "Settled", "formats": "%d/%m/%Y"},
        )  # fmt: skip


COLUMNS = ("Kind", "Ours", "RRN", "Gross", "Fee", "Net", "Date", "Time", "Settled")
paid_rows = st.lists(
    st.builds(
        Paid, st.integers(0, 9_999), st.integers(70, 10_000_000), st.integers(0, 70),
        st.integers(0, 2 * 86_400), st.booleans(),
    ),
    min_size=1, max_size=8, unique_by=lambda paid: (paid.ref, paid.is_back),
)  # fmt: skip
points = st.sampled_from(
    [(".", "", "00"), (".", "", "0"), (",", ".", "00"), (".", ",", "00"), ("", ".", ""),
     ("", "", ""), (",", "", "00"), (",", " ", "00")]
)  # fmt: skip
styles = st.builds(
    lambda point, **other: Style(decimal=point[0], grouping=point[1], cents=point[2], **other),
    points,
    delimiter=st.sampled_from(",;\t|"),
    negative=st.sampled_from(["minus", "trailing", "parentheses"]),
    prefix=st.sampled_from(["", "Rp", "Rp ", "IDR "]),
    zone=st.sampled_from(["Asia/Jakarta", "UTC", "WITA", "+09:00", "GMT-5"]),
    form=st.sampled_from(["%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H.%M.%S", "%m-%d-%Y %I:%M:%S%p"]),
    refund=st.sampled_from(["negative", "positive"]),
    fee=st.sampled_from(["positive", "negative"]),
    order=st.permutations(range(len(COLUMNS))).map(tuple),
    is_split=st.booleans(),
    is_xlsx=st.just(False),
)


def told(lines):
    return sorted(
        (line.line_key, line.ours, line.payment_ref, line.kind, line.gross, line.fee, line.net,
         line.paid_at, line.settled_on)
        for line in lines
    )  # fmt: skip


def expected(paid):
    return sorted(
        (
            f"0{p.ref:05}|{(kind := 'refund' if p.is_back else 'payment')}|1", f"PKR{p.ref:05}",
            f"0{p.ref:05}", kind, p.amount, p.fee, p.amount - p.fee, p.at,
            business_day(p.at + timedelta(days=1)),
        )
        for p in paid
    )  # fmt: skip


@given(paid_rows, styles)
def test_however_it_is_written_the_same_lines_are_read(paid, style):
    reading = read(style.mapping, style.file(paid))

    assert reading.problems == []
    assert told(reading.lines) == expected(paid)


@given(paid_rows, styles, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(paid, style, shuffler):
    shuffled = list(paid)
    shuffler.shuffle(shuffled)

    one, other = (read(style.mapping, style.file(rows)) for rows in (paid, shuffled))

    assert told(one.lines) == told(other.lines)
    assert [(r.day, told(r.lines)) for r in one.reports] == [
        (r.day, told(r.lines)) for r in other.reports
    ]


def test_a_workbook_is_read_like_the_text_of_it():
    paid = [Paid(1, 2_000, 14, 3_600, False), Paid(1, 500, 0, 7_200, True)]
    style = Style(
        ",", ",", ".", "00", "parentheses", "Rp", "UTC", "%d/%m/%Y %H:%M:%S", "negative",
        "positive", tuple(range(9)), True, True,
    )  # fmt: skip

    assert told(read(style.mapping, style.file(paid)).lines) == expected(paid)


def test_a_workbooks_own_numbers_and_times_are_read_as_they_are():
    cells = ["PKR-1", "612345678901", 2000, 14.0, 1986, datetime(2026, 11, 23, 12),  # noqa: DTZ001
             datetime(2026, 11, 24)]  # fmt: skip # noqa: DTZ001
    line = one(plain(format="xlsx"), xlsx_file([["Laporan"], [], TITLES.split(","), cells]))

    assert (line.gross, line.fee, line.number, line.settled_on) == (
        2_000,
        14,
        4,
        date(2026, 11, 24),
    )
    assert line.paid_at == datetime(2026, 11, 23, 5, tzinfo=UTC)


# What the shipped ones read

XENDIT = (
    "Status,Type,Channel,Channel Name,Account Number,Currency,Amount,Total Fee,Total VAT,"
    "Net Amount,Reference,Transaction ID,Invoice ID,Batch ID,Product ID,Payment Date,"
    "Timestamp - Created,Timestamp - Updated,Estimated Settlement Time,Actual Settlement Time,"
    "Timezone,Description,Channel Reference,Settlement Status"
)


def xendit(number=1, status="SUCCESS", settled="SETTLED", at="2026-11-23T05:00:00Z", vat=2):
    return (
        f"{status},Payment,QR Code,QRIS,,IDR,2000,14,{vat},{1986 - vat},PKR-{number},"
        f"txn_{number},,,abc-{number},{at},{at},{at},,2026-11-25T05:00:00Z,+0000,,6123,{settled}"
    )


def test_xendits_transactions_are_read_with_their_vat_and_prefix():
    line = one(shipped("xendit-transactions"), csv_file(XENDIT, xendit()))

    assert (line.payment_ref, line.gross, line.fee, line.net) == ("qrpy_abc-1", 2_000, 16, 1_984)
    assert (line.paid_at, line.settled_on) == (
        datetime(2026, 11, 23, 5, tzinfo=UTC), date(2026, 11, 25),
    )  # fmt: skip


def test_what_is_not_paid_out_yet_is_skipped_but_named():
    rows = xendit(1), xendit(2, settled="PENDING"), xendit(3, status="VOIDED", settled="")

    reading = read(shipped("xendit-transactions"), csv_file(XENDIT, *rows))

    assert [line.ours for line in reading.lines] == ["PKR-1"]
    assert reading.skipped == {3: "Settlement Status: pending", 4: "Status: voided"}
    assert reading.reports[0].left_out == {"qrpy_abc-2", "qrpy_abc-3"}


def test_a_file_of_several_days_is_a_report_for_each_business_day():
    late = xendit(2, at="2026-11-23T17:00:00Z")  # midnight in Jambi

    reading = read(shipped("xendit-transactions"), csv_file(XENDIT, xendit(1), late))

    assert [(r.day, r.version, len(r.lines)) for r in reading.reports] == [
        (DAY, None, 1), (date(2026, 11, 24), None, 1),
    ]  # fmt: skip


def test_a_word_that_nobody_listed_is_wrong_and_not_skipped():
    (problem,) = problems(shipped("xendit-transactions"), csv_file(XENDIT, xendit(status="HELD")))

    assert problem == (
        "baris 2, kolom 'Status': 'HELD': kata tidak dikenal; yang diambil 'SUCCESS', 'REVERSED'"
    )


BALANCE = (
    "Product ID,Transaction ID,Transaction Type,Line Type,Payment Channel,Reference,Currency,"
    "Amount,Balance,Debit or Credit,Created Date ISO,Time Zone,Payment Date,Settlement Date"
)


def balance(kind, amount, way, number=1):
    return (
        f"abc-{number},txn_{number},Payment,{kind},QR Code,PKR-{number},IDR,{amount},9,{way},"
        "2026-11-23T05:00:00Z,+0000,2026-11-23T05:00:00Z,2026-11-25T05:00:00Z"
    )


THREE = (
    balance("TRANSACTION", 2_000, "Credit"), balance("FEE", 14, "Debit"),
    balance("VAT", 2, "Debit"),
)  # fmt: skip


@given(st.permutations(THREE))
def test_the_three_rows_of_a_payment_are_one_line_in_any_order(rows):
    reading = read(shipped("xendit-balance"), csv_file(BALANCE, *rows))

    (line,) = reading.lines
    assert (line.gross, line.fee, line.net) == (2_000, 16, 1_984)
    assert sorted([line.number, *reading.folded]) == [2, 3, 4]
    assert set(reading.folded.values()) == {line.number}


def test_a_reversal_is_a_refund_whose_fee_came_back():
    back = (
        balance("TRANSACTION_REVERSAL", 2_000, "Debit"), balance("FEE_REVERSAL", 14, "Credit"),
        balance("VAT_REVERSAL", 2, "Credit"),
    )  # fmt: skip

    payment, refund = read(shipped("xendit-balance"), csv_file(BALANCE, *THREE, *back)).lines

    assert (payment.kind, refund.kind) == ("payment", "refund")
    assert (refund.gross, refund.fee, refund.net) == (2_000, 16, 1_984)


@pytest.mark.fault("F58")
def test_a_fee_without_its_payment_is_wrong():
    (problem,) = problems(shipped("xendit-balance"), csv_file(BALANCE, *THREE, balance(
        "FEE", 14, "Debit", number=2)))  # fmt: skip

    assert problem.startswith("baris 5: fee dari txn_2, tetapi pembayarannya tidak ada di berkas")


@pytest.mark.fault("F61")
def test_a_payment_that_is_folded_twice_is_wrong():
    assert problems(shipped("xendit-balance"), csv_file(BALANCE, *THREE, THREE[0])) == [
        "baris 5: txn_1 sudah ada di baris 2"
    ]


def test_a_fee_with_the_sign_of_income_is_wrong():
    (problem,) = problems(
        shipped("xendit-balance"), csv_file(BALANCE, THREE[0], balance("FEE", 14, "Credit"))
    )

    assert "tanda salah untuk fee" in problem


SNAP = (
    "Laporan QRIS;PEMKOT",
    "NMID;RRN;Terminal;Issuer;Nominal Transaksi;MDR;Nominal Bersih;Tanggal Transaksi;"
    "Jam Transaksi;Tanggal Settlement;No Referensi Merchant;Status",
    "ID1026000000017;'061234567890;T1;GoPay;2.000,00;14,00;Rp 1.986,00;23/11/2026;12:00:00;"
    "24/11/2026;PKR-1;Berhasil",
    "ID1026000000017;'061234567891;T1;OVO;3.000,00;-;3.000,00;23/11/2026;13:00:00;24/11/2026;;"
    "Berhasil",
    "TOTAL;;;;5.000,00;14,00;4.986,00;;;;;",
)


def snap(old="", new=""):
    return csv_file(*(line.replace(old, new) if old else line for line in SNAP))


def test_a_banks_portal_file_is_read_with_its_own_commas_and_its_total():
    first, second = read(shipped("snap-bank"), snap()).lines

    assert (first.payment_ref, first.gross, first.fee) == ("061234567890", 2_000, 14)
    assert first.paid_at == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert (second.ours, second.fee) == ("", 0)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("5.000,00;14", "5.001,00;14", "baris 5, kolom 'Nominal Transaksi': '5.001,00': jumlah"),
        ("TOTAL;;;;", "", "baris 5: 8 kolom, harus 12"),
        ("13:00:00", "25:00:00", "baris 4, kolom 'Tanggal Transaksi': '23/11/2026': bukan waktu"),
        ("ID1026000000017;'061234567891", "ID1;'061234567891", "baris 4, kolom 'NMID': 'ID1'"),
        ("3.000,00;-", "3.000,50;-", "baris 4, kolom 'Nominal Transaksi': '3.000,50': harus rup"),
    ],
)
def test_what_does_not_fit_in_it_is_named(old, new, problem):
    assert any(problem in told for told in problems(shipped("snap-bank"), snap(old, new)))


@pytest.mark.fault("F58")
def test_without_its_total_it_may_have_been_cut_off():
    assert problems(shipped("snap-bank"), csv_file(*SNAP[:-1])) == [
        "berkas: tidak ada baris jumlah di akhir; berkas mungkin terpotong"
    ]


@pytest.mark.fault("F58")
def test_nothing_may_stand_behind_the_total():
    assert problems(shipped("snap-bank"), csv_file(*SNAP, SNAP[2])) == [
        "baris 6: ada isi sesudah baris jumlah (baris 5)"
    ]


def test_dokus_file_is_read():
    titles = "Invoice Number,Transaction ID,Transaction Type,Amount,Fee,Net Amount," \
             "Transaction Date,Status,Settlement Date"  # fmt: skip
    row = "PKR-1,tid-1,Sale,2000.00,14,1986.00,2026-11-23 12:00:00,SUCCESS,2026-11-24"

    assert one(shipped("doku"), csv_file(titles, row)).net == 1_986


# Amounts

COMMAS = {"decimal": ",", "grouping": "."}


@pytest.mark.fault("F63")
@pytest.mark.parametrize(
    ("money", "text", "amount"),
    [
        ({}, "2000", 2_000), ({}, "2000.00", 2_000), ({}, "Rp 2000", 2_000),
        ({}, "Rp.2000", 2_000), (COMMAS, "2.000,00", 2_000), (COMMAS, "2.000", 2_000),
        (COMMAS, "2000", 2_000), (COMMAS, "IDR 1.002.000,0", 1_002_000),
        ({"grouping": ","}, "2,000.00", 2_000), ({"decimal": "", "grouping": " "}, "2 000", 2_000),
        ({"grouping": "'"}, "2'000", 2_000),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_the_mapping_writes_it(money, text, amount):
    row = f'PKR-1,61,"{text}",0,"{text}",2026-11-23 12:00:00,2026-11-24'

    assert one(plain(money=money), csv_file(TITLES, row)).gross == amount


@pytest.mark.fault("F63")
@pytest.mark.fault("F65")
@pytest.mark.parametrize(
    ("money", "text"),
    [
        ({}, "2.000"), ({}, "2,000"), ({}, "2000,00"), ({}, "2E3"), ({}, "٢٠٠٠"), ({}, "2_000"),
        ({}, ""), ({}, "NaN"), ({}, "2000.50"), ({}, "--2000"), ({}, "(2000)"), ({}, "2000-"),
        ({}, "=2000"), ({}, "-2000"), ({}, "0"), ({}, "10000001"), (COMMAS, "2000.00"),
        (COMMAS, "20.00"), (COMMAS, "2.0000"), (COMMAS, "2,000"), (COMMAS, "2,000.00"),
        ({"grouping": ","}, "2,00"), ({"grouping": ","}, "20,00.00"),
    ],
)  # fmt: skip
def test_an_amount_that_is_written_otherwise_is_never_guessed(money, text):
    row = f'PKR-1,61,"{text}",0,"{text}",2026-11-23 12:00:00,2026-11-24'

    found = problems(plain(money=money, signs={"refund": "positive"}), csv_file(TITLES, row))

    assert found[0].startswith(f"baris 2, kolom 'Gross': '{text}': ")


@pytest.mark.parametrize("column", ["fee", "net"])
def test_a_fee_or_net_that_the_file_leaves_out_is_computed(column):
    mapping = plain(columns=plain().columns.model_dump(exclude={column}, exclude_none=True))

    line = one(mapping, csv_file(TITLES, ROW))

    assert (line.fee, line.net) == (14, 1_986)


@pytest.mark.fault("F65")
def test_a_net_that_is_not_gross_less_fee_makes_the_line_wrong():
    assert problems(plain(), csv_file(TITLES, ROW.replace("1986", "1985"))) == [
        "baris 2: bersih 1985, padahal 2000 - 14 - 0 = 1986"
    ]


# References and times


@pytest.mark.fault("F63")
@pytest.mark.fault("F66")
@pytest.mark.parametrize(
    "text", ["6.12346E+11", "1,2E+17", "", "=cmd|'/c calc'!A1", "<script>", "a b", "x" * 65, "é"]
)
def test_a_reference_that_is_none_is_refused(text):
    row = ROW.replace("612345678901", f'"{text}"')

    assert problems(plain(), csv_file(TITLES, row))[0].startswith("baris 2, kolom 'RRN'")


@pytest.mark.fault("F63")
@pytest.mark.parametrize("number", [6.123456789012345e17, 61.5])
def test_a_number_that_excel_has_rounded_is_no_reference(number):
    cells = ["PKR-1", number, 2000, 14, 1986, "2026-11-23 12:00:00", "2026-11-24"]

    (problem,) = problems(plain(format="xlsx"), xlsx_file([TITLES.split(","), cells]))

    assert "rusak oleh Excel" in problem


@pytest.mark.fault("F50")
@pytest.mark.parametrize(
    "text",
    ["2026-11-23 12:00:60", "2026-02-30 12:00:00", "23/11/2026 12:00", "noon", "1999-01-01", "",
     "2026-11-23 12:00:00 WIB", "２０２６-11-23"],
)  # fmt: skip
def test_a_time_that_is_none_or_written_otherwise_is_refused(text):
    row = ROW.replace("2026-11-23 12:00:00", text)

    assert problems(plain(), csv_file(TITLES, row))[0].startswith("baris 2, kolom 'Paid'")


def test_a_time_that_tells_its_own_zone_keeps_it():
    row = ROW.replace("2026-11-23 12:00:00", "2026-11-23T12:00:00.5+09:00")

    assert one(plain(), csv_file(TITLES, row)).paid_at == datetime(
        2026, 11, 23, 3, 0, 0, 500_000, tzinfo=UTC
    )


def test_the_zone_can_stand_in_a_line_above_the_titles():
    mapping = plain(times={"formats": "iso", "zone": {"head": "Zona waktu: (.+)"}})

    line = one(mapping, csv_file("Zona waktu: GMT+8", TITLES, ROW))

    assert line.paid_at == datetime(2026, 11, 23, 4, tzinfo=UTC)
    assert "tidak ada baris seperti" in refused(mapping, csv_file(TITLES, ROW))[1]


def test_it_is_settled_so_many_working_days_after_the_payment():
    friday = ROW.replace("2026-11-23 12", "2026-11-20 12")

    assert one(plain(settled_on={"working_days": 2}), csv_file(TITLES, friday)).settled_on == date(
        2026, 11, 24
    )


def test_paid_out_before_it_was_paid_is_wrong():
    row = ROW.replace("2026-11-24", "2026-11-22")

    assert problems(plain(), csv_file(TITLES, row)) == [
        "baris 2, kolom 'Settled': '2026-11-22': sebelum hari pembayarannya"
    ]


# The file

NUMBERED = {
    "report_day": {"file_name": r"settlement-(\d{8})", "format": "%Y%m%d"},
    "version": {"head": r"Versi (\d+)"},
    "merchant": {"head": "Merchant: ([A-Z0-9]+)"},
}


def test_day_version_and_merchant_stand_in_head_and_name():
    content = csv_file("Merchant: M0001,x", "Versi 3", TITLES, ROW)

    (report,) = read(plain(**NUMBERED), content, "settlement-20261123.csv").reports

    assert (report.merchant_id, report.day, report.version) == ("M0001", DAY, 3)


def test_everything_that_head_and_name_ought_to_tell_is_named_at_once():
    found = refused(plain(**NUMBERED), csv_file("Merchant: M9", TITLES, ROW), "laporan.csv")

    assert found == [
        "Kepala laporan salah",
        r"report_day: nama berkas 'laporan.csv' tidak seperti 'settlement-(\\d{8})'",
        r"version: tidak ada baris seperti 'Versi (\\d+)' di atas judul kolom",
        "merchant: 'M9', bukan 'M0001'",
    ]


def test_a_payment_far_from_the_day_of_its_report_is_wrong():
    content = csv_file("Merchant: M0001", "Versi 1", TITLES, ROW)

    assert (
        "lebih dari 31 hari" in problems(plain(**NUMBERED), content, "settlement-20260101.csv")[0]
    )


@pytest.mark.fault("F64")
def test_titles_are_found_wherever_they_stand_in_any_case_and_order():
    content = csv_file(
        "Laporan", "", "Paid,SETTLED, net ,Gross,fee,RRN,Ref,More",
        "2026-11-23 12:00:00,2026-11-24,1986,2000,14,61,PKR-1,x",
    )  # fmt: skip

    assert one(plain(), content).number == 4


@pytest.mark.fault("F64")
def test_a_column_that_is_missing_or_stands_twice_is_named_with_the_key_that_wants_it():
    titles = TITLES.replace("Fee", "Biaya").replace("Ref", "Net")

    assert refused(plain(), csv_file(titles, ROW)) == [
        "Kolom tidak lengkap",
        "baris 1: tidak ada kolom 'Ref' (columns.ours)",
        "baris 1: tidak ada kolom 'Fee' (columns.fee)",
        "baris 1: kolom 'net' ada dua kali (columns.net)",
    ]


@pytest.mark.fault("F64")
def test_titles_on_a_line_of_their_own_are_taken_from_there():
    content = csv_file("x", TITLES, ROW)

    assert one(plain(header=2), content).number == 3
    assert refused(plain(header=1), content)[1].startswith("baris 1: tidak ada kolom")


@pytest.mark.fault("F58")
@pytest.mark.parametrize("cut", [1, 5, 12, 30, len(ROW) - 3])
def test_a_row_that_was_cut_off_is_wrong(cut):
    content = csv_file(TITLES, ROW, ROW.replace("PKR-1", "PKR-2"))[: -1 - cut]

    assert problems(plain(), content)[0].startswith("baris 3")


@pytest.mark.fault("F58")
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_else_is_refused_with_reasons(content):
    assert len(refused(plain(), content)) > 1


@pytest.mark.fault("F61")
def test_a_payment_that_stands_twice_is_named_with_its_first_line():
    assert problems(plain(), csv_file(TITLES, ROW, ROW)) == [
        "baris 3: 612345678901 sudah ada di baris 2"
    ]


@pytest.mark.fault("F62")
@pytest.mark.parametrize(
    ("encoding", "bytes_of", "is_read"),
    [
        ("detect", "utf-8-sig", True), ("detect", "cp1252", True), ("utf-8", "cp1252", False),
        ("cp1252", "cp1252", True), ("detect", "utf-16", False), ("utf-8", "utf-8", True),
    ],
)  # fmt: skip
def test_the_encoding_is_told_or_found_strictly(encoding, bytes_of, is_read):
    content = f"{TITLES},Kafé\n{ROW},é\n".encode(bytes_of)

    if is_read:
        assert one(plain(encoding=encoding), content).gross == 2_000
    else:
        assert "baris 1" in refused(plain(encoding=encoding), content)[1]


@pytest.mark.fault("F62")
def test_a_byte_that_is_in_no_encoding_is_named_by_its_line():
    content = csv_file(TITLES, ROW) + b"\x81\n"

    assert refused(plain(), content)[1].startswith("baris 3: byte 0x81")


@pytest.mark.fault("F69")
@pytest.mark.fault("F70")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Berkas kosong"), (b" \n\n", "Berkas kosong"),
        (b"<html><table><tr><td>Ref", "HTML"), (b'\xef\xbb\xbf<?xml version="1.0"?>', "HTML"),
        (b"  <!DOCTYPE html>", "HTML"), (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Excel lama (.xls)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "sandi"),
        (b"PK\x03\x04", "Berkas ini XLSX, pemetaan ini untuk CSV"),
        (b"Ref,RRN\0", "bukan teks"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_by_its_name(content, why):
    assert why in refused(plain(), content)[0]


def test_a_csv_is_not_a_workbook():
    assert refused(plain(format="xlsx"), b"a,b")[0] == "Berkas ini CSV, pemetaan ini untuk XLSX"


def test_no_line_at_all_says_why():
    assert "tidak ada isi" in problems(plain(), csv_file(TITLES))[0]
    pending = csv_file(XENDIT, xendit(settled="PENDING"))
    assert "semua 1 baris dilewati" in problems(shipped("xendit-transactions"), pending)[0]


def test_many_wrong_lines_are_cut_with_their_number():
    rows = [ROW.replace("2000.00", "x")] * 300

    found = problems(plain(), csv_file(TITLES, *rows))

    assert (len(found), found[-1]) == (201, "berkas: dan 100 masalah lagi")


def test_the_first_rows_are_kept_as_they_stand_in_the_file():
    rows = [ROW.replace("PKR-1", f"PKR-{n}").replace("6123", f"{n:04}") for n in range(30)]
    random.Random(1).shuffle(rows)

    reading = read(plain(), csv_file(TITLES, *rows))

    assert [",".join(row.cells) for row in reading.rows] == rows[:20]


def test_a_wrong_row_further_down_is_kept_too():
    rows = [ROW.replace("PKR-1", f"PKR-{n}").replace("6123", f"{n:04}") for n in range(30)]
    rows[25] = rows[25].replace("2000.00", "x")

    assert [row.number for row in read(plain(), csv_file(TITLES, *rows)).rows] == [
        *range(2, 22),
        27,
    ]
