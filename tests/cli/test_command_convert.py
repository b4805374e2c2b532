"""`cpod convert` at the terminal: where events go, what is said, and how it ends."""

import io

import pytest

PROFILE = """
source = "urn:t"
[columns]
id = "Id"
[[events]]
type = "workspace.created"
id = "{id}"
time = "2025-01-01T00:00:00Z"
data = { workspace = "{id}", customer = "A", name = "{id}" }
"""


@pytest.fixture
def desk(tmp_path):
    """A directory with a profile, and a table of which two rows do not fit."""
    (tmp_path / "p.toml").write_text(PROFILE)
    (tmp_path / "t.csv").write_text("Id,N\na,1\nb\nc,1\nd\n")
    return tmp_path


def test_events_go_to_standard_output_and_reasons_to_standard_error(cpod, desk):
    ran = cpod("convert", "--profile", "p.toml", "t.csv")
    assert [line[:36] for line in ran.out.splitlines()] == [
        '{"specversion":"1.0","id":"a","sourc',
        '{"specversion":"1.0","id":"c","sourc',
    ]
    assert ran.err.splitlines() == [
        "4 rows read, 2 events made; rows left out: 0, rows that do not fit: 2.",
        "2 rows do not fit (bad-row), the first at t.csv:3: the row of 'b' has 1 values where the"
        " header has 2",
    ]
    assert ran.exit == 1


def test_a_file_is_written_whole_with_the_same_events(cpod, desk):
    ran = cpod("convert", "--profile", "p.toml", "t.csv")
    assert cpod("convert", "--profile", "p.toml", "t.csv", "-o", "e.jsonl").exit == 1
    assert (desk / "e.jsonl").read_text() == ran.out


def test_a_run_that_stops_leaves_what_was_there(cpod, desk):
    (desk / "e.jsonl").write_text("before")
    ran = cpod("convert", "--profile", "p.toml", "t.csv", "-o", "e.jsonl", "--max-errors", "1")
    assert (ran.exit, (desk / "e.jsonl").read_text()) == (1, "before")
    assert ran.err.endswith("nothing was written to e.jsonl.\n")
    assert sorted(path.name for path in desk.iterdir()) == ["e.jsonl", "p.toml", "t.csv"]


def test_what_comes_out_goes_straight_into_a_ledger(cpod, desk):
    (desk / "t.csv").write_text("Id,N\na,1\nb,1\na,1\n")
    assert cpod("convert", "--profile", "p.toml", "t.csv", "-o", "e.jsonl").exit == 0
    ran = cpod("ingest", "--init", "e.jsonl", "--format", "json")
    assert (ran.exit, ran.json["appended"], ran.json["duplicates"]) == (0, 2, 1)


def test_standard_input_that_is_not_of_the_encoding_is_one_line(desk, monkeypatch, cpod):
    (desk / "p.toml").write_text(PROFILE + '[file]\nencoding = "utf-16"\n')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Id,N\na,1\n")))
    ran = cpod("convert", "--profile", "p.toml", "-")
    assert (ran.exit, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "mark of UTF-16" in ran.err


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("--profile", "no.toml", "t.csv"), "no.toml cannot be read"),
        (("--profile", "p.toml", "no.csv"), "no.csv does not exist"),
        (("--profile", "p.toml", "."), ". is a directory"),
        (("--profile", "t.csv", "t.csv"), "t.csv is no TOML"),
        (("--profile", "bad.toml", "t.csv"), "bad.toml: columns.id: the table has no column"),
        (("t.csv",), "--profile"),
    ],
)
def test_what_is_wrong_with_the_call_is_one_line(cpod, desk, arguments, said):
    (desk / "bad.toml").write_text(PROFILE.replace('"Id"', '"ID"'))
    ran = cpod("convert", *arguments)
    assert (ran.exit, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
