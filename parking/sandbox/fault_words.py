"""The faults as the console shows them: in groups, each in an Indonesian sentence. Pure.

The English beside it is the catalogue's.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Faults of one kind: their names, and what each does."""

    title: str
    english: str
    faults: Mapping[str, str]


GROUPS = (
    Group("Pengiriman", "Delivery", {
        "callback_duplicate": "Pembayaran diberitahukan lebih dari sekali.",
        "callback_drop": "Pembayaran tidak diberitahukan.",
        "callback_delay": "Pembayaran diberitahukan terlambat.",
        "callback_reorder": "Pemberitahuan menunggu datang setelah pemberitahuan lunas.",
        "callback_overtakes_create": "Pemberitahuan datang sebelum jawaban pembuatan QR.",
        "callback_missing_issuer": "Pemberitahuan tidak menyebut bank atau dompet pembayar.",
        "callback_missing_fields": "Satu isian hilang dari pemberitahuan, atau semuanya.",
        "callback_extra_fields": "Pemberitahuan memuat isian yang tidak dikenal siapa pun.",
        "callback_pretty": "Pemberitahuan ditulis dengan bita lain: menjorok, / menjadi \\/.",
    }),
    Group("Keamanan", "Security", {
        "callback_bad_signature": "Pemberitahuan ditandatangani dengan kunci orang lain.",
        "callback_tampered": "Pemberitahuan palsu: yang menunggu diubah menjadi lunas.",
        "callback_old_time": "Pemberitahuan ditandatangani dengan waktu satu jam yang lalu.",
        "callback_fraud_deny": "Pembayaran ditolak oleh pemeriksaan kecurangan.",
        "wrong_qr": "QR bukan yang diminta: jumlah, penerima atau CRC-nya lain.",
        "unauthorised": "Kunci kita dianggap salah.",
        "redirect": "Jawaban mengalihkan ke alamat lain.",
    }),
    Group("Uang", "Money", {
        "amount_mismatch": "Yang dibayar bukan jumlah yang diminta.",
        "status_lags": "Pertanyaan status masih menjawab menunggu setelah dibayar.",
        "status_contradicts": "Pertanyaan status menjawab kedaluwarsa padahal sudah lunas.",
        "status_unknown": "Pertanyaan status menjawab kata yang tidak pernah didokumentasikan.",
        "status_upper_case": "Pertanyaan status menjawab dengan huruf besar.",
        "answer_money": "Pertanyaan status menulis jumlah dengan cara lain.",
        "answer_times": "Pertanyaan status menulis waktu dengan cara lain.",
        "answer_extra_fields": "Pertanyaan status memuat isian yang tidak dikenal siapa pun.",
    }),
    Group("Jaringan", "Transport", {
        "down": "Gerbang mati: tidak menjawab, dan pemberitahuannya tertahan.",
        "slow": "Setiap jawaban terlambat.",
        "rate_limit": "Terlalu banyak permintaan.",
        "http_error": "Kode galat juga menjadi status HTTP.",
        "html_502": "Halaman HTML dari perantara menggantikan jawaban.",
        "empty_body": "Jawaban berhasil tetapi kosong.",
        "reset": "Sambungan terputus di tengah jawaban.",
        "slow_body": "Jawaban datang satu bita per detik.",
        "huge_answer": "Jawaban sangat besar.",
        "create_timeout_after_commit": "QR dibuat, tetapi jawabannya tidak pernah datang.",
        "create_timeout_before_commit": "QR tidak dibuat, dan tidak ada jawaban.",
        "create_500": "Pembuatan QR dijawab 500.",
        "create_503": "Pembuatan QR dijawab 503.",
        "create_504": "QR dibuat, tetapi dijawab 504.",
        "create_html": "Pembuatan QR dijawab dengan halaman HTML.",
        "create_reset": "QR dibuat, dan sambungan terputus di tengah jawaban.",
        "missing_qr_string": "Jawaban pembuatan QR tidak memuat isi QR.",
        "missing_expiry_time": "Jawaban pembuatan QR tidak memuat batas waktu.",
    }),
    Group("Khusus SNAP BI", "SNAP BI only", {
        "snap_query_07": "Pertanyaan status belum mengenal QR yang baru dibuat.",
        "snap_status": "Pertanyaan status menjawab kode status tertentu.",
        "snap_conflict": "QR dibuat atau diakhiri, tetapi dijawab 409/00.",
        "snap_in_progress": "QR dibuat atau diakhiri, tetapi dijawab 202/00.",
        "snap_token_lost": "Token kita tidak dikenal lagi: 401/01.",
        "snap_token_refused": "Kita tidak diberi token: 401/00.",
    }),
    Group("Pengembalian dana", "Refund", {
        "refund_denied": "Bank langsung menolak pengembalian.",
        "refund_fails_later": "Pengembalian diterima, lalu gagal di bank pembayar.",
        "refund_unsupported": "Bank pembayar tidak melayani pengembalian.",
        "refund_pending_forever": "Pengembalian diterima dan tidak pernah dipastikan.",
    }),
    Group("Laporan penyelesaian", "Settlement report", {
        "report_missing_row": "Satu pembayaran tidak ada di laporannya.",
        "report_late": "Satu pembayaran baru ada di laporan hari lain.",
        "report_fee": "Biaya yang dipotong lain.",
        "report_amount": "Jumlah yang dilaporkan lain.",
        "report_reversal": "Satu pembayaran ditarik kembali di laporannya.",
        "report_extra_row": "Ada pembayaran yang tidak diminta siapa pun.",
        "report_test_row": "Uji Rp1 dari bank tertinggal di laporan.",
        "report_tz_utc": "Waktu ditulis dalam UTC.",
        "report_bom_semicolon": "Berkas diawali BOM dan memakai titik koma.",
        "report_indonesian_decimals": "Jumlah ditulis 2.000,00.",
        "report_truncated": "Berkas berakhir di tengah baris.",
    }),
)  # fmt: skip

# What is said of a whole file strikes a business day instead of an order.
OF_A_DAY = (
    "report_extra_row", "report_test_row", "report_tz_utc", "report_bom_semicolon",
    "report_indonesian_decimals", "report_truncated",
)  # fmt: skip

TITLES = {"midtrans": "Midtrans", "xendit": "Xendit", "snap": "SNAP BI", "doku": "DOKU"}


def title_of(gateway: str) -> str:
    """A provider as people call it."""
    return TITLES.get(gateway, gateway.capitalize())
