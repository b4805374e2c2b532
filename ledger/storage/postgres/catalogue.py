"""What PostgreSQL's own catalogues say of a ledger's schema, line by line, and what they should.

A line is the same in every version of PostgreSQL: it says what a table, a column, a key, a guard or
a function is, in the words of `postgres_schema`.
"""

import re
from typing import Any, Final

from psycopg import Connection

from ledger.storage.postgres.schema import (
    BOOKS_COMMENT,
    FUNCTIONS,
    INDEXES,
    TABLES,
    triggers,
)

_OURS: Final = """WITH ours AS (
    SELECT c.* FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND coalesce(obj_description(c.oid, 'pg_class') <> %(books)s, true))"""

_TABLES: Final = """
    SELECT relname, relkind = 'r' AND relpersistence = 'p' AND NOT relhasrules
        AND NOT relrowsecurity FROM ours"""

_COLUMNS: Final = """
    SELECT o.relname || '.' || a.attname,
        format_type(a.atttypid, a.atttypmod)
        || CASE l.collname WHEN 'C' THEN ' COLLATE "C"' ELSE '' END
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    FROM ours o
    JOIN pg_catalog.pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation"""

_KEYS: Final = """
    SELECT o.relname, i.indisunique, i.indisvalid AND i.indisready,
        array_to_string(ARRAY(SELECT pg_get_indexdef(i.indexrelid, each, true)
            FROM generate_series(1, i.indnkeyatts) AS each), ', '),
        pg_get_expr(i.indpred, i.indrelid, true)
    FROM ours o JOIN pg_catalog.pg_index i ON i.indrelid = o.oid"""

_TRIGGERS: Final = """
    SELECT o.relname, t.tgname, t.tgtype::int, t.tgenabled IN ('O', 'A')
        AND t.tgqual IS NULL AND t.tgattr::text = '', f.proname, encode(t.tgargs, 'escape')
    FROM ours o JOIN pg_catalog.pg_trigger t ON t.tgrelid = o.oid
    JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid WHERE NOT t.tgisinternal"""

_FUNCTIONS: Final = """
    SELECT p.proname, p.prosrc FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = %(schema)s"""

_BITS: Final = {"ROW": 1, "BEFORE": 2, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
"""What the catalogue says in numbers of when a trigger fires."""

_TRIGGER: Final = re.compile(r"(.*) ON (\w+) FOR EACH (\w+) EXECUTE FUNCTION (\w+)\((.*)\)")


def found_in(connection: Connection[Any], schema: str) -> set[str]:
    """Return a line for each thing that stands in a schema, but for the books."""
    values = {"schema": schema, "books": BOOKS_COMMENT}

    def rows(query: str, before: str = _OURS) -> list[Any]:
        return connection.execute((before + query).encode(), values).fetchall()

    return {
        *(f"table {name}" if plain else f"odd table {name}" for name, plain in rows(_TABLES)),
        *(f"column {name} {kind}" for name, kind in rows(_COLUMNS)),
        *(
            _key(table, columns, unique=unique, where=where)
            for table, unique, valid, columns, where in rows(_KEYS)
            if valid
        ),
        *(
            _trigger(table, name, bits, function, argument.removesuffix("\\000"))
            for table, name, bits, enabled, function, argument in rows(_TRIGGERS)
            if enabled
        ),
        *(_function(name, body) for name, body in rows(_FUNCTIONS, "")),
    }


def expected() -> set[str]:
    """Return the lines of a schema as cpod makes it."""
    lines = {f"table {name}" for name in TABLES}
    for name, made in TABLES.items():
        lines |= {f"column {name}.{column} {kind}" for column, kind in made.columns.items()}
        lines |= {
            _key(name, constraint[constraint.index("(") + 1 : -1], unique=True, where=None)
            for constraint in made.constraints
            if not constraint.startswith("CHECK")
        }
    for rest in INDEXES.values():
        on, _, where = rest.removeprefix("ON ").partition(" WHERE ")
        table, _, columns = on.partition(" ")
        lines.add(_key(table, columns[1:-1], unique=False, where=where))
    for name, rest in triggers().items():
        found = _TRIGGER.fullmatch(rest)
        assert found is not None
        when, table, each, function, argument = found.groups()
        words = [each, *(word for word in when.split() if word in _BITS)]
        bits = sum(_BITS.get(word, 0) for word in words)
        lines.add(_trigger(table, name, bits, function, argument.strip("'")))
    return lines | {_function(name, body) for name, body in FUNCTIONS.items()}


def _key(table: str, columns: str, *, unique: bool, where: str | None) -> str:
    kind = "key" if unique else "index"
    columns = columns.replace('"', "")
    return f"{kind} of {table} ({columns}){f' where {where}' if where else ''}"


def _trigger(table: str, name: str, bits: int, function: str, argument: str) -> str:
    return f"guard {name} of {table} ({bits}, {function}, {argument or 'no word'})"


def _function(name: str, body: str) -> str:
    return f"function {name} {' '.join(body.split())}"
