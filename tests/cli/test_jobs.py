"""`cpod ingest` as a job: what it leaves in files and on standard error, and how it exits."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from prometheus import parse

from cli.run.metrics import Metrics
from ledger.errors import LedgerBusy
from ledger.ledger import Ledger

KEYS = {
    *("time", "event", "file", "line", "lines", "bytes", "appended", "duplicates", "refused"),
    *("first_position", "last_position", "seconds", "retries"),
}


def opening(number, **given):
    data = {"case": f"C{number}", "workspace": "W", "title": "t", "support_type": "reactive"}
    head = {"specversion": "1.0", "id": f"e{number}", "source": "urn:s", "type": "case.opened"}
    return json.dumps({**head, "time": "2025-01-10T09:00:00Z", "data": data, **given})


def write(path, *lines):
    """Write a file that has been left alone since."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines))
    os.utime(path, (0, 0))
    return str(path)


@pytest.fixture
def five(tmp_path):
    return write(tmp_path / "five.jsonl", *map(opening, range(4)), "no json")


def test_the_receipt_is_left_in_a_file(cpod, five, tmp_path):
    ran = cpod("ingest", "--init", five, "--receipt", "r.json", "--format", "json")
    kept = json.loads((tmp_path / "r.json").read_text())
    assert ran.exit == 1
    assert {name: kept[name] for name in ran.json} == ran.json
    assert (kept["ended"], kept["problem"], kept["read"]) == ("done", None, 5)
    assert [each["code"] for each in kept["refusals"]] == ["bad-json"]


@pytest.mark.parametrize(
    "error,code,ended",
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (LedgerBusy("busy"), 5, "ledger-busy"),
        (ZeroDivisionError(), 70, "bug"),
    ],
)
def test_the_receipt_is_left_also_where_the_run_ends_early(
    cpod, five, tmp_path, monkeypatch, error, code, ended
):
    """What was done so far, and why it ended; the file of metrics says that it is over."""

    def raises(*_):
        raise error

    monkeypatch.setattr("ledger.commands.ingest.ingest.release", raises)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    files = ("--receipt", "r.json", "--metrics-file", "m.prom")
    ran = cpod("ingest", "--init", five, "--retry", "0", *files)
    kept = json.loads((tmp_path / "r.json").read_text())
    assert (ran.exit, kept["ended"], kept["appended"]) == (code, ended, 4)
    assert parse((tmp_path / "m.prom").read_text())["cpod_ingest_up"].samples == {(): 0}


def test_a_run_that_does_not_begin_leaves_its_receipt(cpod, five, tmp_path):
    """No receipt of an earlier run is taken for that of this one."""
    write(tmp_path / "r.json", "of an earlier run")
    assert cpod("ingest", five, "--receipt", "r.json").exit == 4
    kept = json.loads((tmp_path / "r.json").read_text())
    assert (kept["ended"], kept["read"]) == ("no-ledger", 0)


@pytest.mark.parametrize("option", ["--receipt", "--metrics-file"])
@pytest.mark.parametrize("place", [".", "nowhere/r.json"])
def test_a_file_that_cannot_be_written_stops_it_before_it_begins(cpod, five, option, place):
    ran = cpod("ingest", "--init", five, option, place)
    assert ran.exit == 2
    assert not Path("cpod.db").exists()


def test_each_batch_is_one_line_of_json(cpod, five):
    """With --log-format json everything on standard error is JSON, an error too."""
    ran = cpod("ingest", "--init", five, "--batch-size", "2", "--log-format", "json")
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert [line["event"] for line in lines] == ["batch"] * 3 + ["refused"]
    assert all(set(line) == KEYS for line in lines[:3])
    assert [line["lines"] for line in lines[:3]] == [2, 2, 1]
    assert [line["last_position"] for line in lines[:3]] == [2, 4, None]
    assert lines[2]["refused"] == {"bad-json": 1}
    assert sum(line["bytes"] for line in lines[:3]) == Path(five).stat().st_size + 1
    failed = cpod("ingest", five, "--log-format", "json", "--ledger", "sqlite:///none.db")
    assert json.loads(failed.err)["error"]["exit"] == 4


def test_metrics_are_as_prometheus_wants_them(cpod, five, tmp_path):
    """Every counter has a unit and a type; refusals are counted by their code."""
    cpod("ingest", "--init", five, "--batch-size", "2", "--metrics-file", "m.prom")
    found = parse((tmp_path / "m.prom").read_text())
    values = {name: family.samples.get(()) for name, family in found.items()}
    assert values["cpod_ingest_lines_read_total"] == 5
    assert values["cpod_ingest_events_appended_total"] == 4
    assert values["cpod_ingest_batches_total"] == 3
    assert values["cpod_ingest_read_bytes_total"] == Path(five).stat().st_size + 1
    assert values["cpod_ingest_last_position"] == 4
    assert values["cpod_ingest_start_time_seconds"] > 1.7e9
    assert found["cpod_ingest_lines_refused_total"].samples == {(("code", "bad-json"),): 1}


