"""What is printed: rows of figures, each with its unit."""

import os
import platform
import sqlite3
import sys
from typing import NamedTuple


class Row(NamedTuple):
    """One line of a table."""

    name: str
    figure: str = ""
    second: str = ""
    note: str = ""


_SHORT = 0.1
"""Seconds below which a duration is shown in milliseconds."""


def duration(seconds: float) -> str:
    """Return a duration as it is read."""
    return f"{seconds:.2f} s" if seconds >= _SHORT else f"{seconds * 1e3:.2f} ms"


def count(events: int, seconds: float) -> str:
    """Return a rate."""
    return f"{events / seconds:,.0f} events/s"


def machine() -> str:
    """Return what the figures were taken on."""
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    )


def print_rows(title: str, rows: list[Row]) -> None:
    """Print one table."""
    print(title)
    first = max(len(row.name) for row in rows)
    for row in rows:
        line = f"  {row.name:<{first}}  {row.figure:>10}  {row.second:>16}  {row.note}"
        print(line.rstrip())
    print(flush=True)


def progress(what: str) -> None:
    """Say on a terminal what is being measured."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{f'measuring {what} ...' if what else ''}")
        sys.stderr.flush()
