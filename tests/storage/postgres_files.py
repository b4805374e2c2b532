"""What tests of ledgers on PostgreSQL share: a ledger with contracts, roles, a bad line."""

import socket
import threading
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from files import make
from psycopg.sql import SQL, Identifier

from ledger.storage.log import NewEvent
from ledger.storage.urls import parse_url


def signed(url: str) -> str:
    """Make a ledger with three contracts: what can be asked, too."""
    log = make(url)
    golden = Path(__file__).with_name("golden") / "events.jsonl"
    states = [
        line for line in golden.read_bytes().splitlines() if b'"type":"contract.signed"' in line
    ]
    with log.writing() as writer:
        writer.append(
            [
                NewEvent(f"contract:{number}", 1, "contract.signed", states[0], f"key {number}")
                for number in range(3)
            ]
        )
    log.close()
    return url


@contextmanager
def within(url: str):
    """A connection that sees the schema of a ledger, as its owner or anybody else might have."""
    where = parse_url(url)
    with psycopg.connect(where.conninfo, autocommit=True) as connection:
        path = SQL("SET search_path = {}").format(Identifier(where.schema))
        connection.execute(path)
        yield connection


@contextmanager
def role(url: str, *granted: str, password: str = "a secret/word"):
    """A role with rights on the schema of a ledger: the URL of the ledger with its name."""
    where, name = parse_url(url), f"role_{uuid.uuid4().hex}"
    schema, who = Identifier(where.schema), Identifier(name)
    with psycopg.connect(where.conninfo, autocommit=True) as owner:
        owner.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(who, password))
        owner.execute(SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, who))
        for right in granted:
            owner.execute(
                SQL("GRANT {} ON ALL TABLES IN SCHEMA {} TO {}").format(SQL(right), schema, who)
            )
        quoted = password.replace("/", "%2F").replace(" ", "%20")
        try:
            yield url.replace("postgres@", f"{name}:{quoted}@", 1)
        finally:
            owner.execute(SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(who))


class Line:
    """A line to the server that can be cut: before a word passes, or before it is answered."""

    def __init__(self, url: str) -> None:
        self._port = psycopg.conninfo.conninfo_to_dict(parse_url(url).conninfo)["port"]
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = url.replace(f":{self._port}/", f":{self._door.getsockname()[1]}/", 1)
        self.cut_before: bytes | None = None
        """A word that does not reach the server: the connection ends."""
        self.cut_after: bytes | None = None
        """A word that the server gets, and whose answer nobody hears."""
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", int(self._port)))
            silent = threading.Event()
            for pair in ((near, far, self._out), (far, near, self._back)):
                threading.Thread(target=self._pass, args=(*pair, silent), daemon=True).start()

    def _pass(self, origin, target, heard, silent) -> None:
        with suppress(OSError):
            while (data := origin.recv(65_536)) and heard(data, silent):
                target.sendall(data)
        for end in (origin, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _out(self, data: bytes, silent: threading.Event) -> bool:
        if self.cut_before is not None and self.cut_before in data:
            self.cut_before = None
            return False
        if self.cut_after is not None and self.cut_after in data:
            self.cut_after = None
            silent.set()
        return True

    def _back(self, data: bytes, silent: threading.Event) -> bool:
        del data
        return not silent.is_set()
