"""The settings that a transaction on PostgreSQL brings with it, whatever the session was given.

A server, database, role, environment or pooler may set anything, also while a session is open.
What bears on the meaning of a statement or a value is set for the transaction (`SET LOCAL`). What
only a superuser may set is looked at: with another value nothing is read or written.
"""

from collections.abc import Mapping
from typing import Final

from ledger.storage.postgres.errors import WAIT_SECONDS

PINNED: Final[Mapping[str, str]] = {
    # Who asks: a session that was shared may have become somebody else
    "session_authorization": "DEFAULT",
    "role": "DEFAULT",
    # How statements and values are read and written
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
    "bytea_output": "hex",
    "array_nulls": "on",
    "transform_null_equals": "off",
    # Rows that a policy hides are an error, not rows that are absent
    "row_security": "off",
    "default_table_access_method": "heap",
    # How long one waits is said below; other limits would cut off what is large
    "idle_in_transaction_session_timeout": "0",
    "transaction_timeout": "0",
    # A client that is gone in its transaction is noticed within a minute
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "client_min_messages": "warning",
    "jit": "off",  # no statement of ours is so long that compiling it would pay
}

_SINCE: Final = {"transaction_timeout": 17_00_00}
"""The version of PostgreSQL that brought a setting, where it is not in all of ours."""

REQUIRED: Final[Mapping[str, str]] = {
    "session_replication_role": "origin",  # others put the guards of the tables to sleep
    "zero_damaged_pages": "off",
    "ignore_checksum_failure": "off",
    "ignore_system_indexes": "off",
    "server_encoding": "UTF8",
}
"""What a transaction cannot set, and has to find."""

REQUIREMENTS: Final = "SELECT pg_backend_pid(), " + ", ".join(
    f"current_setting('{name}')" for name in REQUIRED
)
"""The statement that returns which session it is, and what it has of them."""


def pinned(schema: str, version: int) -> str:
    """Return the statements that set a transaction's settings, on a server of a version.

    It sees the tables of the schema, and temporary ones of the session never before them.
    """
    settings = {
        "statement_timeout": "0",  # first, since it counts already
        "search_path": f"{literal(schema)}, pg_temp",
        "lock_timeout": f"'{WAIT_SECONDS * 1000:.0f}ms'",
        **PINNED,
    }
    return "; ".join(
        f"SET LOCAL {name} = {value}"
        for name, value in settings.items()
        if _SINCE.get(name, 0) <= version
    )


def literal(text: str) -> str:
    """Return a text as it is written in SQL so that no setting and no encoding changes it."""
    plain = (each if each.isascii() and each.isalnum() else f"\\U{ord(each):08X}" for each in text)
    return f"E'{''.join(plain)}'"
