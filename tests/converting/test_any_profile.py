"""Whatever a profile says, it is refused with its key, or rows become events or reasons."""

import gzip
import json
import tomllib
from pathlib import Path
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.commands.ingest.parse import prepare
from ledger.commands.sources.lines import Line
from ledger.convert.conversion import Conversion
from ledger.convert.profile import Encoding, checked
from ledger.convert.table import Table
from ledger.domain.refusals import CODES
from ledger.errors import UsageError
from ledger.storage.codec import Codec

DEMO = Path(__file__).parents[2] / "demo" / "tables"
PROFILE = tomllib.loads((DEMO / "tickets.toml").read_text("utf-8"))
OURS = {"bad-row", "bad-value", "bad-time", "no-rule"}

WORDS = st.sampled_from(
    [
        *("row", "{row}", "{at}{at}", "{minutes:03}", "{x}", "{", "{{}}", "{row!r}", "{0}", "{}"),
        *(
            "%d.%m.%Y %H:%M %z",
            "%",
            "%%",
            "%d.%m.%Y",
            "{row}-{team}",
            "{person}",
            "%I:%M %d%m%Y %p",
            "",
            "\0",
            ";",
            '"',
            "\t",
        ),
        *("1e99", "-1", "0", "9" * 100, "nan", "America/Sao_Paulo", "utf-16", "half-up", "last"),
        *(
            "case.closed",
            "time",
            "file",
            "Ticket",
            "Action",
            "Hours",
            "asked",
            "worked",
            "first",
            "later",
            "1",
            "60",
            "ticket",
            "hours",
            "not",
            "\u0130",
        ),
    ]
)
LEAVES = WORDS | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.dates() | st.text()
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


def paths(value, path=()):
    if path:
        yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(item, (*path, key))


@st.composite
def profiles(draw):
    """A profile of which one or two things are others, gone, or under another name."""
    tree = json.loads(json.dumps(PROFILE))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(paths(tree))))
        holder = tree
        for step in path[:-1]:
            holder = holder[step]
        match draw(st.sampled_from(("other", "gone", "named", "other"))):
            case "other":
                alike = WORDS if isinstance(holder[path[-1]], str) else TREES
                holder[path[-1]] = draw(alike if draw(st.booleans()) else TREES)
            case "gone":
                del holder[path[-1]]
            case _ if isinstance(holder, dict):
                holder[draw(WORDS)] = holder.pop(path[-1])
    return tree


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(profiles())
def test_any_profile_is_refused_with_its_key_or_gives_what_ingest_takes(tree):
    codec = Codec()
    try:
        profile = checked(tree, "p.toml")
        table = Table(str(DEMO / "tickets.csv"), profile.file)
        conversion = Conversion(profile, table)
        events = list(conversion.run())
    except UsageError as wrong:
        said = str(wrong)
        assert len(said) < 700, said
        return
    for raw in events:
        assert prepare(codec, Line("f", 1, raw)).refusal is None
    assert {misfit.code for misfit in conversion.misfits} <= OURS | set(CODES)
    assert conversion.misfit_rows == sum(misfit.rows for misfit in conversion.misfits)


PIECES = st.sampled_from(
    [
        *(b"Ticket;Date;Action;Name;Name;Hours\n", b"T-7;28.03.2025 16:05;broken;berlin;n/a;\n"),
        *(b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0", b"\n\0", b"\r", b'"', b";", b"\n"),
        *(b"\x1f\x8b\x08", b"\x81", b"\xd8\x00", b"\x00\xd8", b"\xed\xa0\x80", b"\x1f", b"PK\3\4"),
    ]
)
ENCODINGS = st.sampled_from(get_args(Encoding))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES | st.binary(max_size=5), max_size=8), ENCODINGS, ENCODINGS, st.data())
def test_any_bytes_are_a_table_in_any_encoding_or_one_line_that_says_why_not(
    tmp_path, pieces, written, read, data
):
    content = b"".join(pieces)
    if data.draw(st.booleans()):
        content = content.decode("latin-1").encode(written, "replace")
    if data.draw(st.booleans()):
        content = gzip.compress(content)[: data.draw(st.integers(5, 200))]
    (tmp_path / "t.csv").write_bytes(content)
    tree = json.loads(json.dumps(PROFILE))
    tree["file"]["encoding"] = read
    profile = checked(tree, "p.toml")
    try:
        conversion = Conversion(profile, Table(str(tmp_path / "t.csv"), profile.file))
    except UsageError as wrong:
        assert "\n" not in str(wrong)  # noqa: PT017 - either will do
        return
    list(conversion.run())
    assert {misfit.code for misfit in conversion.misfits} <= OURS | set(CODES)
