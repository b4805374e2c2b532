"""A ledger in memory: the same interface, for tests, trials, and places where nothing is written.

What is beside the events (homes, quarantine, register) is copied when a transaction begins, and
takes the place of the old when it commits.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from ledger.errors import UsageError
from ledger.storage.codec import canonical
from ledger.storage.log import (
    Head,
    HeldLine,
    Intake,
    Key,
    RegisterRow,
    Seal,
    StoredRow,
    Writer,
)
from ledger.storage.memory.recorder import MemoryRecorder
from ledger.storage.memory.rows import Aside, MemoryRows, MemoryStore
from ledger.storage.vault.rows import Person, SealedText
from ledger.storage.vault.vault import erased
from ledger.storage.writer import Means, TransactionWriter, WritableLog

if TYPE_CHECKING:
    from ledger.storage.memory.audit import MemoryAudit


class MemoryWriter(TransactionWriter, MemoryRows):
    """The one transaction that holds the lock."""

    def __init__(self, log: WritableLog, store: MemoryStore) -> None:
        """Take the ledger, locked."""
        MemoryRows.__init__(self, store.recorder)
        self.aside = store.aside.copy()
        TransactionWriter.__init__(self, log, self._end())

    def _last(self) -> int:
        self._live()
        return len(self._recorder.rows)

    def _aside(self) -> Aside:
        self._live()
        return self.aside

    def find(self, keys: Collection[Key]) -> dict[Key, StoredRow]:
        """Return the row of each key; unknown ones are absent."""
        self._live()
        known = self._recorder.keys
        return {key: self._recorder.rows[known[key] - 1] for key in keys if key in known}

    def settle(self, homes: Mapping[str, str]) -> None:
        """Say in which stream each subject lives from now on."""
        self._aside().homes.update(homes)

    def hold(
        self, code: str, file: str, line: int, reason: str, raw: bytes, waits_for: str | None = None
    ) -> int:
        """Put a line into the quarantine and return its number; the same bytes wait once."""
        aside = self._aside()
        number = aside.numbers.get(raw)
        if number is not None:
            aside.held[number] = aside.held[number]._replace(
                code=code, reason=reason, waits_for=waits_for
            )
            return number
        number = aside.numbers[raw] = aside.last_number = aside.last_number + 1
        aside.held[number] = HeldLine(number, code, file, line, reason, raw, waits_for, self.stamp)
        return number

    def held(self, raws: Iterable[bytes]) -> dict[bytes, int]:
        """Return the number of each line that is held; others are absent."""
        numbers = self._aside().numbers
        return {raw: numbers[raw] for raw in raws if raw in numbers} if numbers else {}

    def awaited(self) -> list[str]:
        """Return what held lines wait for, each once, sorted."""
        return sorted({held.waits_for for held in self._aside().held.values() if held.waits_for})

    def waiting(self, names: Collection[str]) -> list[HeldLine]:
        """Return the lines that wait for one of these names, by number."""
        wanted = set(names)
        return [held for held in self.quarantine_rows(limit=2**63) if held.waits_for in wanted]

    def release(self, number: int) -> None:
        """Take a line out of the quarantine; nothing happens where there is none."""
        aside = self._aside()
        held = aside.held.pop(number, None)
        if held is not None:
            del aside.numbers[held.raw]

    def keep_intake(self, intake: Intake) -> None:
        """Say how far a file is; what was said of that name before is forgotten."""
        self._aside().intakes[intake.file] = intake

    def drop_intake(self, file: str) -> None:
        """Forget a file, for it is done; nothing happens where it is not known."""
        self._aside().intakes.pop(file, None)

    def seal(self, size: int, verifier_key: str, checkpoint: bytes) -> Seal:
        """Keep a signed checkpoint of the first `size` events, for ever."""
        seals = self._aside().seals
        seals.append(Seal(len(seals) + 1, size, self.stamp, verifier_key, checkpoint))
        return seals[-1]

    def register(self, what: str, detail: Mapping[str, object]) -> int:
        """Put an entry into the register, for ever, and return its number."""
        register = self._aside().register
        number = len(register) + 1
        plain: dict[str, object] = json.loads(canonical(detail))
        register.append(RegisterRow(number, self.stamp, what, plain))
        return number

    def last_person(self) -> int:
        """Return the number of the last person in the vault, 0 where there is none."""
        return len(self._aside().persons)

    def keep(self, persons: Sequence[Person], texts: Sequence[SealedText]) -> None:
        """Put new persons and sealed texts into the vault; what is kept already stays as it is."""
        aside = self._aside()
        for person in persons:
            aside.persons.append(person)
            aside.numbers_of_persons[person.digest] = person.number
        for text in texts:
            aside.texts.setdefault(text.commitment, text)

    def erase(self, person: Person) -> None:
        """Overwrite the row of a person with what is left of one, and nothing else."""
        aside = self._aside()
        del aside.numbers_of_persons[person.digest]
        left = aside.persons[person.number - 1] = erased(person.number)
        aside.numbers_of_persons[left.digest] = person.number


class MemoryLog(MemoryRows, WritableLog):
    """A ledger in memory, to read and to write."""

    def __init__(self, store: MemoryStore, means: Means, *, created: bool = False) -> None:
        """Take the ledger."""
        MemoryRows.__init__(self, store.recorder)
        WritableLog.__init__(self, means, created=created)
        self._store = store

    def _make_recorder(self) -> MemoryRecorder:
        return self._store.recorder

    def _aside(self) -> Aside:
        return self._store.aside

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""
        return self._store.ledger_id

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"memory:{self._store.name}"

    def head(self) -> Head:
        """Return the last committed position and its stamp."""
        return self._end()

    def find(self, keys: Collection[Key]) -> dict[Key, int]:
        """Return the position of each key; unknown ones are absent."""
        known, last = self._recorder.keys, self._last()
        return {key: known[key] for key in keys if known.get(key, last + 1) <= last}

    def size_bytes(self) -> int:
        """Return 0: it takes nothing on disk."""
        return 0

    def audit(self) -> "MemoryAudit":
        """Return an audit of it: all that is stored, as it is, of one moment."""
        from ledger.storage.memory.audit import MemoryAudit

        return MemoryAudit(self._store.ledger_id, self._store.recorder, self._store.aside)

    def back_up(self, path: str, on_progress: Callable[[int], None] | None = None) -> None:
        """Raise UsageError: there is no file to copy."""
        del on_progress
        raise UsageError(
            "a ledger in memory cannot be backed up to {where}: it is no file", where=path
        )

    def renew(self) -> None:
        """Do nothing: who has it open keeps it."""

    def scrub(self) -> bool:
        """Return True: nothing of it is on a disk."""
        return True

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; commit when the block ends, undo all when it raises."""
        with self._recorder.transaction():
            writer = MemoryWriter(self, self._store)
            try:
                yield cast("Writer", writer)
                writer.finish()
                self._store.aside = writer.aside
            finally:
                writer.die()

    def close(self) -> None:
        """Let go of it; it lives on while somebody else has it open."""
        self._close_application()
