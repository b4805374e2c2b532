"""The public face: open a ledger by its URL, put events in, ask questions of it.

    with Ledger.open("sqlite:///cpod.db") as ledger:
        ledger.ingest(["deliveries.jsonl.gz"])
        ledger.ask("packages", as_of="2025-03-31", kind="all")

A Ledger belongs to the thread that opened it: in another one, or in a copy of the process (a
fork), every method raises LedgerNotShared, and so do the iterators that it has returned. Threads
and processes that open one each work side by side. Once it is closed, all of them raise
LedgerClosed; to close it again does nothing.

What only writing needs is imported when something is written.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from ledger.domain.values.instants import format_instant
from ledger.errors import UsageError
from ledger.face.corrections import Correcting
from ledger.face.history import Explaining
from ledger.face.proofs import Proving
from ledger.owner import for_its_owner
from ledger.projections.filters import Answer, Filters

if TYPE_CHECKING:
    from ledger.commands.access import Changed, RoleChange
    from ledger.commands.quarantine import Retried
    from ledger.projections.books.catch_up import Progress
    from ledger.storage.log import HeldLine


@for_its_owner
class Ledger(Correcting, Explaining, Proving):
    """A ledger that is open: what can be asked of it, and what an operator does with it.

    Only the thread that opened it may use it; in any other one all of it raises LedgerNotShared.
    """

    def ask(
        self,
        view: str,
        *,
        as_of: str | None = None,
        known_at: str | int | None = None,
        viewer: str | None = None,
        workspaces: Sequence[str] = (),
        on_progress: "Progress | None" = None,
        **filters: object,
    ) -> Answer:
        """Return the answer of a view, ready to be written as JSON.

        `as_of` is a date or an instant, `known_at` a position, a date or an instant; without them
        now is meant. `filters` are those of `ledger.projections.question.Filters`. Raises
        UsageError, NotAllowed and NotFound.
        """
        from ledger.projections.views import VIEWS

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

    def quarantine_list(self) -> Answer:
        """Return every line that waits now, by number."""
        from ledger.commands.quarantine import held_lines, row

        return {**self._now(), "rows": [row(held) for held in held_lines(self._reader)]}

    def quarantine_show(self, number: int) -> "HeldLine":
        """Return one line that waits, byte for byte. Raises NotFound."""
        from ledger.commands.quarantine import held_line

        return held_line(self._reader, number)

    def quarantine_retry(
        self,
        numbers: Sequence[int] | None = None,
        *,
        as_of: str | None = None,
        dry_run: bool = False,
    ) -> "Retried":
        """Try lines again, all of them where no numbers are given. Raises NotFound.

        A dry run is rolled back, and has every balance that would change as of a date.
        """
        from ledger.commands.quarantine import rehearse_retry, retry_held

        with self._judging() as engine:
            if dry_run:
                return rehearse_retry(engine, numbers, self._foreseeing(as_of))
            return retry_held(engine, numbers)

    def quarantine_drop(
        self, numbers: Sequence[int], why: str | None = None, *, dry_run: bool = False
    ) -> list["HeldLine"]:
        """Take lines out of the quarantine for good, on the register. Raises NotFound."""
        from ledger.commands.quarantine import drop_held

        return drop_held(self.log, numbers, why, dry_run=dry_run)

    def change_role(self, change: "RoleChange", *, dry_run: bool = False) -> "Changed":
        """Grant or revoke a role. Raises UsageError, NotAllowed and NotFound."""
        from ledger.commands.access import change_role

        with self._judging() as engine:
            return change_role(engine, self._codec, change, self._clock(), dry_run=dry_run)

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

    def back_up(self, path: str, *, on_progress: Callable[[int], None] | None = None) -> None:
        """Copy the ledger to a new file, of one moment. Raises UsageError where there is a file."""
        self._reader.back_up(path, on_progress)

    def copy_to(
        self, url: str, *, dry_run: bool = False, on_progress: "Progress | None" = None
    ) -> dict[str, object]:
        """Copy the ledger to an empty place at a URL, row for row, and return what was copied.

        Raises UsageError where there is a ledger already. A dry run only looks.
        """
        from ledger.commands.copy import copy_ledger

        audit = self._reader.audit()
        try:
            return copy_ledger(audit, url, dry_run=dry_run, on_progress=on_progress)
        finally:
            audit.close()

    def status(self) -> dict[str, object]:
        """Return where the ledger is, what it holds, and what waits."""
        from ledger.audit.status import status
        from ledger.projections.books.location import shelf_of

        return status(self._reader, shelf_of(self.url).look())

    def rebuild(
        self, *, check: bool = False, on_progress: "Progress | None" = None
    ) -> dict[str, object]:
        """Make the books anew; with `check` only compare new ones with those in use."""
        if not check:
            return {"position": self._keeping.made_anew(on_progress).checkpoint.position}
        from ledger.projections.books.compare import differences

        with self._keeping.reading(on_progress) as books:
            position = books.checkpoint.position
            with closing(self._keeping.rebuilt(on_progress)) as rebuilt:
                found = differences(books, rebuilt)
        return {
            "position": position,
            "differences": [
                {"table": table, "only_in_use": mine, "only_rebuilt": other}
                for table, (mine, other) in found.items()
            ],
            "other_history": self._other_history(),
        }
