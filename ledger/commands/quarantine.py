"""The quarantine at the hands of an operator: list, show, retry and drop what was refused."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from ledger.commands.ingest.receipt import Outcome
from ledger.commands.ingest.retry_waiting import release, retry
from ledger.commands.ingest.tally import Tally
from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.rehearsal import transaction
from ledger.domain.values.instants import format_instant
from ledger.errors import NotFound
from ledger.storage.log import CHUNK, HeldLine, Log, LogReader, Rows, Writer

DROPPED = "quarantine.dropped"
"""What the register says of a line that was dropped."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry came to."""

    outcomes: tuple[Outcome, ...]
    """Of the lines that were asked for, by number."""
    released: int
    """Further lines that had waited for one of them."""
    first_position: int | None
    last_position: int | None
    balances: tuple[dict[str, object], ...] = ()
    """Every balance that a dry run would change, before and after."""

    def answer(self) -> dict[str, object]:
        """Return what is printed, in its order."""
        decisions = [outcome.decision for outcome in self.outcomes]
        return {
            "tried": len(decisions),
            "appended": decisions.count("appended") + self.released,
            "released": self.released,
            "duplicates": decisions.count("duplicate"),
            "refused": decisions.count("refused"),
            "first_position": self.first_position,
            "last_position": self.last_position,
        }


def row(held: HeldLine) -> dict[str, object]:
    """Return a held line as it is printed; bytes that are no UTF-8 are written as escapes."""
    return {
        "number": held.number,
        "code": held.code,
        "file": held.file,
        "line": held.line,
        "reason": held.reason,
        "raw": held.raw.decode("utf-8", "backslashreplace"),
        "waits_for": held.waits_for,
        "received_at": format_instant(held.received_at),
    }


def held_lines(log: Rows) -> Iterator[HeldLine]:
    """Yield all lines that wait, by number."""
    after = 0
    while rows := log.quarantine_rows(after=after, limit=CHUNK):
        yield from rows
        after = rows[-1].number


def held_digests(log: Rows) -> set[bytes]:
    """Return the SHA-256 of each line that waits."""
    return {sha256(held.raw).digest() for held in held_lines(log)}


def held_line(log: LogReader, number: int) -> HeldLine:
    """Return one line that waits. Raises NotFound."""
    held = log.quarantine_row(number)
    if held is None:
        raise NotFound(
            "no line {number} waits in the quarantine: `cpod quarantine list` has them",
            number=number,
        )
    return held


def retry_held(engine: Engine, numbers: Sequence[int] | None = None) -> Retried:
    """Try lines again, all of them where no numbers are given, and then what waited for them.

    Raises NotFound, before anything is tried, where one of the numbers does not wait.
    """
    log = engine.log
    if numbers is None:
        chosen = list(held_lines(log))
    else:
        chosen = [held_line(log, number) for number in sorted(set(numbers))]
    outcomes = retry(engine, chosen)
    tally = Tally()
    tally.retry(outcomes)
    tried = tally.receipt(0)
    release(engine, tally)
    receipt = tally.receipt(0)
    return Retried(
        tuple(outcomes),
        receipt.appended - tried.appended,
        receipt.first_position,
        receipt.last_position,
    )


def rehearse_retry(
    engine: Engine,
    numbers: Sequence[int] | None,
    foresee: Callable[[Writer], list[dict[str, object]]],
) -> Retried:
    """Try lines again as `retry_held` does, and roll that back; return what it would come to."""
    with engine.rehearsal() as writer:
        return replace(retry_held(engine, numbers), balances=tuple(foresee(writer)))


def drop_held(
    log: Log, numbers: Sequence[int], why: str | None = None, *, dry_run: bool = False
) -> list[HeldLine]:
    """Take lines out of the quarantine for good, and put each into the register.

    The register keeps what was dropped by the digest of its bytes, not the bytes themselves. A dry
    run is rolled back. Raises NotFound, with nothing dropped, where one of the numbers does not
    wait.
    """
    with transaction(log, dry_run=dry_run) as writer:
        return [_drop(writer, number, why) for number in sorted(set(numbers))]


def _drop(writer: Writer, number: int, why: str | None) -> HeldLine:
    held = writer.quarantine_row(number)
    if held is None:
        raise NotFound(
            "no line {number} waits in the quarantine: nothing was dropped", number=number
        )
    detail: dict[str, object] = {
        "number": held.number,
        "code": held.code,
        "file": held.file,
        "line": held.line,
        "sha256": sha256(held.raw).hexdigest(),
        "bytes": len(held.raw),
    }
    if why is not None:
        detail["why"] = why
    writer.register(DROPPED, detail)
    writer.release(number)
    return held
