"""The discrepancies we name: what each means, who acts first, how grave, and by when.

Codes, owners and severities follow domain.md section 7. Where it gives no severity, one is
chosen beside its neighbours; days to act are by severity (A).

One fault gives one code. Several codes on one payment mean several faults, each with its own
owner, save where one is explained by another: those are in EXPLAINED_BY.
"""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    DIFFERENCE = "selisih"  # a person must act
    TIMING = "beda_waktu"  # right, but on another day than it should have been
    CLEARED = "selesai"  # the system itself put it right; kept for the record


class Severity(StrEnum):
    CRITICAL = "kritis"
    HIGH = "tinggi"
    MEDIUM = "sedang"
    LOW = "rendah"


# A code is left out where another of these holds for the same payment: it would tell the same
# story twice. D03 and D33 stand alone: money that is not a charge's is judged as nothing else.
EXPLAINED_BY = {
    "D02": frozenset({"D07", "D10", "D27"}),  # nobody told us in time; paid after cash or a new QR
}
ALONE = frozenset({"D03", "D33"})

# What waits for a bank or gateway to do its part: time in which it was out does not count.
FROZEN_BY_OUTAGE = frozenset({"D01", "D06", "D12", "D35"})

# Working days within which the owner acts.
DAYS_TO_ACT = {Severity.CRITICAL: 1, Severity.HIGH: 3, Severity.MEDIUM: 5, Severity.LOW: 10}

