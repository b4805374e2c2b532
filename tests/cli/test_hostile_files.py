"""Whatever a file, a cursor or a date holds: one line and an exit code, never a traceback."""

import json
import re
from base64 import urlsafe_b64encode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mutations import RAW, damaged

from cli.main import run

OK = {0, 1, 2, 3, 4, 5, 6}
"""Exit codes that are no bug of ours."""

ANY_TEST = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
"""One ledger serves all examples: they only read it."""

EVENTS = [
    ("workspace.created", {"workspace": "W", "customer": "A", "name": "W"}),
    ("contract.signed", {"contract": "K", "customer": "A", "name": "K", "starts_on": "2025-01-01"}),
    ("contract.mapped", {"contract": "K", "workspace": "W"}),
    *(
        (
            "case.opened",
            {"case": f"C{n}", "workspace": "W", "title": "t", "support_type": "reactive"},
        )
        for n in range(5)
    ),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A directory with a ledger, a key, a seal, a proof with its leaf, a profile and its table."""
    place = tmp_path_factory.mktemp("hostile")
    lines = [
        {"specversion": "1.0", "id": str(n), "source": "s", "type": kind, "data": data}
        | {"time": f"2025-01-{n + 1:02}T00:00:00Z"}
        for n, (kind, data) in enumerate(EVENTS)
    ]
    (place / "e.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert call(place, "ingest", "--init", f"{place}/e.jsonl") == 0
    assert call(place, "key", "new", "--output", f"{place}/key", "--name", "log") == 0
    assert call(place, "seal", "--key", f"{place}/key", "--output", f"{place}/seal") == 0
    proving = ("prove", "--position", "3", "--checkpoint", f"{place}/seal")
    assert call(place, *proving, "--output", f"{place}/proof", "--leaf", f"{place}/leaf") == 0
    (place / "p.toml").write_text(PROFILE)
    (place / "t.csv").write_text("Id,At,N\na,2025-01-10 09:00,1\nb,2025-01-10 09:00,2,x\n")
    return place


PROFILE = """
source = "urn:t"
order = "time"
[file]
nulls = [""]
[columns]
id = "Id"
at = { name = "At", which = 1 }
n = "N"
[values]
time = { of = "at", time = { format = "%Y-%m-%d %H:%M", zone = "Europe/Paris" } }
minutes = { of = "n", decimal = { whole = true, times = "60" } }
digest = { digest = ["id", "n"], length = 20 }
[group]
by = ["id"]
[[skip]]
when = { n = { above = "7" } }
because = "of that"
[[events]]
row = "first"
type = "case.labour_recorded"
id = "{digest}-{id}"
time = "{time}"
data = { case = "C", minutes = "{minutes}" }
"""


def call(place, *arguments):
    return run(["--ledger", f"sqlite:///{place}/cpod.db", *arguments])


def ends_well(capsys, place, *arguments):
    """Run a command line; it ends with one of our codes, and says why in one line."""
    capsys.readouterr()
    code = call(place, *arguments)
    said = capsys.readouterr().err
    assert code in OK, said
    assert "Traceback" not in said
    if code > 1:
        assert re.fullmatch(r"cpod: [^\n]+\n", said), said
    return code


def bytes_like(place, *names):
    """Return what draws a file that is nearly one of these, or nothing like them."""
    whole = st.sampled_from([(place / name).read_bytes() for name in names])
    return damaged(whole) | whole | st.binary(max_size=100)


@ANY_TEST
@given(st.data())
def test_what_is_to_be_verified_may_be_anything(place, capsys, data):
    """A proof, a seal, a leaf, a key, two checkpoints; what was touched does not hold."""
    paths = []
    for name in ("proof", "seal", "leaf", "key", "seal"):
        path = place / f"hostile.{name}"
        path.write_bytes(data.draw(bytes_like(place, name, "proof")))
        paths.append(str(path))
    proof, seal, leaf, key, newer = paths
    ends_well(capsys, place, "verify", proof, "--leaf", leaf, "--key", key)
    ends_well(capsys, place, "verify", seal, "--key", key)
    ends_well(capsys, place, "verify", proof, "--consistency", seal, newer, "--key", key)
    ends_well(capsys, place, "prove", "--position", "1", "--checkpoint", seal, "--output", newer)
    ends_well(capsys, place, "seal", "--key", key, "--output", newer)


@ANY_TEST
@given(st.data())
def test_a_profile_and_its_table_may_be_anything(place, capsys, data):
    profile, table = place / "hostile.toml", place / "hostile.csv"
    profile.write_bytes(data.draw(bytes_like(place, "p.toml")))
    table.write_bytes(data.draw(bytes_like(place, "t.csv")))
    convert = ("convert", "--profile", str(profile))
    for name in (table, place / "t.csv"):
        ends_well(capsys, place, *convert, str(name))
    ends_well(capsys, place, "convert", "--profile", f"{place}/p.toml", str(table))


def cursor(text):
    return urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


SHORT = st.sampled_from([raw for raw in RAW if len(raw) < 2_000])
KEYS = st.builds(
    lambda raw, form: form.replace("1", raw), SHORT, st.sampled_from(("1", "[1]", "[false,1]"))
)


@ANY_TEST
@given(st.text(max_size=20) | st.builds(lambda a, b: cursor(f'["opened_at",{a},{b}]'), KEYS, KEYS))
@example(cursor('["opened_at",[99999999999999999999],[99999999999999999999]]'))
@example(cursor('["opened_at",[[1e400]],[{}]]'))
@example(cursor("[" * 100_000))
def test_a_cursor_may_be_anything(place, capsys, after):
    options = ("--list", "all", "--sort", "opened_at", "--after", after)
    ends_well(capsys, place, "cases", *options)
    ends_well(capsys, place, "unplaced", "--all", "--after", after)


DATES = st.sampled_from(
    [
        *("0001-01-01", "9999-12-31", "2025-02-29", "1899-12-31", "2200-01-01", "2025-13-01"),
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2025-01-01T00:00:00+23:59", "T", "-1"),
        *("2025-01-01T24:00:00Z", "2025-01-01T00:00:60Z", "٢٠٢٥-01-01", "2025-1-1", "1e9", "0"),
        *("9" * 400, "2025-01-01T00:00:00." + "1" * 400 + "Z", "2²", "3", "18446744073709551616"),
    ]
)


@ANY_TEST
@given(st.text(max_size=12) | DATES, st.text(max_size=12) | DATES)
def test_a_date_a_position_and_a_period_may_be_anything(place, capsys, one, other):
    ends_well(capsys, place, "summary", "--as-of", one, "--known-at", other)
    ends_well(capsys, place, "cases", "--since", one, "--until", other)
    ends_well(capsys, place, "summary", "--from", one, "--as-of", other)
    ends_well(capsys, place, "diff", "--from", f"{one}@{other}", "--to", other)
    ends_well(capsys, place, "replay", "--until", one)
