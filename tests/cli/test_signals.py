"""Signals behind a first one: the end is told whole, and its exit code is that of the first."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import cycle

import pytest
from brokers import Broker
from test_job_processes import ENVIRONMENT, position, until
from test_jobs import opening

BOTH = (signal.SIGINT, signal.SIGTERM)
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}

DISTURBED = """
import os, signal, sys
from importlib import import_module

def disturb(place):
    module, name = place.split(":")
    holder = import_module(module)
    step = getattr(holder, name)
    def disturbed(*given, **named):
        signals()
        answer = step(*given, **named)
        signals()
        return answer
    setattr(holder, name, disturbed)

def signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT) if came else ():
        os.kill(os.getpid(), number)

def stopped(*given):
    came.append(given)
    return stop(*given)

from cli import errors, main
from cli.run.signals import Signals
came, stop = [], Signals._stop
Signals._stop = stopped
disturb(sys.argv.pop(1))
main.main()
"""
"""`cpod` in a process that sends signals to itself before and after a step, once one has come."""

MOMENTS = {
    "the last message": "cli.errors:tell",
    "the receipt": "cli.run.receipts:show_done",
    "the file of the receipt": "cli.run.job:write_pieces",
    "the exit": "os:_exit",
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    found = Broker(tmp_path_factory.mktemp("broker"))
    yield found
    found.stop()


@pytest.fixture(params=["input", "directory", "broker"])
def source(request, tmp_path):
    """Where an ingest finds one line, and then waits for more: its words."""
    line = f"{opening(0)}\n"
    if request.param == "input":
        return "-"
    if request.param == "directory":
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.jsonl").write_text(line)
        os.utime(tmp_path / "in" / "a.jsonl", (0, 0))
        return "--follow in"
    broker = request.getfixturevalue("broker")
    stream = f"S{time.time_ns()}"
    broker.publish(stream, (line.encode(), None))
    return broker.url(stream)


def started(folder, *words):
    process = subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd=folder,
    )
    assert process.stdin is not None
    process.stdin.write(f"{opening(0)}\n".encode())
    process.stdin.flush()
    until(lambda: position(folder) > 0, process)
    return process


@pytest.mark.parametrize("first", BOTH)
@pytest.mark.parametrize("moment", MOMENTS)
def test_further_signals_change_nothing_of_the_end(tmp_path, source, moment, first):
    """Both kinds, before and after the step: one line, the receipt whole, the code of the first."""
    words = [
        "-c",
        DISTURBED,
        MOMENTS[moment],
        "ingest",
        "--init",
        "--batch-size",
        "1",
        *source.split(),
    ]
    with started(tmp_path, *words, "--receipt", "r.json") as process:
        process.send_signal(first)
        _, err = process.communicate(timeout=300)
    assert process.returncode == CODES[first]
    assert err.count(b"\n") == 1
    assert err.startswith(b"cpod: ")
    kept = json.loads((tmp_path / "r.json").read_text())
    assert kept["ended"] == ("interrupted" if first == signal.SIGINT else "terminated")
    assert kept["appended"] == 1


def test_a_hail_of_signals_is_a_clean_end(tmp_path, source):
    """As fast as they can be sent, until the process is gone."""
    with started(
        tmp_path, "-m", "cli", "ingest", "--init", "--batch-size", "1", *source.split()
    ) as process:
        for number in cycle(BOTH):
            process.send_signal(number)
            time.sleep(0.0003)
            if process.poll() is not None:
                break
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err.count(b"\n") == 1
    assert err.startswith(b"cpod: interrupted")


FULL = """
import sys
from cli import main
from cli.run.signals import Signals

def run(argv):
    sys.stdout.write("the last words")
    return 130

def leave(self, code):
    left(self, code)
    sys.stderr.write("told\\n")
    sys.stderr.flush()

main.run, left, Signals.leave = run, Signals.leave, leave
main.main()
"""
"""`cpod` as it ends behind a first signal, with something left to write."""


def test_an_output_that_nobody_takes_holds_up_no_further_signal(tmp_path):
    """A process whose last words are not read can be ended; the code is that of the first."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while os.write(writing, bytes(4096)):
            pass
    os.set_blocking(writing, True)
    words = [sys.executable, "-c", FULL]
    buffered = {**ENVIRONMENT, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(
        words, stdout=writing, stderr=subprocess.PIPE, env=buffered, cwd=tmp_path
    ) as process:
        assert process.stderr.readline() == b"told\n"
        time.sleep(0.3)  # by then it writes; if not, it may be ended all the same
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=300) == 130
        assert process.stderr.read() == b""
    os.close(reading)
    os.close(writing)
