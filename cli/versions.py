"""The versions that matter when something is to be found out: ours, and of what we stand on."""

import platform
import sqlite3

from cli import __version__


def versions() -> dict[str, str]:
    """Return the versions of cpod, Python, SQLite, and of the schemas of ledger and books."""
    from ledger.projections.books.tables import VERSION
    from ledger.storage.sqlite.schema import SCHEMA_VERSION

    return {
        "cpod": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "ledger_schema": str(SCHEMA_VERSION),
        "books_schema": str(VERSION),
    }


def versions_line() -> str:
    """Return the versions in one line."""
    known = versions()
    return (
        f"cpod {known['cpod']} (Python {known['python']}, SQLite {known['sqlite']},"
        f" ledger schema {known['ledger_schema']}, books schema {known['books_schema']})"
    )
