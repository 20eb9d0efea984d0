"""Statements as MT940, CAMT.053, CSV and XLSX become the same lines, or are refused by line."""

from datetime import date

import pytest
from parking.errors import BadInput, FileRefused
from parking.gateways.find_mapping import Mappings
from parking.gateways.statement_mapping import StatementMapping
from parking.statements.read_statement import format_of, mapping_for, read_statement

from tests.gateways.mapped_files import xlsx_file
from tests.statements.bank_files import (
    FRIDAY,
    MONDAY,
    NUMBER,
    PLAIN,
    TITLES,
    TUESDAY,
    Move,
    camt,
    csv_file,
    entry,
    mapped,
    mt940,
    shipped,
)

IN, OUT = Move(150_000, "SETORAN STS 12", reference="FT001"), Move(-2_500, "BIAYA ADM")
WRITERS = {"mt940": mt940, "camt053": camt}


def read(content, format="csv", mapping=None, name="mutasi"):
    if format in ("csv", "xlsx") and mapping is None:
        mapping = mapped(PLAIN)
    return read_statement(content, format, mapping, name, NUMBER)


def one(content, format="csv", mapping=None):
    reading = read(content, format, mapping)
    assert reading.statement is not None, list(map(str, reading.problems))
    return reading.statement


def problems(content, format="csv", mapping=None):
    reading = read(content, format, mapping)
    assert reading.statement is None
    return list(map(str, reading.problems))


def refused(content, format="csv", mapping=None):
    with pytest.raises(FileRefused) as error:
        read(content, format, mapping)
    return " | ".join([str(error.value), *error.value.problems])


def said(statement):
    return [(line.booked_on, line.amount, line.text, line.reference) for line in statement.lines]


# What is the same however it is written


