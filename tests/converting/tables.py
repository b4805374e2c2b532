"""Small tables and profiles to convert, and what came of them."""

import gzip
import json
from typing import NamedTuple

from ledger.convert.conversion import Conversion
from ledger.convert.profile import read_profile
from ledger.convert.table import Table

PROFILE = """
source = "urn:t"
[columns]
id = "Id"
at = "At"
n = "N"
[values]
time = { of = "at", time = { format = "%Y-%m-%d %H:%M", zone = "Europe/Paris" } }
minutes = { of = "n", decimal = { whole = true } }
[[events]]
type = "case.labour_recorded"
id = "{id}"
time = "{time}"
data = { case = "C", minutes = "{minutes}" }
"""


class Came(NamedTuple):
    """The events, and why rows do not fit: (code, rows, first line, reason)."""

    events: list
    misfits: list
    conversion: Conversion
    table: Table


def convert(tmp_path, content, profile=PROFILE, **options):
    """Convert a table, given as text or bytes, and return what came."""
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    read = read_profile(profile.encode(), "p.toml")
    table = Table(str(path), read.file)
    conversion = Conversion(read, table, **options)
    events = [json.loads(raw) for raw in conversion.run()]
    return Came(events, [tuple(misfit) for misfit in conversion.misfits], conversion, table)


def packed(content):
    return gzip.compress(content.encode(), mtime=0)
