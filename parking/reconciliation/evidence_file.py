"""A paper or a picture that somebody gives us: what it may be, and how it is given out again."""

from flask import Response

LARGEST = 5 * 1024 * 1024  # bytes
FORM_ROOM = 64 * 1024  # bytes of the form around it
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
PICTURES = frozenset({JPEG, PNG})
WORDS = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG"}
FIRST_BYTES = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}


def media_type_of(content: bytes) -> str:
    """What a file is by its first bytes, whatever it is called; empty for none of ours.

    >>> media_type_of(b"%PDF-1.7"), media_type_of(b"MZ")
    ('application/pdf', '')
    """
    return next((kind for first, kind in FIRST_BYTES.items() if content.startswith(first)), "")


def fault_of(content: bytes, kinds: frozenset[str] = frozenset(WORDS)) -> str:
    """What is wrong with a file, in Indonesian; empty when nothing is."""
    if media_type_of(content) not in kinds:
        return f"hanya {', '.join(text for kind, text in WORDS.items() if kind in kinds)}"
    return "paling besar 5 MB" if len(content) > LARGEST else ""


def given_out(content: bytes, media_type: str, name: str) -> Response:
    """The file as it came, to be saved and never to be run."""
    answer = Response(content, mimetype=media_type)
    file_name = f"{name}.{media_type.rpartition('/')[2]}"
    answer.headers.set("Content-Disposition", "attachment", filename=file_name)
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer
