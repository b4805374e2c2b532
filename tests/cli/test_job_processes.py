"""`cpod ingest` as a process that is killed, terminated, and started again."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import pytest
from signalled import signalled
from test_jobs import opening

import cli

LINES = 10_000
CPOD = [sys.executable, "-m", "cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1]), "CPOD_LANG": "en"}


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    path.write_text("".join(f"{opening(number)}\n" for number in range(LINES)))
    os.utime(path, (0, 0))
    return path


def start(folder, *words, by=CPOD):
    return subprocess.Popen(
        [*by, "ingest", "--init", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd=folder,
    )


def position(folder):
    """Return the last position, 0 where there is no ledger yet."""
    if not (folder / "cpod.db").exists():
        return 0
    with closing(sqlite3.connect(folder / "cpod.db", timeout=5)) as file:
        try:
            return file.execute("SELECT last_position FROM counter").fetchone()[0]
        except sqlite3.OperationalError:
            return 0


def until(wanted, process=None):
    """Wait until something is so."""
    end = time.monotonic() + 300
    while not wanted():
        assert time.monotonic() < end
        assert process is None or process.poll() is None
        time.sleep(0.005)


def assert_whole(folder):
    """The ledger has every event once, dense, and no file is under way."""
    with closing(sqlite3.connect(folder / "cpod.db")) as file:
        counted = "SELECT count(*), max(position), count(DISTINCT event_key) FROM events"
        assert file.execute(counted).fetchone() == (LINES,) * 3
        assert file.execute("SELECT count(*) FROM intakes").fetchone() == (0,)


def test_killed_in_a_file_the_same_command_goes_on(many, tmp_path):
    """Twice killed in a transaction: what is there is not read again, and nothing is doubled."""
    for _ in range(2):
        killed = signalled(3, signal.SIGKILL)
        with start(tmp_path, many, "--batch-size", "200", by=killed) as process:
            process.communicate(timeout=300)
    before = position(tmp_path)
    assert before == 800
    with start(tmp_path, many) as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0
    assert err.decode().startswith(f"resumed at line {before + 1} of {many} (a run that was")
    read = f"{LINES - before} lines read ({before} were recorded before): {LINES - before} appended"
    assert out.decode().startswith(read)
    assert_whole(tmp_path)


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_a_run_after_its_batch(many, tmp_path, number, code):
    """Several at once, too: no transaction is torn, and the run can be gone on with."""
    words = (many, "--batch-size", "500", "--receipt", "r.json")
    with start(tmp_path, *words, by=signalled(3, *[number] * 4)) as process:
        _, err = process.communicate(timeout=300)
    assert process.returncode == code
    kept = json.loads((tmp_path / "r.json").read_text())
    assert kept["ended"] == ("interrupted" if number == signal.SIGINT else "terminated")
    assert kept["appended"] == position(tmp_path) == 1_500
    assert err.count(b"\n") == 1
    with start(tmp_path, *words) as process:
        process.communicate(timeout=300)
    assert process.returncode == 0
    assert_whole(tmp_path)


def test_on_a_terminal_a_log_of_json_has_nothing_else_in_it(many, tmp_path):
    """No progress is drawn between its lines, however long it takes."""
    main, side = pty.openpty()
    words = [*CPOD, "ingest", "--init", str(many), "--batch-size", "200", "--log-format", "json"]
    seen = []

    def read():
        with suppress(OSError):
            while piece := os.read(main, 65536):
                seen.append(piece)

    reader = Thread(target=read)
    environment = {**ENVIRONMENT, "TERM": "xterm"}
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=side, env=environment, cwd=tmp_path
    ) as process:
        os.close(side)
        reader.start()
        assert process.wait(timeout=300) == 0
    reader.join()
    os.close(main)
    lines = b"".join(seen).decode().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["batch"] * (LINES // 200)


def test_a_follower_is_killed_and_started_again(many, tmp_path):
    """The file in which it was killed is gone on with; idle, it ends when it is asked."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    os.link(many, inbox / "many.jsonl")
    killed = signalled(3, signal.SIGKILL)
    with start(tmp_path, "--follow", inbox, "--batch-size", "200", by=killed) as process:
        process.communicate(timeout=300)
    assert position(tmp_path) == 400
    assert (inbox / "many.jsonl").exists()
    with start(tmp_path, "--follow", inbox, "--poll", "0.2") as process:
        until((inbox / "done" / "many.jsonl").exists, process)
        (inbox / "late.part").write_text(opening(0))
        os.utime(inbox / "late.part", (0, 0))
        (inbox / "late.part").rename(inbox / "late.jsonl")
        until((inbox / "done" / "late.jsonl").exists, process)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 143
    assert err.decode().startswith("resumed at line 401 ")
    assert "late.jsonl: 1 line read: 0 appended, 1 duplicate" in out.decode()
    assert_whole(tmp_path)


def test_a_file_that_is_written_meanwhile_is_recorded_to_its_end(tmp_path):
    """A writer that keeps it open, one line after the other: each of them, and then it is moved."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    with (
        (inbox / "live.jsonl").open("a") as file,
        start(tmp_path, "--follow", inbox, "--poll", "0.1") as process,
    ):
        for number in range(6):
            file.write(opening(number)[:40])
            file.flush()
            time.sleep(0.05)
            file.write(opening(number)[40:] + "\n")
            file.flush()
            time.sleep(0.05)
        until(lambda: position(tmp_path) == 6, process)
        assert not (inbox / "done" / "live.jsonl").exists()
        file.close()
        until((inbox / "done" / "live.jsonl").exists, process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert err.decode().count("\n") == 1
    assert position(tmp_path) == 6
