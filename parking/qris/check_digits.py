"""The two checks of a QRIS payload: its CRC and the last digit of a merchant PAN."""

import binascii


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE over the UTF-8 bytes, four upper-case hex digits.

    For a payload, `text` is everything up to and including "6304" (EMVCo
    merchant-presented mode v1.1, section 4.7.3). Raises UnicodeEncodeError for
    text that has no UTF-8 form.

    >>> crc("123456789")
    '29B1'
    """
    return f"{binascii.crc_hqx(text.encode('utf-8'), 0xFFFF):04X}"


def luhn_digit(digits: str) -> str:
    """The check digit that makes an 18-digit PAN one of 19 (ISO/IEC 7812-1).

    >>> luhn_digit("936001150000000123")
    '5'
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"not digits: {digits!r}")
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)
