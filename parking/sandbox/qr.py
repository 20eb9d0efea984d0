"""The payload of a transaction, and the wrong ones that a fault asks for. Pure."""

import re

from parking.qris.payload import build
from parking.sandbox.config import SandboxMerchant

POSTAL_CODE = "36123"
ACQUIRER_GUID = "ID.CO.SANDBOX.WWW"
LONGEST_ID = 15  # some providers number their merchants with more than a QR can hold
TERMINAL = re.compile(r"(?! )[ -~]{1,25}(?<! )", re.ASCII)

# Somebody else's account, for a code that would send the money there.
STRANGER = {"merchant_pan": "936009990000000999", "nmid": "ID9990000000999", "name": "TOKO LAIN"}


def make_qr(merchant: SandboxMerchant, amount: int, label: str, terminal: str) -> str:
    """The dynamic code of a charge: the label in 62.01 finds it again, the terminal is in 62.07."""
    return build(
        amount,
        merchant_name=merchant.name,
        city=merchant.city,
        postal_code=POSTAL_CODE,
        acquirer_guid=ACQUIRER_GUID,
        merchant_pan=merchant.pan,
        merchant_id=merchant.merchant_id[-LONGEST_ID:],
        nmid=merchant.nmid,
        bill_number=label,
        terminal_label=terminal if TERMINAL.fullmatch(terminal) else "",
    )


def spoiled_qr(merchant: SandboxMerchant, amount: int, label: str, how: object) -> str:
    """A code that is not what was asked for: another "merchant", a false "crc", else the amount."""
    if how == "merchant":
        return build(
            amount,
            merchant_name=STRANGER["name"],
            city=merchant.city,
            postal_code=POSTAL_CODE,
            acquirer_guid=ACQUIRER_GUID,
            merchant_pan=STRANGER["merchant_pan"],
            nmid=STRANGER["nmid"],
            bill_number=label,
        )
    if how == "crc":
        right = make_qr(merchant, amount, label, "")
        return right[:-4] + f"{int(right[-4:], 16) ^ 1:04X}"
    return make_qr(merchant, amount + 1_000, label, "")
