"""The public face: open a ledger by its URL, put events in, ask questions of it.

    with Ledger.open("sqlite:///cpod.db") as ledger:
        ledger.ingest(["deliveries.jsonl.gz"])
        ledger.ask("packages", as_of="2025-03-31", kind="all")

What only writing needs is imported when something is written.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ledger.correcting import Correcting
from ledger.domain.instants import format_instant
from ledger.errors import UsageError
from ledger.explaining import Explaining
from ledger.ingesting import Ingesting
from ledger.projections.asking import Asking
from ledger.projections.catching_up import Progress
from ledger.projections.keeping import Keeping
from ledger.projections.question import Answer, Filters
from ledger.projections.shelves import shelf_of
from ledger.projections.views import VIEWS
from ledger.storage.codec import Codec
from ledger.storage.log import Clock, Log, LogReader, Randomness
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.vault import Vault

if TYPE_CHECKING:
    from ledger.commands.access import Changed, RoleChange
    from ledger.commands.engine import Engine
    from ledger.commands.proving import Proven
    from ledger.commands.quarantine import Retried
    from ledger.projections.foresight import Foresight
    from ledger.proof.forms import SigningKey
    from ledger.proof.verifier import VerifierKey
    from ledger.storage.log import HeldLine, Seal


class Ledger(Ingesting, Explaining, Correcting):
    """A ledger that is open: reading needs nothing more, writing opens the log when it is asked."""

    def __init__(
        self,
        reader: LogReader,
        clock: Clock = time.time_ns,
        randomness: Randomness = secrets.token_bytes,
    ) -> None:
        """Take a reader of the log; `open` and `create` make one."""
        self.codec = Codec(vault=Vault(reader))
        self._clock = clock
        self._randomness = randomness
        self._reader = reader
        self._log: Log | None = None
        self._shelf = shelf_of(reader.url)
        self._keeping = Keeping(reader, self.codec, self._shelf)
        self._asking = Asking(reader, self.codec, self._keeping)
        self.created = False
        """Whether it was made just now."""

    @classmethod
    def open(cls, url: str, *, clock: Clock = time.time_ns) -> Self:
        """Return the ledger at a URL. Raises NoLedger where there is none."""
        return cls(open_reader(url), clock)

    @classmethod
    def create(
        cls,
        url: str,
        *,
        clock: Clock = time.time_ns,
        randomness: Randomness = secrets.token_bytes,
    ) -> Self:
        """Return the ledger at a URL, made new where there is none; `created` says which."""
        log = create_log(url, clock, randomness)
        ledger = cls(log, clock, randomness)
        ledger._log = log
        ledger.created = log.created
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        self._keeping.close()
        if self._log is not None and self._log is not self._reader:
            self._log.close()
        self._reader.close()

    @property
    def url(self) -> str:
        """Where it is."""
        return self._reader.url

    @property
    def position(self) -> int:
        """The last position."""
        return self._reader.head().position

    @property
    def log(self) -> Log:
        """The log, to be written. Raises what keeps it from being written."""
        if self._log is None:
            self._log = open_log(self._reader.url, self._clock, self.codec, self._randomness)
        return self._log

    def ask(
        self,
        view: str,
        *,
        as_of: str | None = None,
        known_at: str | int | None = None,
        viewer: str | None = None,
        workspaces: Sequence[str] = (),
        on_progress: Progress | None = None,
        **filters: object,
    ) -> Answer:
        """Return the answer of a view, ready to be written as JSON.

        `as_of` is a date or an instant, `known_at` a position, a date or an instant; without them
        now is meant. `filters` are those of `ledger.projections.question.Filters`. Raises
        UsageError, NotAllowed and NotFound.
        """
        if view not in VIEWS:
            raise UsageError("there is no view {view}: {names}", view=view, names=", ".join(VIEWS))
        plain = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in filters.items()
        }
        return self._asking.ask(
            view,
            Filters(**plain),  # type: ignore[arg-type]
            as_of=as_of,
            known_at=None if known_at is None else str(known_at),
            viewer=viewer,
            workspaces=workspaces,
            now=self._clock(),
            on_progress=on_progress,
        )

    def _foresight(self) -> "Foresight":
        from ledger.projections.foresight import Foresight

        return Foresight(self._keeping.copy, self.codec)

    def quarantine_list(self) -> Answer:
        """Return every line that waits now, by number."""
        from ledger.commands.quarantine import held_lines, row

        return {**self._now(), "rows": [row(held) for held in held_lines(self._reader)]}

    def quarantine_show(self, number: int) -> "HeldLine":
        """Return one line that waits, byte for byte. Raises NotFound."""
        from ledger.commands.quarantine import held_line

        return held_line(self._reader, number)

    def quarantine_retry(self, numbers: Sequence[int] | None = None) -> "Retried":
        """Try lines again, all of them where no numbers are given. Raises NotFound."""
        from ledger.commands.quarantine import retry_held

        foresight = self._foresight()
        try:
            return retry_held(self._engine(foresight), numbers)
        finally:
            foresight.close()

    def _engine(self, foresight: "Foresight") -> "Engine":
        from ledger.commands.engine import Engine
        from ledger.domain.decisions import decide

        return Engine(self.log, self.codec, decide, foresight.available, foresight.groups)

    def quarantine_drop(self, numbers: Sequence[int], why: str | None = None) -> list["HeldLine"]:
        """Take lines out of the quarantine for good, on the register. Raises NotFound."""
        from ledger.commands.quarantine import drop_held

        return drop_held(self.log, numbers, why)

    def change_role(self, change: "RoleChange", *, dry_run: bool = False) -> "Changed":
        """Grant or revoke a role. Raises UsageError, NotAllowed and NotFound."""
        from ledger.commands.access import change_role

        foresight = self._foresight()
        try:
            engine = self._engine(foresight)
            return change_role(engine, self.codec, change, self._clock(), dry_run=dry_run)
        finally:
            foresight.close()

    def register_exports(self, files: Sequence[Mapping[str, object]]) -> list[int]:
        """Put files that an answer goes to on the register. Raises what keeps it from writing."""
        from ledger.commands.exports import register_exports

        return register_exports(self.log, files)

    def exports(self) -> Answer:
        """Return every file that is on the register, by number."""
        from ledger.commands.exports import exports

        return {**self._now(), "rows": exports(self._reader)}

    def _now(self) -> Answer:
        """Return what an answer carries that is about the ledger as it is."""
        head = self._reader.head()
        return {
            "as_of": format_instant(self._clock()),
            "known_at": None if head.recorded_at is None else format_instant(head.recorded_at),
            "position": head.position,
            "limited": False,
        }

    def seal(self, key: "SigningKey", *, on_progress: Progress | None = None) -> "Seal":
        """Sign what the ledger holds now, keep that, and return it. Raises Damaged."""
        from ledger.commands.sealing import seal

        return seal(self.log, key, on_progress)

    def position_of(self, source: str, identifier: str) -> int:
        """Return the position of an event. Raises NotFound."""
        from ledger.commands.proving import position_of

        return position_of(self._reader, source, identifier)

    def prove(self, position: int, checkpoint: bytes | None = None) -> "Proven":
        """Return the proof that an event is under a checkpoint, else under the last seal."""
        from ledger.commands.proving import prove

        return prove(self._reader, position, checkpoint)

    def prove_consistency(self, old: bytes, new: bytes) -> bytes:
        """Return the proof that the ledger of a newer checkpoint begins with an older one's."""
        from ledger.commands.proving import prove_consistency

        return prove_consistency(self._reader, old, new)

    def check(
        self,
        *,
        books: bool = False,
        checkpoints: Sequence[bytes] = (),
        keys: Sequence["VerifierKey"] = (),
        on_progress: Progress | None = None,
    ) -> dict[str, object]:
        """Return what a check of everything that is stored proves, finds damaged, and leaves open.

        `checkpoints` were kept elsewhere, and `keys` verify them; with `books`, these are checked
        too. Damage is a part of the answer: nothing is raised for it.
        """
        from ledger.commands.check import Elsewhere, answer, check_log, leave_open

        audit = self._reader.audit()
        try:
            elsewhere = Elsewhere(checkpoints, keys)
            findings = check_log(audit, self.codec, elsewhere, on_progress)
            if books and findings.damaged == 0:
                from ledger.commands.check_books import check_books

                rebuilt = partial(self._keeping.rebuilt, on_progress)
                with self._keeping.reading(on_progress) as in_use:
                    check_books(in_use, rebuilt, self._reader, self.codec, findings)
            leave_open(audit, findings, books=books)
        finally:
            audit.close()
        return answer(findings)

    def back_up(self, path: str, *, on_progress: Callable[[int], None] | None = None) -> None:
        """Copy the ledger to a new file, of one moment. Raises UsageError where there is a file."""
        self._reader.back_up(path, on_progress)

    def copy_to(
        self, url: str, *, dry_run: bool = False, on_progress: Progress | None = None
    ) -> dict[str, object]:
        """Copy the ledger to an empty place at a URL, row for row, and return what was copied.

        Raises UsageError where there is a ledger already. A dry run only looks.
        """
        from ledger.commands.copying import copy_ledger

        audit = self._reader.audit()
        try:
            return copy_ledger(audit, url, dry_run=dry_run, on_progress=on_progress)
        finally:
            audit.close()

    def status(self) -> dict[str, object]:
        """Return where the ledger is, what it holds, and what waits."""
        from ledger.commands.status import status

        return status(self._reader, self._shelf.state())

    def rebuild(
        self, *, check: bool = False, on_progress: Progress | None = None
    ) -> dict[str, object]:
        """Make the books anew; with `check` only compare new ones with those in use."""
        if not check:
            return {"position": self._keeping.made_anew(on_progress).checkpoint.position}
        from ledger.projections.comparing import differences

        with self._keeping.reading(on_progress) as books:
            rebuilt = self._keeping.rebuilt(on_progress)
            return {
                "position": books.checkpoint.position,
                "differences": [
                    {"table": table, "only_in_use": mine, "only_rebuilt": other}
                    for table, (mine, other) in differences(books, rebuilt).items()
                ],
            }
