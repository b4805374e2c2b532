"""What a transaction writes in a database: what both databases write with the same statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from ledger.storage.codec import canonical
from ledger.storage.database.rows import HELD, DatabaseRows
from ledger.storage.intakes import COLUMNS, columns_of
from ledger.storage.log import Head, HeldLine, Intake, NewEvent, Seal
from ledger.storage.vault.rows import Person
from ledger.storage.vault.vault import erased
from ledger.storage.writer import TransactionWriter, WritableLog

_KEEP_INTAKE: Final = (
    f"INSERT INTO intakes ({', '.join(COLUMNS)})"  # noqa: S608 - names of our own
    f" VALUES ({', '.join('?' * len(COLUMNS))})"
    " ON CONFLICT (file) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "file")
)


class DatabaseWriter(TransactionWriter, DatabaseRows):
    """The one transaction that holds the lock, by its cursor."""

    def __init__(self, log: WritableLog, shown: str, cursor: Any) -> None:
        """Take the log, what messages call it, and the cursor of a transaction with the lock."""
        self._shown = shown
        self._cursor = cursor
        super().__init__(log, self._locked())

    def _locked(self) -> Head:
        """Return the last position, which nobody else can move now."""
        return self._head()

    def _text(self, received: str) -> Any:
        """Return how a text is stored that may hold any character, and half a one."""
        return received

    def _put(self, events: Sequence[NewEvent], **kwargs: Any) -> None:
        with self._speaking():
            super()._put(events, cursor=self._cursor, **kwargs)

    def _write(self, statement: str, values: Sequence[Any]) -> Any:
        with self._speaking():
            return self._execute(statement, values)

    def _insert(self, table: str, row: Mapping[str, Any]) -> Any:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        return self._write(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of our own
            list(row.values()),
        )

    def _add(self, table: str, row: Mapping[str, Any]) -> int:
        """Add a row with the next number of its table, and return that."""
        raise NotImplementedError

    def hold(
        self, code: str, file: str, line: int, reason: str, raw: bytes, waits_for: str | None = None
    ) -> int:
        """Put a line into the quarantine and return its number; the same bytes wait once."""
        digest = sha256(raw).digest()
        known = self._one("SELECT number FROM quarantine WHERE digest = ?", (digest,))
        if known is not None:
            number: int = known[0]
            self._write(
                "UPDATE quarantine SET code = ?, reason = ?, waits_for = ? WHERE number = ?",
                (code, self._text(reason), waits_for, number),
            )
            return number
        return self._add(
            "quarantine",
            {
                "digest": digest,
                "code": code,
                "file": self._text(file),
                "line": line,
                "reason": self._text(reason),
                "raw": raw,
                "waits_for": waits_for,
                "received_at": self.stamp,
            },
        )

    def held(self, raws: Iterable[bytes]) -> dict[bytes, int]:
        """Return the number of each line that is held; others are absent."""
        if self._one("SELECT 1 FROM quarantine LIMIT 1") is None:
            return {}
        by_digest = {sha256(raw).digest(): raw for raw in raws}
        found = self._among("SELECT digest, number FROM quarantine WHERE digest", by_digest)
        return {by_digest[digest]: number for digest, number in found}

    def awaited(self) -> list[str]:
        """Return what held lines wait for, each once, sorted."""
        found = self._all(
            "SELECT DISTINCT waits_for FROM quarantine WHERE waits_for IS NOT NULL ORDER BY 1"
        )
        return [name for (name,) in found]

    def waiting(self, names: Collection[str]) -> list[HeldLine]:
        """Return the lines that wait for one of these names, by number."""
        return sorted(map(self._held, self._among(f"{HELD}WHERE waits_for", set(names))))

    def release(self, number: int) -> None:
        """Take a line out of the quarantine; nothing happens where there is none."""
        self._write("DELETE FROM quarantine WHERE number = ?", (number,))

    def keep_intake(self, intake: Intake) -> None:
        """Say how far a file is; what was said of that name before is forgotten."""
        self._write(_KEEP_INTAKE, columns_of(intake))

    def drop_intake(self, file: str) -> None:
        """Forget a file, for it is done; nothing happens where it is not known."""
        self._write("DELETE FROM intakes WHERE file = ?", (file,))

    def seal(self, size: int, verifier_key: str, checkpoint: bytes) -> Seal:
        """Keep a signed checkpoint of the first `size` events, for ever."""
        seal = Seal(0, size, self.stamp, verifier_key, checkpoint)
        row = seal._asdict()
        del row["number"]
        return seal._replace(number=self._add("seals", row))

    def register(self, what: str, detail: Mapping[str, object]) -> int:
        """Put an entry into the register, for ever, and return its number."""
        text = canonical(detail).decode()
        return self._add("register", {"recorded_at": self.stamp, "what": what, "detail": text})

    def last_person(self) -> int:
        """Return the number of the last person in the vault, 0 where there is none."""
        row = self._one("SELECT coalesce(max(number), 0) FROM persons")
        assert row is not None, "a count has a row"
        return int(row[0])

    def erase(self, person: Person) -> None:
        """Overwrite the row of a person with what is left of one, and nothing else."""
        left = erased(person.number)
        self._write(
            "UPDATE persons SET digest = ?, salt = ?, key = ? WHERE number = ?",
            (left.digest, left.salt, left.key, left.number),
        )