@pytest.mark.parametrize("format", WRITERS)
def test_lines_and_balances_are_read(format):
    found = one(WRITERS[format](IN, OUT), format)

    assert (found.opening, found.closing) == (1_000_000, 1_147_500)
    assert said(found) == [
        (MONDAY, 150_000, "SETORAN STS 12", "FT001"), (MONDAY, -2_500, "BIAYA ADM", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("format", WRITERS)
def test_an_overdrawn_account_and_a_day_without_lines_are_read(format):
    found = one(WRITERS[format](opening=-5, closing=-5), format)

    assert (found.opening, found.closing, list(found.lines)) == (-5, -5, [])
    assert (found.from_day, found.to_day) == (MONDAY, MONDAY)


@pytest.mark.parametrize("format", WRITERS)
def test_twins_are_two_lines(format):
    assert len(one(WRITERS[format](IN, IN), format).lines) == 2


@pytest.mark.fault("F58")
@pytest.mark.parametrize("format", WRITERS)
def test_a_line_that_is_missing_does_not_add_up(format):
    content = WRITERS[format](IN, closing=1_147_500)

    assert "saldo akhir tertulis Rp1.147.500 (selisih -Rp2.500)" in problems(content, format)[0]


@pytest.mark.parametrize("format", WRITERS)
def test_the_statement_of_another_account_is_refused(format):
    content = WRITERS[format](IN, number="9999999999")

    assert problems(content, format) == [
        f"berkas: berkas milik rekening '9999999999', bukan '{NUMBER}'"
    ]


@pytest.mark.fault("F65")
@pytest.mark.parametrize("format", WRITERS)
def test_cents_and_other_currencies_are_wrong_with_their_line(format):
    cents = WRITERS[format](IN).replace(b"150000.00", b"150000.50").replace(
        b"150000,00", b"150000,50"
    )  # fmt: skip
    found = problems(cents, format)[0]
    assert found.startswith("baris ")
    assert "tidak ada yang dibulatkan" in found

    dollars = WRITERS[format](IN).replace(b"IDR", b"USD")
    assert "bukan IDR" in problems(dollars, format)[0]


@pytest.mark.parametrize("format", WRITERS)
def test_a_day_that_never_was_is_wrong_with_its_line(format):
    content = WRITERS[format](IN).replace(b"261123", b"260230").replace(
        b"2026-11-23", b"2026-02-30"
    )  # fmt: skip

    assert problems(content, format)[0].startswith("baris ")


def test_a_line_of_nothing_moves_nothing_and_is_named():
    reading = read(mt940(Move(0, "INFO"), IN), "mt940")

    assert [line.amount for line in reading.statement.lines] == [150_000]
    assert reading.skipped == {5: "jumlahnya nol"}


# MT940


def test_pages_and_several_messages_of_a_file_are_one_statement():
    first = mt940(IN, pages="FM")
    second = mt940(OUT, opening=1_150_000, pages="MF")
    next_day = mt940(Move(7, day=TUESDAY), opening=1_147_500, first=MONDAY, last=TUESDAY)

    found = one(first + second + next_day, "mt940")

    assert [line.amount for line in found.lines] == [150_000, -2_500, 7]
    assert (found.opening, found.closing) == (1_000_000, 1_147_507)
    assert (found.from_day, found.to_day) == (MONDAY, TUESDAY)


@pytest.mark.fault("F72")
def test_a_page_that_is_missing_is_refused_with_both_balances():
    first, third = mt940(IN, pages="FM"), mt940(OUT, opening=1_160_000, pages="MF")

    assert "berakhir dengan Rp1.150.000" in problems(first + third, "mt940")[0]
    assert "mulai dengan Rp1.160.000" in problems(first + third, "mt940")[0]


@pytest.mark.parametrize(
    ("mark", "amount"), [("C", 100), ("D", -100), ("RC", -100), ("RD", 100), ("rd", 100)]
)
def test_a_reversal_moves_the_other_way(mark, amount):
    content = mt940(Move(100), closing=1_000_000 + amount).replace(b"1123C100", b"1123" +
        mark.encode() + b"100")  # fmt: skip

    assert [line.amount for line in one(content, "mt940").lines] == [amount]


def test_what_stands_behind_the_closing_balance_is_no_text_of_the_last_line():
    content = mt940(IN).replace(
        b"\r\n-\r\n", b"\r\n:64:C261123IDR5,00\r\n:86:SALDO EFEKTIF\r\n-\r\n"
    )

    assert one(content, "mt940").lines[0].text == "SETORAN STS 12"


def test_details_of_several_lines_and_a_swift_envelope_are_read():
    content = mt940(Move(100, "SATU\r\nDUA")).replace(
        b":20:", b"{1:F01BANKIDJA0000000000}{2:I940X}{4:\r\n:20:"
    ).replace(b"\r\n-\r\n", b"\r\n-}\r\n")  # fmt: skip

    assert one(content, "mt940").lines[0].text == "SATU DUA"


def test_a_line_without_its_kind_is_not_lost_to_the_next():
    content = mt940(IN, OUT).replace(b"NTRFNONREF", b"")

    assert len(one(content, "mt940").lines) == 2


def test_the_year_of_booking_is_that_nearest_to_the_value_day():
    move = Move(5, day=date(2027, 1, 4), value_on=date(2026, 12, 31))
    content = mt940(move, first=date(2026, 12, 31), last=date(2027, 1, 4))

    (line,) = one(content, "mt940").lines
    assert (line.booked_on, line.value_on) == (date(2027, 1, 4), date(2026, 12, 31))


def test_over_a_weekend_a_statement_tells_of_every_day_since_the_last():
    found = one(mt940(IN, first=FRIDAY), "mt940")

    assert (found.from_day, found.to_day) == (date(2026, 11, 21), MONDAY)


@pytest.mark.fault("F58")
@pytest.mark.parametrize("kept", range(1, 9))
def test_an_mt940_that_was_cut_off_after_a_line_is_refused(kept):
    lines = mt940(IN, OUT).split(b"\r\n")[:kept]

    reading = read(b"\r\n".join(lines), "mt940")
    assert reading.statement is None
    assert "terpotong" in " ".join(map(str, reading.problems))


@pytest.mark.fault("F64")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"hello", "baris 1: 'hello' di luar"),
        (b":25:300\n:20:X", "baris 1: :25: sebelum :20:"),
        (b":20:A\n:61:rubbish\n", "baris 2, kolom ':61:': 'rubbish'"),
        (b":20:A\n:60F:C261123IDR1,00\n:60F:C261123IDR1,00", "baris 3"),
        (b":20:A\n:60F:C261123IDR,\n:62F:C261123IDR1,00", "baris 2, kolom ':60F:'"),
        (":20:A\n:60F:C261123IDR١٢,00\n".encode(), "baris 2, kolom ':60F:'"),
    ],
)
def test_an_mt940_that_is_none_is_named_by_its_line(content, why):
    try:
        found = " ".join(map(str, read(content, "mt940").problems))
    except FileRefused as error:
        found = " ".join([str(error), *error.problems])

    assert why in found


