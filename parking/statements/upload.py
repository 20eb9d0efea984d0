"""What the forms that bring files have in common."""

from collections.abc import Mapping

from parking.errors import BadInput

LONGEST_NUMBER = 19  # digits that no number of a row has


def printable(name: str) -> str:
    """A file's name as it can be kept: control characters stand neither in the database nor in
    a header, and a path of theirs is none of ours.

    >>> printable("C:\\\\bank\\\\mutasi\\x00.csv")
    'mutasi.csv'
    """
    kept = "".join(c for c in name if c.isprintable())
    return kept.replace("\\", "/").rpartition("/")[2][:200]


def draft_in_form(form: Mapping[str, str]) -> int:
    """The number of the preview that is accepted. Raises BadInput."""
    told = form.get("draft", "")
    if not (told.isascii() and told.isdecimal() and len(told) < LONGEST_NUMBER):
        raise BadInput("Lihat pratinjau dulu", {"draft": "tidak ada"})
    return int(told)
