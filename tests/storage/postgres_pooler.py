"""A pooler for tests: its clients share sessions of a server, as PgBouncer lets them.

It passes the messages of PostgreSQL's protocol on, and takes a session back when the server says
that no transaction is open, or after each statement, or when the client is gone. Between two
clients others use the session: what they leave in it is run each time.
"""

import os
import queue
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg
from postgres_server import as_user

from ledger.storage.urls import parse_url

_STARTUP: Final = 196_608
_REPORTED: Final = ("server_version", "server_encoding", "standard_conforming_strings")
_ANSWERED: Final = b"QSFcf"
"""The messages after which the server says that it is ready, or that it wants to be sent rows."""

_ENDED: Final = OSError, psycopg.Error


class _Shared:
    """A session of the server that clients take turns with."""

    def __init__(self, conninfo: str, left: Sequence[str]) -> None:
        self.driver = psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
        self.socket = socket.socket(fileno=os.dup(self.driver.fileno()))
        self._left = left
        self.spoil()

    def spoil(self) -> None:
        """Let somebody else use the session, who tidies nothing up."""
        self.socket.setblocking(False)
        for statement in self._left:
            self.driver.execute(statement.encode())
        self.socket.setblocking(True)

    def reset(self) -> None:
        """Make it as new, for the next client of a pooler that keeps a session for each."""
        self.socket.setblocking(False)
        self.driver.execute("ROLLBACK")
        self.driver.execute("DISCARD ALL")
        self.socket.setblocking(True)


class Pooler:
    """A door to a server, with so many sessions behind it; each is used in turn."""

    def __init__(
        self,
        url: str,
        *,
        mode: str = "transaction",
        sessions: int = 2,
        left: Sequence[str] = (),
        reports: bool = True,
    ) -> None:
        """Listen. With `reports` it passes on what the server reports of settings."""
        self.strays: set[str] = set()
        """What clients said outside of a transaction."""
        self._mode = mode
        self._reports = reports
        conninfo = parse_url(url).conninfo
        self._free: queue.Queue[_Shared] = queue.Queue()
        self._all = [_Shared(conninfo, left) for _ in range(sessions)]
        for each in self._all:
            self._free.put(each)
        status = self._all[0].driver.info.parameter_status
        self._told = {"client_encoding": "UTF8", **{name: status(name) for name in _REPORTED}}
        self._door = socket.create_server(("127.0.0.1", 0))
        self._clients: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._serve)

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def at(self, url: str) -> str:
        """Return the URL of a ledger on the server, by way of the pooler."""
        port = psycopg.conninfo.conninfo_to_dict(parse_url(url).conninfo)["port"]
        return url.replace(f":{port}/", f":{self._door.getsockname()[1]}/", 1)

    def close(self) -> None:
        """Close the door; what is closed here nobody must be using any more."""
        for each in (self._door, *self._clients):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._door.close()
        for client in self._clients:
            client.close()
        for each in self._all:
            each.socket.close()
            each.driver.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._clients.append(client)
            self._start(self._attend, client)

    def _attend(self, client: socket.socket) -> None:
        held: _Shared | None = None
        try:
            self._greet(client)
            while (message := _message(client))[:1] != b"X":
                if held is None:
                    held = self._free.get()
                    if not message[5:].startswith(b"BEGIN "):
                        self.strays.add(message[5:].strip(b"\0 ;").decode())
                held.socket.sendall(message)
                if message[:1] not in _ANSWERED:
                    continue
                ready = self._pass_answer(held, client)
                if ready is not None and self._is_over(ready):
                    self._give_back(held)
                    held = None
        except _ENDED:
            pass
        finally:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            if held is not None:
                with suppress(*_ENDED):
                    held.reset()
                    self._give_back(held)

    def _is_over(self, ready: bytes) -> bool:
        return self._mode == "statement" or (self._mode == "transaction" and ready == b"I")

    def _give_back(self, held: _Shared) -> None:
        held.spoil()
        self._free.put(held)

    def _greet(self, client: socket.socket) -> None:
        while True:
            (size,) = struct.unpack("!i", _exactly(client, 4))
            asked = _exactly(client, size - 4)
            if struct.unpack("!i", asked[:4]) == (_STARTUP,):
                break
            client.sendall(b"N")  # no encryption
        told = b"".join(
            _written(b"S", f"{name}\0{value}\0".encode()) for name, value in self._told.items()
        )
        key = _written(b"K", secrets.token_bytes(8))
        client.sendall(_written(b"R", bytes(4)) + told + key + _written(b"Z", b"I"))

    def _pass_answer(self, held: _Shared, client: socket.socket) -> bytes | None:
        """Pass on what the server answers; return its state when it is ready, None for a copy.

        The answer is read to its end even if the client is gone: another one gets the session.
        """
        gone = False
        while True:
            message = _message(held.socket)
            kind = message[:1]
            if not gone and (kind != b"S" or self._reports):
                try:
                    client.sendall(message)
                except OSError:
                    gone = True
            if kind == b"Z":
                if gone:
                    raise ConnectionError
                return message[5:6]
            if kind == b"G":
                return None


def _written(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content


def _message(origin: socket.socket) -> bytes:
    head = _exactly(origin, 5)
    return head + _exactly(origin, struct.unpack("!i", head[1:])[0] - 4)


def _exactly(origin: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        more = origin.recv(size - len(found))
        if not more:
            raise ConnectionError
        found += more
    return bytes(found)


@contextmanager
def pooled(url: str, **given: object) -> Iterator[Pooler]:
    """Give a pooler before the server of a URL."""
    pooler = Pooler(url, **given)  # type: ignore[arg-type]
    try:
        yield pooler
    finally:
        pooler.close()


@contextmanager
def bounced(url: str, mode: str, sessions: int = 2) -> Iterator[Callable[[str], str] | None]:
    """Give what takes a URL by way of a real PgBouncer; None where there is none to be had."""
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    server = psycopg.conninfo.conninfo_to_dict(parse_url(url).conninfo)
    if found is None or not {"host", "port"} <= server.keys():
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = " ".join(
        f"{name}={server[name]}" for name in ("host", "port", "user", "password") if name in server
    )
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        place.chmod(0o755)
        (place / "ini").write_text(
            f"[databases]\n* = {kept}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
            f"unix_socket_dir =\nauth_type = any\npool_mode = {mode}\n"
            f"default_pool_size = {sessions}\n"
        )
        with subprocess.Popen([found, "-q", place / "ini"], cwd=place, **as_user()) as bouncer:
            try:
                while not _listens(port):
                    assert bouncer.poll() is None, "PgBouncer does not start"
                    time.sleep(0.02)
                yield lambda ledger: ledger.replace(f":{server['port']}/", f":{port}/", 1)
            finally:
                bouncer.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0