# CAMT.053


@pytest.mark.parametrize("version", ["02", "04", "08"])
def test_the_versions_of_camt_are_read(version):
    assert len(one(camt(IN, version=version), "camt053").lines) == 1


@pytest.mark.fault("F64")
@pytest.mark.parametrize(
    ("old", "new"), [(b"camt.053.001.02", b"camt.053.001.12"), (b"camt.053", b"camt.052"),
                     (b"urn:iso", b"urn:eso")],
)  # fmt: skip
def test_another_document_is_refused_by_its_name(old, new):
    assert "Bukan CAMT.053 versi 02 sampai 08" in refused(camt(IN).replace(old, new), "camt053")


def test_only_booked_entries_are_lines():
    pending = entry(Move(999), status="PDNG")
    reading = read(camt(IN, entries=pending), "camt053")

    assert [line.amount for line in reading.statement.lines] == [150_000]
    assert list(reading.skipped.values()) == ["status PDNG, bukan BOOK"]


def test_a_reversal_is_told_and_the_mark_of_the_entry_tells_its_direction():
    reversal = entry(Move(-500, "SALAH"), reversal="yes")
    found = one(camt(IN, entries=reversal, closing=1_149_500), "camt053")

    assert said(found)[1] == (MONDAY, -500, "REVERSAL SALAH", "")


def test_a_batch_is_one_line_with_the_texts_of_its_transactions():
    parts = "".join(f"<TxDtls><RmtInf><Ustrd>STS {n}</Ustrd></RmtInf></TxDtls>" for n in (1, 2))
    batch = entry(Move(300, "x")).replace(
        "<NtryDtls><TxDtls><RmtInf><Ustrd>x</Ustrd></RmtInf></TxDtls></NtryDtls>",
        f"<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{parts}</NtryDtls>",
    )

    found = one(camt(entries=batch, closing=1_000_300), "camt053")

    assert said(found) == [(MONDAY, 300, "STS 1 STS 2", "")]


def test_a_closing_balance_before_and_a_period_tell_the_days():
    content = camt(Move(5, day=TUESDAY), first=FRIDAY, last=TUESDAY).replace(b"OPBD", b"PRCD")
    assert one(content, "camt053").from_day == date(2026, 11, 21)

    period = (
        b"<FrToDt><FrDtTm>2026-11-22T17:00:00Z</FrDtTm><ToDtTm>2026-11-25T00:00:00+07:00</ToDtTm>"
        b"</FrToDt><Acct>"
    )
    found = one(camt(IN).replace(b"<Acct>", period), "camt053")
    assert (found.from_day, found.to_day) == (MONDAY, TUESDAY)


def test_a_moment_of_booking_counts_for_its_day_in_jambi():
    content = camt(IN, last=TUESDAY).replace(
        b"<BookgDt><Dt>2026-11-23</Dt>", b"<BookgDt><DtTm>2026-11-23T18:30:00Z</DtTm>"
    )

    assert one(content, "camt053").lines[0].booked_on == TUESDAY


@pytest.mark.fault("F58")
@pytest.mark.parametrize("kept", [30, 200, 500, -20])
def test_a_camt_that_was_cut_off_is_refused_with_its_line(kept):
    assert "XML terpotong atau rusak | baris " in refused(camt(IN, OUT)[:kept], "camt053")


def test_a_camt_without_a_balance_is_wrong():
    assert "'Bal CLBD'" in problems(camt(IN).replace(b"CLBD", b"CLAV"), "camt053")[0]


