"""The objects a payload is made of: two digits of id, two of length, the value.

EMVCo merchant-presented mode v1.1, section 3: a length counts characters, and
a template is a value that holds objects of the same form.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

LONGEST_VALUE = 99
PAYLOAD_LIMIT = 512  # characters of a whole payload, the CRC included

_HEADER = re.compile(r"[0-9]{4}", re.ASCII)


class Item(NamedTuple):
    """One data object."""

    id: str
    value: str


class NotTlv(ValueError):
    """Text that is no sequence of objects; the message says what and at which character."""


def read(text: str) -> tuple[Item, ...]:
    """The objects of a payload or of a template, in the order they stand.

    Raises NotTlv for a header that is no four digits, for a value shorter than
    its length and for an id that stands twice.

    >>> read("5802ID5303360")
    (Item(id='58', value='ID'), Item(id='53', value='360'))
    """
    items: list[Item] = []
    at = 0
    while at < len(text):
        header = _HEADER.match(text, at)
        if header is None:
            raise NotTlv(f"non-numeric id or length at {at}")
        name, end = header[0][:2], at + 4 + int(header[0][2:])
        if end > len(text):
            raise NotTlv(f"value shorter than its length at {at}")
        items.append(Item(name, text[at + 4 : end]))
        at = end
    if len({item.id for item in items}) < len(items):
        raise NotTlv(f"duplicate id {_twice(items)}")
    return tuple(items)


def _twice(items: Sequence[Item]) -> str:
    ids = [item.id for item in items]
    return next(name for name in ids if ids.count(name) > 1)


def write(items: Iterable[Item]) -> str:
    """The text of objects, in the order given.

    An empty value is written: readers meet them and must keep them. Raises
    ValueError for a value of over 99 characters.

    >>> write([Item("58", "ID"), Item("53", "360")])
    '5802ID5303360'
    """
    return "".join(map(_one, items))


def _one(item: Item) -> str:
    if len(item.value) > LONGEST_VALUE:
        raise ValueError(f"object {item.id} has {len(item.value)} characters, at most 99 fit")
    return f"{item.id}{len(item.value):02d}{item.value}"


def is_ascending(items: Sequence[Item]) -> bool:
    """Whether the ids rise, as a writer should leave them; a reader must not need it."""
    return all(a.id < b.id for a, b in zip(items, items[1:], strict=False))
