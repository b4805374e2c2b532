"""Where a ledger is, as a URL says it: a file of SQLite, a schema of PostgreSQL, or memory."""

from typing import Final, NamedTuple
from urllib.parse import unquote

from ledger.errors import UsageError
from ledger.messages import Words

FORMS: Final = Words(
    "sqlite:///PATH, sqlite:////ABSOLUTE/PATH, postgresql://USER@HOST/DATABASE?schema=NAME"
    " or memory:NAME"
)
"""The URLs that there are, as a message names them."""

SCHEMA: Final = "cpod"
"""The schema of a ledger on PostgreSQL, where its URL names none."""

_SQLITE: Final = "sqlite:///"
_MEMORY: Final = "memory:"
_POSTGRES: Final = ("postgresql://", "postgres://")
_LONGEST_NAME: Final = 63
"""Bytes of a name in PostgreSQL: longer ones it cuts, without a word."""

_NAMES_SCHEMA: Final = "schema="
_OF_POSTGRES: Final = ("pg_", "information_schema")

_SECRET: Final = frozenset({"password", "sslpassword"})
"""What libpq takes in the query of a URL, and nobody else should see."""


class SqliteUrl(NamedTuple):
    """A ledger in a file; a relative path starts at the working directory."""

    path: str


class PostgresUrl(NamedTuple):
    """A ledger in a schema of PostgreSQL."""

    conninfo: str
    """What libpq connects with: the URL without the schema."""
    schema: str
    shown: str
    """The address as it may be shown: without a password."""
    url: str
    """The address as it was given."""


class MemoryUrl(NamedTuple):
    """A ledger in the memory of this process; without a name it is the caller's alone."""

    name: str


Url = SqliteUrl | PostgresUrl | MemoryUrl


def parse_url(url: str) -> Url:
    """Return where a ledger is. Raises UsageError that names the right form."""
    if url.startswith(_MEMORY):
        return MemoryUrl(url.removeprefix(_MEMORY))
    if url.startswith(_SQLITE):
        path = url.removeprefix(_SQLITE)
        if path.startswith(":memory:"):
            raise UsageError("{url}: a ledger in memory is written as memory:NAME", url=url)
        if not path or path.endswith("/") or "\0" in path:
            raise UsageError("{url}: name a file, as in sqlite:///cpod.db", url=url)
        return SqliteUrl(path)
    if url.startswith(_POSTGRES):
        return _parse_postgres(url)
    if url.startswith("sqlite:"):
        raise UsageError(
            "{url}: after sqlite: come three slashes and a path ({forms})", url=url, forms=FORMS
        )
    if "://" in url:
        raise UsageError(
            "{url}: there is no such kind of ledger: give {forms}",
            url=without_password(url),
            forms=FORMS,
        )
    if not url:
        raise UsageError("a ledger is named by a URL ({forms}), not by ''", forms=FORMS)
    raise UsageError(
        "a ledger is named by a URL ({forms}), not by {url!r}: for a file write sqlite:///{url}",
        forms=FORMS,
        url=url,
    )


def _parse_postgres(url: str) -> PostgresUrl:
    shown = without_password(url)
    place, _, query = url.partition("?")
    parts = [part for part in query.split("&") if part]
    named = [part for part in parts if part.startswith(_NAMES_SCHEMA)]
    schema = unquote(named[-1].removeprefix(_NAMES_SCHEMA)) if named else SCHEMA
    if not 0 < len(schema.encode(errors="replace")) <= _LONGEST_NAME or "\0" in schema:
        raise UsageError(
            "{where}: the name of a schema has 1 to {limit} bytes", where=shown, limit=_LONGEST_NAME
        )
    if schema.startswith(_OF_POSTGRES):
        raise UsageError(
            "{where}: the schema {schema} is PostgreSQL's own: name another one",
            where=shown,
            schema=schema,
        )
    kept = "&".join(part for part in parts if part not in named)
    return PostgresUrl(f"{place}?{kept}" if kept else place, schema, shown, url)


def without_password(url: str) -> str:
    """Return the address of a ledger as it may be shown: a password in it is hidden."""
    scheme, mark, rest = url.partition("://")
    if not mark or url.startswith(_SQLITE):
        return url
    place, question, query = rest.partition("?")
    login, at, host = place.rpartition("@")
    user, colon, password = login.partition(":")
    if at and colon and password:
        place = f"{user}:***@{host}"
    named = [
        f"{name}=***" if unquote(name) in _SECRET else f"{name}{equals}{value}"
        for name, equals, value in (part.partition("=") for part in query.split("&"))
    ]
    return f"{scheme}{mark}{place}{question}{'&'.join(named)}"