# By a mapping

TWO_COLUMNS = [
    "BANK CONTOH DUA KOLOM", "No. Rekening : 300-123-4567",
    "Periode : 23/11/2026 s/d 24/11/2026",
    "Tanggal;Valuta;Keterangan;No. Ref;Debet;Kredit;Saldo", ";;Saldo Awal;;;;1.000.000,00",
    "23/11/2026 10:05:11;23/11/2026;SETORAN STS 12;FT001;;150.000,00;1.150.000,00",
    "Tanggal;Valuta;Keterangan;No. Ref;Debet;Kredit;Saldo",
    "23/11/2026 16:20:00;;BIAYA ADM;FT002;2.500,00;-;1.147.500,00",
    ";;Total Mutasi;;2.500,00;150.000,00;", ";;Saldo Akhir;;;;1.147.500,00",
]  # fmt: skip


def two_columns(**changed):
    text = "\n".join(TWO_COLUMNS)
    for old, new in changed.items():
        text = text.replace(old, new)
    return (text + "\n").encode()


def test_a_layout_of_two_columns_is_read_and_its_days_are_those_of_the_head():
    found = one(two_columns(), "csv", shipped("bank-dua-kolom"))

    assert (found.from_day, found.to_day) == (MONDAY, TUESDAY)
    assert (found.opening, found.closing) == (1_000_000, 1_147_500)
    assert said(found) == [
        (MONDAY, 150_000, "SETORAN STS 12", "FT001"), (MONDAY, -2_500, "BIAYA ADM", "FT002"),
    ]  # fmt: skip


@pytest.mark.fault("F58")
@pytest.mark.parametrize("kept", range(5, 10))
def test_a_statement_cut_off_after_a_line_is_refused(kept):
    content = "\n".join(TWO_COLUMNS[:kept]).encode()

    assert "terpotong" in " ".join(problems(content, "csv", shipped("bank-dua-kolom")))


@pytest.mark.fault("F65")
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("150.000,00;1.150", "150.000,50;1.150", "kolom 'Kredit': '150.000,50'"),
        ("150.000,00;1.150", "150,000.00;1.150", "kolom 'Kredit'"),
        (";;150.000,00;1.150", ";1,00;150.000,00;1.150", "keduanya terisi"),
        (";;150.000,00;1.150", ";;;1.150", "keduanya kosong"),
        (";;150.000,00;1.150", ";;-150.000,00;1.150", "jumlah negatif"),
        ("1.150.000,00", "1.250.000,00", "saldo sesudahnya tertulis Rp1.250.000"),
        (";2.500,00;150.000,00;", ";2.500,00;160.000,00;", "jumlah baris-barisnya 150000"),
        ("23/11/2026 10", "11/23/2026 10", "bukan waktu yang ditulis seperti"),
        ("23/11/2026 10", "22/11/2026 10", "di luar periode"),
        ("Saldo Akhir;;;;1.147", "Saldo Akhir;;;;1.148", "saldo akhir tertulis"),
        ("FT001", "6,12346E+11", "nomor rusak oleh Excel"),
    ],
)
def test_what_is_wrong_in_a_cell_is_named_with_its_line(old, new, why):
    found = problems(two_columns(**{old: new}), "csv", shipped("bank-dua-kolom"))

    assert any(why in problem for problem in found), found


def test_a_layout_with_marks_and_the_newest_line_on_top_is_read():
    content = (
        b'"Informasi Rekening","3001234567 - RKUD KOTA"\n'
        b'"Tanggal","Uraian","Berita","D/K","Nominal","Saldo"\n'
        b'"24-11-2026","BIAYA TRANSFER","","D","2,500.00","1,147,500.00"\n'
        b'"23-11-2026","PEMINDAHAN","QRIS 22 NOV","K","150,000.00","1,150,000.00"\n'
    )

    found = one(content, "csv", shipped("bank-tanda-dk"))

    assert said(found) == [
        (MONDAY, 150_000, "PEMINDAHAN QRIS 22 NOV", ""), (TUESDAY, -2_500, "BIAYA TRANSFER", ""),
    ]  # fmt: skip
    assert (found.opening, found.closing) == (1_000_000, 1_147_500)


