"""A large log: what stays flat as a ledger grows, what grows with the one package asked for."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from intake import insert_rows, stored
from material import Material, made
from questions import CPOD, process
from report import Row, count, duration, progress

SIZES: Final = (10_000, 100_000, int(os.environ.get("BENCH_EVENTS") or 1_000_000))
"""Events of the logs that are made; the last one may be given."""

_MEASURED = """
import resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, capture_output=True)
seconds = time.perf_counter() - begun
print(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Runs a command in a small process, for a child is counted as large as its parent is."""

_TIMES = 3
_KIBIBYTES = 1 if sys.platform != "darwin" else 1024
"""What `ru_maxrss` counts in: kibibytes, on one system bytes."""


def growth_rows(place: Path, batch: int) -> list[Row]:
    """Return, by size, how fast a log goes in beside SQLite alone, and how fast books are made."""
    rows = []
    for events in sorted(set(SIZES)):
        progress(f"{events:,} events")
        found = made(place, events)
        ledger = _ledger(place, events)
        seconds, peak = _ingest(found, ledger, batch)
        table, content = stored(ledger)
        raw = insert_rows(table, content, place / "raw.db", batch)
        del content
        books = _books_seconds(ledger)
        rows += [
            Row(
                f"{events:,} events: cpod ingest",
                duration(seconds),
                count(events, seconds),
                f"at most {peak:,.0f} MiB of memory in each of its processes",
            ),
            Row("  SQLite alone", duration(raw), count(events, raw), f"{seconds / raw:.2f} x"),
            Row(
                "  cpod rebuild: the books, made anew",
                duration(books),
                count(events, books),
                f"{books / seconds:.2f} x the ingest",
            ),
        ]
    return rows


def _ingest(found: Material, ledger: Path, batch: int) -> tuple[float, float]:
    """Return the seconds of the whole command, and the MiB of the larger of its processes."""
    command = [*CPOD, "--ledger", f"sqlite:///{ledger}", "ingest", "--init", "--batch-size"]
    arguments = [sys.executable, "-c", _MEASURED, *command, str(batch), str(found.path)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    seconds, largest = map(float, done.stdout.split())
    return seconds, largest / 1024 / _KIBIBYTES


def _ledger(place: Path, events: int) -> Path:
    return place / f"made-{events}.db"


def _books_seconds(path: Path) -> float:
    """Return the seconds of the whole command: this process is large by now, and slow to copy."""
    return process(*CPOD, "--ledger", f"sqlite:///{path}", "rebuild")[0]


def question_rows(place: Path) -> list[Row]:
    """Return the seconds of questions to the largest log, whole processes with warm books."""
    events = max(SIZES)
    found = Material("", place / f"made-{events}.jsonl", events, "2025-12-15")
    base = [*CPOD, "--ledger", f"sqlite:///{_ledger(place, events)}"]
    past = str(events * 9 // 10)
    asked: dict[str, tuple[str, ...]] = {
        "summary": ("summary",),
        "packages, all of them": ("packages", "--kind", "all"),
        "additional cases, one page": ("additional", "--limit", "50"),
        "cases, one page": ("cases", "--limit", "50"),
        "statement of an entitlement": ("statement", "p-1", "HOURS"),
        "  at a past known-at": ("statement", "p-1", "HOURS", "--known-at", past),
        "statement of the busiest one": ("statement", "p-0", "HOURS"),
        "  at a past known-at ": ("statement", "p-0", "HOURS", "--known-at", past),
        "summary at a past known-at": ("summary", "--known-at", past),
    }
    rows = []
    for name, arguments in asked.items():
        progress(name)
        command = [*base, *arguments, "--as-of", found.as_of]
        times = _TIMES if "busiest" not in name and arguments[-1] != past else 1
        seconds = min(process(*command)[0] for _ in range(times))
        rows.append(Row(name, duration(seconds)))
    for arguments in (("check",), ("check", "--books")):
        progress(" ".join(arguments))
        seconds, done = process(*base, *arguments)
        note = "" if done.returncode == 0 else done.stderr.decode().strip()
        rows.append(Row(" ".join(arguments), duration(seconds), count(events, seconds), note))
    return rows