def test_any_label_can_be_written(tmp_path):
    """Quotes, backslashes and ends of lines come back as they were."""
    metrics = Metrics(str(tmp_path / "m.prom"), lambda _: None, clock=lambda: 1e9)
    folders = ["done", 'a"b', "a\\b", "a\nb", "\\n", "é"]
    for folder in folders:
        metrics.file(folder)
    found = parse((tmp_path / "m.prom").read_text())["cpod_ingest_files_total"]
    assert sorted(found.samples) == sorted((("folder", folder),) for folder in folders)


def test_metrics_that_cannot_be_written_stop_nothing(cpod, five, monkeypatch):
    """It is said once, and every line is recorded."""

    def full(*_):
        raise OSError(28, "No space left on device", "m.prom")

    monkeypatch.setattr("cli.run.metrics.write_pieces", full)
    ran = cpod("ingest", "--init", five, "--batch-size", "1", "--metrics-file", "m.prom")
    assert ran.out.startswith("5 lines read: 4 appended")
    assert ran.err.count("No space left") == 1


def test_too_many_errors_end_the_run(cpod, tmp_path):
    """Exit 1, how to go on, and the same command does."""
    path = write(tmp_path / "a.jsonl", "1", "2", opening(1), opening(2))
    words = ("ingest", "--init", path, "--batch-size", "2", "--max-errors", "2", "--receipt", "r")
    ran = cpod(*words)
    assert ran.exit == 1
    assert f"the same command goes on behind line 2 of {path}" in ran.err
    assert json.loads((tmp_path / "r").read_text())["ended"] == "stopped"
    ran = cpod(*words)
    assert ran.out.startswith("2 lines read (2 were recorded before): 2 appended")
    assert ran.err.startswith(f"resumed at line 3 of {path} (a run that was stopped had recorded")
    assert ran.exit == 1


def test_a_busy_ledger_is_tried_again_and_then_given_up(cpod, five, monkeypatch):
    """Each try is said; when the time is over the exit is 5, and nothing was written."""
    monkeypatch.setattr("ledger.storage.sqlite.connection.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("ledger.storage.sqlite.errors.WAIT_SECONDS", 0.01)
    Ledger.create("sqlite:///cpod.db").close()
    with sqlite3.connect("cpod.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        ran = cpod("ingest", five, "--retry", "0.5", "--metrics-file", "m.prom")
        assert ran.exit == 5
        assert "trying again in 0." in ran.err
        other.execute("ROLLBACK")
    other.close()
    retried = parse(Path("m.prom").read_text())["cpod_ingest_retries_total"].samples
    assert retried[()] == ran.err.count("trying again") >= 1
    assert cpod("ingest", five).out.startswith("5 lines read: 4 appended")


def test_a_directory_is_followed(cpod, tmp_path):
    """Each file has its receipt and its place; the exit says whether all of them are done."""
    write(tmp_path / "in" / "a.jsonl", opening(1))
    words = ("ingest", "--init", "--follow", "in", "--until-empty")
    ran = cpod(*words)
    assert (ran.exit, ran.err) == (0, "")
    assert ran.out.startswith("in/done/a.jsonl: 1 line read: 1 appended")
    write(tmp_path / "in" / "b.jsonl", "no json")
    ran = cpod(*words, "--format", "ndjson", "--log-format", "json", "--metrics-file", "m.prom")
    assert ran.exit == 1
    assert json.loads(ran.out)["moved_to"] == "in/failed/b.jsonl"
    events = [json.loads(line)["event"] for line in ran.err.splitlines()]
    assert events == ["batch", "refused", "file"]
    kept = json.loads((tmp_path / "in" / "failed" / "b.jsonl.receipt.json").read_text())
    assert kept["refusals"][0]["code"] == "bad-json"
    files = parse(Path("m.prom").read_text())["cpod_ingest_files_total"]
    assert files.samples == {(("folder", "failed"),): 1}


@pytest.mark.parametrize(
    "words",
    [
        ("--follow", "a", "b"),
        ("--follow", "a", "--dry-run"),
        ("--until-empty", "a"),
        ("--follow", "nothing"),
        ("--max-errors", "0", "a"),
        ("--retry", "-1", "a"),
        ("--retry", "nan", "a"),
        ("--poll", "3", "a"),
        ("--follow", "a", "--poll", "0"),
        ("--follow", "a", "--poll", "nan"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(cpod, tmp_path, words):
    write(tmp_path / "a", opening(1))
    ran = cpod("ingest", "--init", *words)
    assert ran.exit == 2
    assert ran.err.count("\n") == 1


def test_a_receipt_that_cannot_be_written_at_the_end_is_no_clean_run(cpod, tmp_path, monkeypatch):
    """The events are there; one line says why the receipt is not."""

    def full(path, _pieces):
        raise OSError(28, "No space left on device", str(path))

    file = write(tmp_path / "one.jsonl", opening(1))
    monkeypatch.setattr("cli.run.job.write_pieces", full)
    ran = cpod("ingest", "--init", file, "--receipt", "r.json")
    assert ran.exit == 5
    assert "No space left on device" in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    with Ledger.open("sqlite:///cpod.db") as ledger:
        assert ledger.position == 1