def test_a_workbook_with_a_signed_column_is_read():
    content = xlsx_file([
        ["Laporan Mutasi Rekening"], ["Nomor Rekening", "3001234567"],
        ["Tanggal Laporan", "23/11/2026"], ["Saldo Awal", "1.000.000"],
        ["Posting Date", "Value Date", "Description", "Journal", "Amount", "Balance"],
        ["23/11/2026", "23/11/2026", "SETORAN STS 12", "'0012345", 150000, 1150000],
        ["23/11/2026", "23/11/2026", "BIAYA ADM", "0012346", -2500, 1147500],
        ["Halaman 1 dari 1"], ["Saldo Akhir 1.147.500"],
    ])  # fmt: skip

    found = one(content, "xlsx", shipped("bank-lembar"))

    assert said(found) == [
        (MONDAY, 150_000, "SETORAN STS 12", "0012345"), (MONDAY, -2_500, "BIAYA ADM", "0012346"),
    ]  # fmt: skip
    assert (found.opening, found.closing, found.to_day) == (1_000_000, 1_147_500, MONDAY)


@pytest.mark.fault("F64")
def test_columns_in_another_order_are_found_and_a_missing_one_is_named():
    shuffled = b"Saldo;Kredit;Debet;Keterangan;Tanggal\n1.000,00;1.000,00;;X;23/11/2026\n"
    assert said(one(shuffled)) == [(MONDAY, 1_000, "X", "")]

    assert "tidak ada kolom 'Saldo'" in refused(csv_file(IN).replace(b"Saldo", b"Sisa"))


@pytest.mark.fault("F62")
@pytest.mark.parametrize(("encoding", "is_read"), [("utf-8-sig", True), ("cp1252", True),
                                                   ("utf-16", False)])  # fmt: skip
def test_encodings_are_found_or_refused_with_the_line(encoding, is_read):
    content = csv_file(Move(5, "Kafé")).decode().encode(encoding)

    if is_read:
        assert one(content).lines[0].text == "Kafé"
    else:
        assert "baris 1" in refused(content)


@pytest.mark.fault("F63")
@pytest.mark.parametrize("figure", ["1,5E+05", "150,000.00", "150.0", "１５", "1_500", "0x10"])
def test_a_figure_of_another_locale_or_by_excel_is_wrong(figure):
    content = f"{TITLES}\n23/11/2026;X;;{figure};1.000,00\n".encode()

    assert problems(content)[0].startswith(f"baris 2, kolom 'Kredit': '{figure}'")


@pytest.mark.fault("F66")
def test_a_formula_stays_the_text_that_it_is():
    assert one(csv_file(Move(5, "=HYPERLINK('http://x')"))).lines[0].text.startswith("=HYPERLINK")


def test_without_lines_and_without_a_period_nothing_is_told():
    assert "tidak menyebut periodenya" in problems(csv_file())[0]


# Which form a file has


@pytest.mark.parametrize(
    ("content", "name", "format"),
    [
        (mt940(IN), "a", "mt940"), (camt(IN), "a", "camt053"), (csv_file(IN), "a.csv", "csv"),
        (b"{1:F01}{4:\n:20:X", "a.txt", "mt940"), (b"PK\x03\x04", "a", "xlsx"),
        (b"rubbish", "a.sta", "mt940"),
    ],
)  # fmt: skip
def test_the_form_of_a_file_is_seen_in_its_first_bytes(content, name, format):
    assert format_of(content, name) == format


def test_an_account_is_read_by_its_own_mapping_or_says_that_it_has_none(tmp_path):
    (tmp_path / "rkud.yaml").write_text(PLAIN)
    mappings = Mappings([tmp_path], StatementMapping)

    assert mapping_for(mappings, "csv", "rkud").name == "rkud"
    assert mapping_for(mappings, "mt940", "rkud") is None
    with pytest.raises(FileRefused, match="tidak punya pemetaan"):
        mapping_for(mappings, "csv", "penampungan")
    with pytest.raises(BadInput, match="tidak dikenal"):
        mapping_for(mappings, "pdf", "rkud")
