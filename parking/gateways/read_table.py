"""Read a file into rows of cells: a CSV here, an XLSX in a process that may die of it.

A CSV stays in this process: Python's reader of it is linear and safe, its bytes are capped
before, and a child would only cost a second copy of everything. What a spreadsheet may do to
its reader is bounded in `xlsx_child` by memory, processor time and a clock.
"""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from parking.errors import FileRefused
from parking.gateways.cells import Cell
from parking.gateways.table import Row

WALL_S = 30
CHILD = Path(__file__).with_name("xlsx_child.py")

_TIMES: dict[str, Callable[[str], Cell]] = {
    "at": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
}


def xlsx_rows(content: bytes, sheet: str | None) -> Iterator[Row]:
    """The rows of a sheet, or of the first; blank ones are left out.

    Raises FileRefused, also when the child died: nothing else is affected.
    """
    for number, cells in read_by_child(CHILD, content, sheet or ""):
        yield Row(number, [_cell(cell) for cell in cells])


def read_by_child(program: Path, content: bytes, word: str) -> Iterator[Any]:
    """What a program of ours, limited as `xlsx_child` limits itself, reads in a file.

    Raises FileRefused, also when it died: nothing else is affected.
    """
    with tempfile.TemporaryFile() as taken, tempfile.TemporaryFile() as told:
        taken.write(content)
        taken.seek(0)
        _run(program, taken, told, word)
        told.seek(0)
        yield from _told(told)


def _run(program: Path, taken: IO[bytes], told: IO[bytes], word: str) -> None:
    # -I and an empty environment: it finds its reader, and none of our settings or secrets.
    child = subprocess.Popen(
        [sys.executable, "-I", str(program), word],
        stdin=taken, stdout=told, stderr=subprocess.DEVNULL, env={"PYTHONIOENCODING": "utf-8"},
        cwd="/",
    )  # fmt: skip
    try:
        code = child.wait(WALL_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise FileRefused(
            "Berkas terlalu berat untuk dibaca", [f"pembaca dihentikan setelah {WALL_S} detik"]
        ) from None
    if code not in (0, 3):  # 3: it says why itself
        raise FileRefused(
            "Pembaca berkas berhenti sendiri: berkas rusak, atau terlalu besar",
            [f"{_how(code)}; minta ekspor yang lebih kecil, atau CSV"],
        )


def _how(code: int) -> str:
    return f"sinyal {signal.Signals(-code).name}" if code < 0 else f"kode {code}"


def _told(told: IO[bytes]) -> Iterator[Any]:
    for line in told:
        read = json.loads(line, parse_float=Decimal)
        if isinstance(read, list):
            yield read
        elif "refused" in read:
            raise FileRefused(read["refused"], list(read["problems"]))
        else:
            return
    raise FileRefused("Pembaca berkas berhenti di tengah", ["tidak ada baris penutupnya"])


def _cell(cell: Any) -> Cell:
    if isinstance(cell, dict):
        ((kind, text),) = cell.items()
        return _TIMES[kind](text)
    return str(cell).upper() if isinstance(cell, bool) else cell