STATUS_TEXT = {
    Status.DIFFERENCE: "Selisih",
    Status.TIMING: "Beda waktu",
    Status.CLEARED: "Selesai",
}
SEVERITY_TEXT = {
    Severity.CRITICAL: "Kritis",
    Severity.HIGH: "Tinggi",
    Severity.MEDIUM: "Sedang",
    Severity.LOW: "Rendah",
}
OWNER_TEXT = {
    "system": "Sistem",
    "auditor": "Auditor",
    "admin": "Admin",
    "finance": "Keuangan",
    "treasurer": "Bendahara",
    "collector": "Petugas pungut",
    "supervisor": "Pengawas Dishub",
}


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in which a discrepancy shows. Figures in braces are filled in."""

    sentence: str
    status: Status = Status.DIFFERENCE
    severity: Severity | None = None  # where it differs from its code's


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    name: str
    name_en: str
    owner: str  # role that acts first; "system" where no person has to
    severity: Severity
    variants: dict[str, Variant]
    grace: int = 0  # working days that were waited before it was named


def kind(code: str) -> Kind:
    return CATALOGUE[code]


def variant(code: str, name: str) -> Variant:
    return CATALOGUE[code].variants[name]


def severity(code: str, name: str) -> Severity:
    return variant(code, name).severity or CATALOGUE[code].severity


CATALOGUE: dict[str, Kind] = {
    entry.code: entry
    for entry in (
        Kind(
            "D01", "Pembayaran tanpa pemberitahuan", "No callback for a payment",
            "system", Severity.MEDIUM,
            {
                "inquiry": Variant(
                    "{amount} untuk {ours} dibayar tetapi pemberitahuannya tidak pernah datang;"
                    " terbukti setelah gateway ditanya.", Status.CLEARED,
                ),
                "undecided": Variant(
                    "{ours} sebesar {amount} masih {state} lebih dari 24 jam: gateway belum"
                    " memastikan dibayar atau tidak."
                ),
            },
        ),
        Kind(
            "D02", "Dibayar setelah kedaluwarsa atau batal", "Paid after it had ended",
            "auditor", Severity.MEDIUM,
            {
                "late": Variant(
                    "{ours} sudah berakhir ketika dibayar {amount}; uangnya nyata dan sudah"
                    " dibukukan, periksa apakah pengemudi juga membayar tunai."
                ),
            },
        ),
        Kind(
            "D03", "Pembayaran tanpa tagihan", "Payment without a charge",
            "admin", Severity.HIGH,
            {
                "orphan": Variant(
                    "{amount} diterima gateway untuk {ours}, yang bukan tagihan kita:"
                    " penerimaan belum teridentifikasi."
                ),
                "forged": Variant(
                    "Pemberitahuan nomor {number} mengaku lunas{regarding} tetapi tidak dapat"
                    " membuktikan asalnya: diduga palsu, tidak ada yang dibukukan.",
                    severity=Severity.CRITICAL,
                ),
                "unknown": Variant(
                    "Pemberitahuan nomor {number}{regarding} menyebut tagihan yang tidak pernah"
                    " kita buat, dan gateway belum memastikan uangnya.",
                ),
            },
        ),
        Kind(
            "D04", "Pemberitahuan berulang", "Repeated callback", "system", Severity.LOW,
            {
                "repeated": Variant(
                    "Gateway mengirim pemberitahuan yang sama{regarding} {times} kali lagi; dicatat"
                    " sekali.", Status.CLEARED,
                ),
            },
        ),
        Kind(
            "D05", "Jumlah dibayar lain dari tagihan", "Paid amount differs from the charge",
            "auditor", Severity.HIGH,
            {
                "over": Variant(
                    "{ours} ditagih {asked} tetapi dibayar {paid}: lebih {amount}."
                ),
                "under": Variant(
                    "{ours} ditagih {asked} tetapi dibayar {paid}: kurang {amount}."
                ),
                "returned": Variant(
                    "{ours} ditagih {asked} tetapi dibayar {paid}; kelebihan {amount} sudah"
                    " dikembalikan.", Status.CLEARED,
                ),
            },
        ),
        Kind(
            "D06", "Dibayar tetapi tidak ada di laporan settlement", "Paid, not settled",
            "finance", Severity.MEDIUM,
            {
                "missing": Variant(
                    "{amount} untuk {ours} dibayar {paid_on} dan sampai T+2 hari kerja tidak ada"
                    " dalam laporan settlement: ajukan klaim dengan nomor {payment_ref}."
                ),
            },
            grace=2,
        ),
        Kind(
            "D07", "Baru terbukti dari laporan settlement", "First proved by the settlement line",
            "system", Severity.HIGH,
            {
                "recovered": Variant(
                    "{amount} untuk {ours} baru diketahui dari laporan settlement: tidak ada"
                    " pemberitahuan dan gateway tidak memastikannya. Sudah dibukukan; hitungan"
                    " sif berubah."
                ),
                "unbooked": Variant(
                    "Baris settlement {payment_ref} sebesar {amount} untuk {ours} belum"
                    " dibukukan sebagai pembayaran."
                ),
            },
        ),
        Kind(
            "D08", "Jumlah atau biaya settlement lain dari seharusnya",
            "Settled amount or fee differs", "finance", Severity.MEDIUM,
            {
                "gross": Variant(
                    "Laporan settlement menyebut {gross} untuk {ours}, padahal dibayar {paid}."
                ),
                "fee": Variant(
                    "Biaya {fee} dipotong dari {paid} untuk {ours}; menurut kontrak {agreed}."
                ),
            },
        ),
        Kind(
            "D09", "Dikembalikan oleh gateway", "Refunded or reversed by the gateway",
            "system", Severity.MEDIUM,
            {
                "booked": Variant(
                    "{amount} untuk {ours} dikembalikan oleh gateway tanpa permintaan kita;"
                    " pendapatan sudah dibalik dengan rujukan {payment_ref}.", Status.CLEARED,
                ),
                "unbooked": Variant(
                    "Laporan settlement menarik kembali {amount} untuk {ours} tanpa permintaan"
                    " kita, sedangkan bagi kita tetap lunas."
                ),
            },
        ),
        Kind(
            "D10", "Pengemudi membayar dua kali", "The driver paid twice",
            "auditor", Severity.MEDIUM,
            {
                "receipts": Variant("{ours} dibayar dua kali: {amount} berlebih."),
                "returned": Variant(
                    "{ours} dibayar dua kali; {amount} sudah dikembalikan.", Status.CLEARED
                ),
                "replaced": Variant(
                    "{ours} dibayar {amount}, dan penggantinya {other} juga dibayar."
                ),
                "cash": Variant(
                    "{ours} dibayar {amount} lewat QRIS, dan juga tunai {cash}."
                ),
            },
        ),
        Kind(
            "D11", "Kredit bank lain dari batch", "Batch and credit differ",
            "finance", Severity.HIGH,
            {
                "short": Variant(
                    "Batch {batch} seharusnya {expected}, yang masuk di rekening {credited}:"
                    " kurang {amount}. Minta rincian potongannya dari bank; kredit itu dibiarkan"
                    " terbuka."
                ),
                "over": Variant(
                    "Batch {batch} seharusnya {expected}, yang masuk di rekening {credited}:"
                    " lebih {amount}. Minta rinciannya dari bank; kredit itu dibiarkan terbuka."
                ),
                "ambiguous": Variant(
                    "Batch {batch} sebesar {amount} cocok sama baiknya dengan lebih dari satu"
                    " pasangan ({lines} kredit, {things} batch atau STS): tidak ditebak, pilih"
                    " yang benar."
                ),
            },
        ),
        Kind(
            "D12", "Batch tanpa kredit di bank", "Batch without a credit",
            "finance", Severity.HIGH,
            {
                "missing": Variant(
                    "{amount} dari batch {batch} seharusnya masuk paling lambat {due} dan belum"
                    " ada di rekening koran: surati bank."
                ),
            },
            grace=1,
        ),
        Kind(
            "D13", "Mutasi bank tanpa dasar", "Bank movement without anything behind it",
            "finance", Severity.HIGH,
            {
                "credit": Variant(
                    "{amount} masuk ke rekening {account} dengan keterangan \"{text}\", tanpa batch"
                    " atau STS: penerimaan belum teridentifikasi."
                ),
                "debit": Variant(
                    "{amount} keluar dari rekening {account} dengan keterangan \"{text}\", dan"
                    " bukan potongan bank yang dikenal."
                ),
            },
        ),
        Kind(
            "D14", "Dana masuk lewat waktunya", "Settled later than due", "system", Severity.LOW,
            {
                "later": Variant(
                    "{amount} untuk {ours} dibayar {paid_on} dan baru masuk {settled_on};"
                    " seharusnya {due}.", Status.TIMING,
                ),
                "batch": Variant(
                    "Batch {batch} sebesar {amount} baru masuk di rekening pada {posted};"
                    " seharusnya paling lambat {due}.", Status.TIMING,
                ),
                "slip": Variant(
                    "STS {number} sebesar {amount} baru masuk di rekening pada {posted};"
                    " seharusnya paling lambat {due}.", Status.TIMING,
                ),
            },
        ),
        Kind(
            "D15", "Bagi hasil dibayar lain dari hitungan", "Share paid is not the share computed",
            "finance", Severity.MEDIUM,
            {
                "other": Variant(
                    "Bagian {badge} menurut buku {computed}, yang dibayar bank {paid}: selisih"
                    " {amount}; perhitungkan pada pembayaran berikutnya."
                ),
                "returned": Variant(
                    "Bagian {badge} sebesar {computed} dibayar dan dikembalikan bank {returned}:"
                    " {amount} belum sampai; periksa rekeningnya."
                ),
                "missing": Variant(
                    "Bagian {badge} sebesar {amount} seharusnya dibayar paling lambat {due} dan"
                    " belum ada pembayarannya."
                ),
                "unearned": Variant(
                    "{badge} dibayar {paid}, padahal menurut buku tidak ada bagian hari itu."
                ),
            },
        ),
        Kind(
            "D16", "QRIS menurut juru parkir lain dari server", "Declared QRIS differs",
            "auditor", Severity.MEDIUM,
            {
                "over": Variant(
                    "Juru parkir menyatakan QRIS {declared}, server mencatat {server}: {amount}"
                    " lebih banyak. Angka server yang berlaku; periksa layar pembayaran lama"
                    " atau QR pribadi."
                ),
                "under": Variant(
                    "Juru parkir menyatakan QRIS {declared}, server mencatat {server}: {amount}"
                    " kurang. Angka server yang berlaku."
                ),
            },
        ),
        Kind(
            "D17", "Tunai menurut ketukan lain dari yang dinyatakan", "Declared cash differs",
            "auditor", Severity.MEDIUM,
            {
                "short": Variant(
                    "{count} kendaraan tunai berjumlah {taps}, yang dinyatakan {declared}:"
                    " kurang {amount}."
                ),
                "over": Variant(
                    "{count} kendaraan tunai berjumlah {taps}, yang dinyatakan {declared}:"
                    " lebih {amount}."
                ),
            },
        ),
        Kind(
            "D18", "Karcis lain dari tunai yang dinyatakan", "Tickets and cash differ",
            "auditor", Severity.HIGH,
            {
                "short": Variant(
                    "Giliran {shift} memakai {used} karcis seharga {worth} dan menyatakan tunai"
                    " {declared}: kurang {amount}."
                ),
                "over": Variant(
                    "Giliran {shift} menyatakan tunai {declared} dan memakai {used} karcis"
                    " seharga {worth}: {amount} diterima tanpa karcis."
                ),
                "unknown": Variant(
                    "Giliran {shift} memakai karcis {tickets} yang tidak ada dalam buku karcis"
                    " mana pun."
                ),
                "reused": Variant(
                    "Giliran {shift} memakai karcis {tickets} yang sudah dipakai giliran lain:"
                    " temuan, {amount} diragukan."
                ),
                "unissued": Variant(
                    "Giliran {shift} memakai karcis {tickets} yang tidak pernah diserahkan kepada"
                    " juru parkir ini."
                ),
                "old": Variant(
                    "Giliran {shift} memakai karcis {tickets} dari seri tahun yang lewat."
                ),
            },
        ),
        Kind(
            "D19", "Tanpa QRIS tujuh hari", "No QRIS in seven days",
            "supervisor", Severity.MEDIUM,
            {
                "idle": Variant(
                    "{badge} tidak menerima satu pun pembayaran QRIS sejak {since}, padahal"
                    " bertugas {days} hari di titik ber-QRIS dan menerima tunai {amount}."
                ),
            },
        ),
        Kind(
            "D20", "Serah terima berselisih", "Given and received differ",
            "collector", Severity.MEDIUM,
            {
                "counted": Variant(
                    "Serah terima {number}: dinyatakan diserahkan {given}, dihitung penerima"
                    " {received}: selisih {amount}, belum dijawab pemberi."
                ),
                "agreed": Variant(
                    "Serah terima {number}: dinyatakan diserahkan {given}, dihitung penerima"
                    " {received}: selisih {amount}, disetujui pemberi."
                ),
                "disputed": Variant(
                    "Serah terima {number}: dinyatakan diserahkan {given}, dihitung penerima"
                    " {received}: selisih {amount}, dibantah pemberi."
                ),
                "short": Variant(
                    "Serah terima {number}: diserahkan dan diterima {received}, padahal menurut"
                    " buku {holds}: {amount} tertinggal pada pemberi."
                ),
                "beyond": Variant(
                    "Serah terima {number}: diserahkan dan diterima {received}, menurut buku"
                    " {holds}: {amount} tidak pernah dicatat ketika diterima."
                ),
            },
        ),
        Kind(
            "D21", "Setoran lain dari yang diterima bendahara", "Receipts and deposit differ",
            "auditor", Severity.CRITICAL,
            {
                "parts": Variant(
                    "STS {number} sebesar {deposited} memuat TBP berjumlah {received}: selisih"
                    " {amount}."
                ),
                "paid_in": Variant(
                    "STS {number} sebesar {deposited}, menurut slip bank disetor {paid}: selisih"
                    " {amount}."
                ),
                "credited": Variant(
                    "STS {number} disetor {paid}, yang masuk di rekening {credited}: selisih"
                    " {amount}."
                ),
                "receipt": Variant(
                    "TBP {number} sebesar {received}, baru {deposited} yang dimuat STS: {amount}"
                    " tidak disetor."
                ),
                "over": Variant(
                    "TBP {number} sebesar {received}, dimuat STS sebesar {deposited}: lebih"
                    " {amount}."
                ),
            },
        ),
        Kind(
            "D22", "STS tanpa kredit di RKUD", "Deposit slip without a credit",
            "finance", Severity.HIGH,
            {
                "unpaid": Variant(
                    "STS {number} sebesar {amount} terbit dan sampai {due} belum ada slip bank"
                    " yang menyatakan disetor."
                ),
                "missing": Variant(
                    "STS {number} dinyatakan disetor {amount} dan sampai {due} belum ada di"
                    " rekening koran: belum tervalidasi, periksa slip dan rekening tujuannya."
                ),
                "ambiguous": Variant(
                    "STS {number} sebesar {amount} cocok sama baiknya dengan lebih dari satu"
                    " pasangan ({lines} kredit, {things} batch atau STS): tidak ditebak, pilih"
                    " yang benar."
                ),
            },
            grace=1,
        ),
        Kind(
            "D23", "Setoran di RKUD tanpa STS", "Deposit at the bank without a slip",
            "treasurer", Severity.HIGH,
            {
                "unknown": Variant(
                    "{amount} masuk ke rekening {account} dan menyebut nomor STS yang tidak"
                    " pernah terbit (\"{text}\")."
                ),
                "void": Variant(
                    "{amount} masuk ke rekening {account} untuk STS {number}, yang sudah batal."
                ),
                "deposit": Variant(
                    "{amount} masuk ke rekening {account} sebagai setoran parkir (\"{text}\"), dan"
                    " tidak ada STS-nya: terbitkan STS atau catat nota kreditnya."
                ),
            },
        ),
        Kind(
            "D24", "Terlambat atau tidak disetor", "Handed on or deposited late",
            "treasurer", Severity.MEDIUM,
            {
                "held": Variant(
                    "Tunai {amount} dari giliran {shift} seharusnya diserahkan {due} dan masih"
                    " pada juru parkir."
                ),
                "uncounted": Variant(
                    "Tunai {amount} dari giliran {shift} ditawarkan untuk diserahkan; sampai akhir"
                    " {due} belum dihitung penerimanya."
                ),
                "rest": Variant(
                    "Tunai {amount} dari giliran {shift} dicatat sesudah giliran itu diserahkan"
                    " dan masih pada juru parkir."
                ),
                "late": Variant(
                    "Tunai {amount} dari giliran {shift} seharusnya diserahkan {due}, baru diterima"
                    " {on}: terlambat {days} hari kerja.", Status.TIMING,
                ),
                "kept": Variant(
                    "{amount} dari serah terima {number} seharusnya diteruskan ke bendahara {due}"
                    " dan masih pada petugas pungut."
                ),
                "passed_late": Variant(
                    "{amount} dari serah terima {number} seharusnya diteruskan ke bendahara {due},"
                    " baru diterima {on}: terlambat {days} hari kerja.", Status.TIMING,
                ),
                "undeposited": Variant(
                    "TBP {number} sebesar {amount} seharusnya disetor ke RKUD paling lambat {due}"
                    " dan belum dimuat STS mana pun."
                ),
                "deposited_late": Variant(
                    "TBP {number} sebesar {amount} seharusnya disetor ke RKUD paling lambat {due},"
                    " baru disetor {on}: terlambat {days} hari kerja.", Status.TIMING,
                ),
            },
            grace=1,
        ),
        Kind(
            "D25", "Setoran tanpa surat tugas", "Deposit without a valid letter",
            "supervisor", Severity.HIGH,
            {
                "handover": Variant(
                    "Serah terima {number} sebesar {amount} dari juru parkir yang saat itu tidak"
                    " bersurat tugas: uangnya tetap dibukukan; sahkan atau tindak."
                ),
            },
        ),
        Kind(
            "D26", "Komitmen harian lain dari bagian kota", "Commitment and takings",
            "supervisor", Severity.LOW,
            {
                "arrears": Variant(
                    "{badge} berjanji menyetor {daily} sehari; bagian kota dari penerimaan"
                    " {taken} hari itu {share}: kurang {amount}."
                ),
                "surplus": Variant(
                    "{badge} berjanji menyetor {daily} sehari; bagian kota dari penerimaan"
                    " {taken} hari itu {share}: lebih {amount}.", Status.CLEARED,
                ),
            },
        ),
        Kind(
            "D27", "Jenis kendaraan salah", "Asked as another kind of vehicle",
            "system", Severity.MEDIUM,
            {
                "replaced": Variant(
                    "{ours} ditagih sebagai {first} dan dibayar {amount}, lalu kendaraan itu"
                    " dibayar lagi sebagai {second} {other}: kembalikan yang pertama."
                ),
                "returned": Variant(
                    "{ours} ditagih sebagai {first}, lalu dibayar lagi sebagai {second} {other};"
                    " yang pertama {amount} sudah dikembalikan.", Status.CLEARED,
                ),
            },
        ),
        Kind(
            "D28", "Tarif lain dari yang berlaku", "Charged by another tariff",
            "system", Severity.MEDIUM,
            {
                "other": Variant(
                    "{ours} ditagih {asked}; tarif {vehicle} yang berlaku hari itu {price}"
                    " ({decree})."
                ),
            },
        ),
        Kind(
            "D29", "Menagih di luar surat tugas", "Charged without a valid letter",
            "auditor", Severity.MEDIUM,
            {
                "letter": Variant(
                    "{ours} sebesar {amount} ditagih ketika surat tugas {letter} tidak berlaku."
                ),
                "device": Variant(
                    "{ours} sebesar {amount} ditagih dari ponsel yang terdaftar untuk orang lain."
                ),
            },
        ),
        Kind(
            "D30", "Kode rekening lain dari titiknya", "Booked under another account",
            "finance", Severity.MEDIUM,
            {
                "other": Variant(
                    "TBP {number} sebesar {amount} dibukukan di {booked}, padahal titiknya {codes}:"
                    " buat jurnal koreksi, jangan diubah."
                ),
                "mixed": Variant(
                    "TBP {number} sebesar {amount} memuat penerimaan {codes} sekaligus: pisahkan"
                    " dengan jurnal koreksi."
                ),
            },
        ),
        Kind(
            "D31", "Berkas diimpor dua kali", "File imported twice", "system", Severity.LOW,
            {
                "duplicate": Variant(
                    "Berkas {file} sama dengan impor {original}: {count} baris, tidak ada yang"
                    " ditambahkan.", Status.CLEARED,
                ),
            },
        ),
        Kind(
            "D32", "Berkas ditolak", "File refused", "system", Severity.MEDIUM,
            {
                "rejected": Variant(
                    "Berkas {file} ditolak karena {count} masalah, yang pertama: {first}. Tidak"
                    " ada yang dimasukkan; minta berkas yang benar dari gateway."
                ),
            },
        ),
        Kind(
            "D33", "Transaksi uji dalam laporan", "Test line in a production report",
            "admin", Severity.LOW,
            {
                "line": Variant(
                    "Baris settlement {payment_ref} sebesar {amount} untuk {ours} adalah uji coba"
                    " bank: dikecualikan dari hitungan."
                ),
                "payment": Variant(
                    "Pembayaran {payment_ref} sebesar {amount} untuk {ours} adalah uji coba bank,"
                    " bukan retribusi."
                ),
                "bank": Variant(
                    "Baris {text} sebesar {amount} di rekening {account} adalah uji coba bank:"
                    " dikecualikan dari hitungan.", Status.CLEARED,
                ),
            },
        ),
        Kind(
            "D34", "QR palsu dilaporkan", "Fake QR reported",
            "supervisor", Severity.CRITICAL,
            {
                "foreign": Variant(
                    "QR yang ditunjukkan di titik ini berisi NMID {nmid} atas nama {name}, bukan"
                    " milik kota; {working}. Tidak ada yang dibukukan: periksa di tempat."
                ),
                "unreadable": Variant(
                    "QR yang ditunjukkan di titik ini bukan QRIS yang sah ({fault}); {working}."
                    " Tidak ada yang dibukukan: periksa di tempat."
                ),
                "ours": Variant(
                    "QR yang dilaporkan berisi NMID {nmid}, milik kota sendiri.", Status.CLEARED,
                    Severity.LOW,
                ),
            },
        ),
        Kind(
            "D35", "Dibayar saat gangguan, belum jelas", "Paid during an outage, not resolved",
            "finance", Severity.MEDIUM,
            {
                "unsettled": Variant(
                    "{amount} untuk {ours} dibayar ketika {account} gangguan ({window}) dan belum"
                    " ada dalam laporan settlement: tenggatnya dibekukan selama itu; cocokkan"
                    " begitu laporannya tersedia."
                ),
                "undecided": Variant(
                    "{ours} sebesar {amount} diminta ketika {account} gangguan ({window}) dan masih"
                    " {state}: gateway belum memastikan dibayar atau tidak."
                ),
            },
            grace=2,
        ),
        Kind(
            "D36", "Dikembalikan dua kali", "Refunded by hand and by the gateway",
            "finance", Severity.MEDIUM,
            {
                "twice": Variant(
                    "{amount} untuk {ours} sudah ditransfer bendahara dan kemudian dikembalikan"
                    " juga oleh gateway ({payment_ref}): tagih kembali, atau perhitungkan dengan"
                    " pengembalian berikutnya."
                ),
            },
        ),
        Kind(
            "D37", "Lewat tahun anggaran", "Over the end of the year",
            "finance", Severity.LOW,
            {
                "batch": Variant(
                    "{amount} dari {count} pembayaran tahun ini baru masuk {settled_on} dalam"
                    " batch {batch}: tampilkan sebagai kas di bank akhir tahun.", Status.TIMING,
                ),
                "receipt": Variant(
                    "TBP {number} sebesar {amount} diterima tahun ini dan baru disetor {on}:"
                    " tampilkan sebagai kas di bendahara akhir tahun.", Status.TIMING,
                ),
                "shift": Variant(
                    "Tunai {amount} dari giliran {shift} diterima tahun ini dan baru diserahkan"
                    " {on}: tampilkan sebagai kas dalam perjalanan akhir tahun.", Status.TIMING,
                ),
            },
        ),
    )
}  # fmt: skip
