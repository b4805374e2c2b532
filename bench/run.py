"""`make bench`: how fast cpod takes events in and answers, beside what the disk and SQLite can do.

    python bench/run.py              # CPOD_SHARED names the directory with the real log

Absolute figures are of this machine and this moment; what can be compared are the ratios, which are
taken within one run. Nothing here passes or fails.
"""

import statistics
import sys
import time
from pathlib import Path

from disk import fdatasync_seconds
from intake import rates, single_commits
from material import Material, directory, material
from postgres import postgres_rates
from questions import books_seconds, start_seconds, view_seconds
from report import Row, count, duration, machine, print_rows, progress

BATCH = 1_000
"""Events of one transaction, for all that are compared."""

REPETITIONS = 5
BUDGET_SECONDS = 60.0
"""No repetition of the ingest is begun after so long; there are always two."""


def print_ingest(found: Material, place: Path) -> None:
    """Print what taking in the whole log costs, beside the two things it is compared with."""
    measured = rates(found, place, BATCH, REPETITIONS, BUDGET_SECONDS)
    raw = statistics.median(measured.raw)
    rows = [
        Row("SQLite alone: executemany of the stored rows", duration(raw), count(found.events, raw))
    ]
    for name, seconds in (
        ("cpod ingest, the whole command", measured.command),
        ("the library alone: Application.save", measured.library),
    ):
        middle = statistics.median(seconds)
        ratio = statistics.median([a / b for a, b in zip(seconds, measured.raw, strict=True)])
        rows.append(
            Row(name, duration(middle), count(found.events, middle), f"{ratio:.2f} x SQLite alone")
        )
    print_rows(f"Ingest, medians of {len(measured.raw)} alternating repetitions", rows)


def print_postgres(found: Material, place: Path) -> None:
    """Print what taking in the whole log costs on PostgreSQL, and making its books."""
    measured = postgres_rates(found, place, BATCH, REPETITIONS, BUDGET_SECONDS)
    raw, command = statistics.median(measured.raw), statistics.median(measured.command)
    ratio = statistics.median([a / b for a, b in zip(measured.command, measured.raw, strict=True)])
    rows = [
        Row("psycopg alone: executemany of the rows", duration(raw), count(found.events, raw)),
        Row(
            "cpod ingest, the whole command",
            duration(command),
            count(found.events, command),
            f"{ratio:.2f} x psycopg alone",
        ),
        Row("books made anew", duration(measured.books), count(found.events, measured.books)),
    ]
    print_rows(f"PostgreSQL, medians of {len(measured.raw)} alternating repetitions", rows)


def single_rows(found: Material, place: Path) -> list[Row]:
    """Return what one event costs by itself, durable on the disk."""
    ours, raw = single_commits(found, place)
    return [
        Row("SQLite alone: one row, committed", duration(raw)),
        Row("one event by Ledger.ingest, committed", duration(ours), note=f"{ours / raw:.2f} x"),
    ]


def main() -> None:
    """Measure, and print one table after the other."""
    begun = time.perf_counter()
    with directory() as place:
        progress("looking for the log")
        found = material(place)
        print(f"{machine()}\n{found.name}: {found.events:,} events, batches of {BATCH:,}\n")
        progress("the disk")
        print_rows(
            "The disk",
            [Row("fdatasync of a written page, p50", duration(fdatasync_seconds(place)))],
        )
        progress("ingest")
        print_ingest(found, place)
        progress("PostgreSQL")
        print_postgres(found, place)
        progress("single events")
        print_rows("One event at a time, p50", single_rows(found, place))
        progress("books")
        seconds = books_seconds(found, place)
        print_rows("Books", [Row("made anew", duration(seconds), count(found.events, seconds))])
        progress("views")
        print_rows("Views, whole processes, p50: warm books, and none", view_seconds(found, place))
        progress("start-up")
        print_rows("Start-up, p50", start_seconds())
    progress("")
    print(f"Measured in {time.perf_counter() - begun:.0f} s.")


if __name__ == "__main__":
    sys.exit(main())
