"""`cpod` as a process of its own: pipes, signals, a full disk, closed streams."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

import cli

ROOT = Path(cli.__file__).parents[1]
CPOD = [sys.executable, "-m", "cli"]


@pytest.fixture
def environment():
    """Return the environment of a process that finds `cpod`."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}


def test_a_closed_pipe_is_silent(environment, tmp_path):
    with subprocess.Popen(
        [*CPOD, "schema", "package.purchased"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=300) == 0


@pytest.mark.parametrize("words", [["schema"], ["--help"]])
def test_a_full_disk_behind_standard_output_is_one_line(environment, tmp_path, words):
    if not Path("/dev/full").exists():
        print("skipped: this system has no /dev/full")
        return
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*CPOD, *words],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=tmp_path,
            check=False,
        )
    assert ran.returncode == 5
    assert ran.stderr.count(b"\n") == 1


def unread(pipe):
    """Return how many bytes of a pipe wait to be read."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_an_ingest_that_waits_for_input(environment, tmp_path, number, code):
    with subprocess.Popen(
        [*CPOD, "ingest", "--init", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=tmp_path,
    ) as process:
        os.write(process.stdin.fileno(), b"\n" * 9)
        while unread(process.stdin) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=300)
    assert process.returncode == code
    assert b"Traceback" not in err
    assert err.strip().splitlines()[-1].startswith(b"cpod: ")
    assert out.startswith(b"0 lines read")


def test_on_a_terminal_there_is_colour_and_lines_fit(environment, tmp_path):
    main, side = pty.openpty()
    with subprocess.Popen(
        [*CPOD, "schema"],
        stdin=side,
        stdout=side,
        stderr=side,
        env={**environment, "COLUMNS": "60"},
        cwd=tmp_path,
    ) as process:
        os.close(side)
        seen = b""
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        assert process.wait(timeout=300) == 0
    os.close(main)
    assert b"\x1b[1m" in seen
    lines = seen.decode().replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert max(map(len, lines)) <= 60


def test_standard_output_that_is_closed_is_no_bug(environment, tmp_path):
    ran = subprocess.run(
        f"{sys.executable} -m cli schema >&-",
        shell=True,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
