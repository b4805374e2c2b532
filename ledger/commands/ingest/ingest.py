"""Ingest: lines in, verdicts out; one transaction for each batch, and a receipt at the end."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, NamedTuple

from ledger.commands.ingest.batches import Reading
from ledger.commands.ingest.bookmarks import Bookmarks
from ledger.commands.ingest.decision_state import Balance, Membership
from ledger.commands.ingest.judge import Decide
from ledger.commands.ingest.limits import ErrorLimit, stopped_after
from ledger.commands.ingest.parse import Prepared
from ledger.commands.ingest.read_ahead import SecondCore
from ledger.commands.ingest.receipt import Outcome, Receipt
from ledger.commands.ingest.resume import Mark
from ledger.commands.ingest.retry import Patience
from ledger.commands.ingest.retry_waiting import release
from ledger.commands.ingest.tally import Tally
from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.sources.inputs import Source
from ledger.commands.sources.lines import Line
from ledger.domain.aggregates.decisions import decide as decide_by_the_rules
from ledger.errors import UsageError
from ledger.messages import Words
from ledger.storage.codec import Codec
from ledger.storage.log import Log, Writer

BATCH_SIZE: Final = 1_000
"""Lines of one transaction, where nothing else is said."""

IngestProgress = Callable[[int, int], None]
"""Is told how many lines are done, and how many bytes of the input were read."""


class Batch(NamedTuple):
    """What one transaction came to, once it is committed."""

    file: str
    """Of its last line; empty where only what had waited was tried again."""
    line: int
    lines: int
    size: int
    """Bytes of its lines."""
    appended: int
    duplicates: int
    refused: dict[str, int]
    """How many lines were refused, by code."""
    first_position: int | None
    last_position: int | None
    seconds: float
    retries: int
    """How often it was tried again before."""


OnBatch = Callable[[Batch], None]


class Ingestion:
    """One run of ingest."""

    def __init__(
        self,
        engine: Engine,
        *,
        batch_size: int = BATCH_SIZE,
        dry_run: bool,
        on_rehearsed: Callable[[Writer], None] | None = None,
        bookmarks: Bookmarks | None = None,
        patience: Patience | None = None,
        max_errors: int | None = None,
        on_batch: OnBatch | None = None,
    ) -> None:
        """Take the engine; a dry run is judged like any other, and then undone."""
        if batch_size < 1:
            raise UsageError(
                "a batch has one line or more, not {batch_size}", batch_size=batch_size
            )
        self._engine = engine
        self._batch_size = batch_size
        self._dry_run = dry_run
        self._on_rehearsed = on_rehearsed
        self._bookmarks = bookmarks
        self._patience = Patience(0) if patience is None else patience
        self._limit = ErrorLimit(max_errors)
        self._on_batch = on_batch
        self._stopped: str | None = None
        self._tally = Tally(keep_verdicts=dry_run)
        self._begun = time.perf_counter()
        self._lines: Iterable[Line] = ()
        self._problem: str | None = None

    def run(self, lines: Iterable[Line], on_progress: IngestProgress | None = None) -> Receipt:
        """Return the receipt, once every line has its verdict and what waited was tried again."""
        self._lines = lines
        if self._dry_run:
            if isinstance(lines, Source):
                lines.keep_pipes()  # nobody who writes has to wait for a pipe
            with ExitStack() as stack:
                writer = self._patience.call(lambda: stack.enter_context(self._engine.rehearsal()))
                self._patience = Patience(0)  # what fails from now on fails as a whole
                self._run(on_progress)
                if self._on_rehearsed is not None:
                    self._on_rehearsed(writer)
        else:
            self._run(on_progress)
        return self.receipt()

    def receipt(self) -> Receipt:
        """Return the receipt of the transactions that are over."""
        receipt = replace(
            self._tally.receipt(time.perf_counter() - self._begun, self._stopped or self._problem),
            stopped=self._stopped is not None,
        )
        if self._bookmarks is None:
            return receipt
        before = self._bookmarks
        return replace(receipt, taken_over=before.taken_over, refused_before=before.refused_before)

    def _run(self, on_progress: IngestProgress | None) -> None:
        source = self._lines if isinstance(self._lines, Source) else None
        places = self._bookmarks.places if self._bookmarks is not None else None
        reading = Reading(self._lines, self._batch_size, places)
        with SecondCore(self._engine.codec) as core:
            waits = source is None or source.waits
            for batch, place in core.prepared(reading, elsewhere=source is not None, waits=waits):
                if self._limit.is_reached():
                    break
                self._problem = place.problem
                if self._bookmarks is not None:
                    self._bookmarks.go_on(place.resumed)
                if not batch:
                    continue
                self._take(batch, place.marks)
                if on_progress is not None:
                    on_progress(self._tally.read, place.bytes_read)
                if waits and self._limit.is_reached():
                    break  # without waiting for what comes next
        before, began = self._tally.appended, time.perf_counter()
        self._patience.call(lambda: release(self._engine, self._tally, self._batch_size))
        if (bookmarks := self._bookmarks) is not None:
            growing = source is not None and source.growing
            whole = self._stopped is None and self._problem is None and not growing
            self._patience.call(lambda: bookmarks.end(self._engine, whole=whole))
        if self._on_batch is not None and self._tally.appended > before:
            appended, last = self._tally.appended - before, self._tally.last_position
            seconds = time.perf_counter() - began
            self._on_batch(Batch("", 0, 0, 0, appended, 0, {}, None, last, seconds, 0))

    def _take(self, batch: Sequence[Prepared], marks: Sequence[Mark]) -> None:
        """Judge one batch, as often as patience has it, and count it once."""
        began, tries = time.perf_counter(), self._patience.retries
        bookmarks = self._bookmarks
        found: Sequence[Outcome] = ()

        def write(writer: Writer, outcomes: Sequence[Outcome]) -> None:
            if bookmarks is not None:
                bookmarks.write(writer, marks, outcomes)

        def count(outcomes: Sequence[Outcome]) -> None:
            nonlocal found
            self._tally.add(outcomes)
            found = outcomes
            if bookmarks is not None:
                bookmarks.written(marks)

        self._patience.call(lambda: self._engine.judge(batch, count, write))
        if self._on_batch is None and self._limit.most is None:
            return
        done = came_to(found, time.perf_counter() - began, self._patience.retries - tries)
        self._limit.errors += sum(done.refused.values())
        if self._limit.is_reached() and not self._is_over(marks):
            self._stopped = stopped_after(self._limit.errors, _how_to_go_on(done, marks))
        if self._on_batch is not None:
            self._on_batch(done)

    def _is_over(self, marks: Sequence[Mark]) -> bool:
        """Return whether the last file is done."""
        source = self._lines
        return (
            isinstance(source, Source)
            and bool(marks)
            and marks[-1].ended
            and source.ends_with(marks[-1].file)
        )


def came_to(outcomes: Sequence[Outcome], seconds: float, retries: int) -> Batch:
    """Return what a batch came to."""
    decisions = Counter(outcome.decision for outcome in outcomes)
    refused = Counter(outcome.refusal.code for outcome in outcomes if outcome.refusal is not None)
    positions = [outcome.position for outcome in outcomes if outcome.position is not None]
    last = outcomes[-1].line
    return Batch(
        last.file,
        last.number,
        len(outcomes),
        sum(len(outcome.line.raw) + 1 for outcome in outcomes),
        decisions["appended"],
        decisions["duplicate"],
        dict(sorted(refused.items())),
        positions[0] if positions else None,
        positions[-1] if positions else None,
        seconds,
        retries,
    )


def _how_to_go_on(done: Batch, marks: Sequence[Mark]) -> Words:
    """Return how to go on behind the batch with which a run stopped."""
    if not marks or marks[-1].file != done.file:
        return Words(
            "send again what comes behind line {line} of {file}", line=done.line, file=done.file
        )
    if marks[-1].ended:
        return Words("{file} is done: go on with the files behind it", file=done.file)
    return Words(
        "the same command goes on behind line {line} of {file}", line=done.line, file=done.file
    )


def ingest(
    log: Log,
    codec: Codec,
    lines: Iterable[Line],
    *,
    balance: Balance,
    membership: Membership,
    decide: Decide = decide_by_the_rules,
    batch_size: int = BATCH_SIZE,
    dry_run: bool = False,
    bookmarks: Bookmarks | None = None,
    patience: Patience | None = None,
    max_errors: int | None = None,
    on_batch: OnBatch | None = None,
    on_progress: IngestProgress | None = None,
    on_stop: Callable[[Receipt], None] | None = None,
    on_rehearsed: Callable[[Writer], None] | None = None,
) -> Receipt:
    """Append what is accepted of the lines, hold what is refused, and return the receipt.

    Each batch is one transaction. A dry run is one transaction as a whole, which is rolled back:
    others cannot write meanwhile, and the verdicts of all lines are kept in memory. An interrupt is
    delivered between two transactions; `on_rehearsed` is given that of a dry run before it is
    undone. Where an exception ends the run early, `on_stop` is given the receipt of what was done
    so far before it goes on its way.

    `bookmarks` are those of the source of the lines: with each batch it is kept how far files are.
    `patience` tries again what a busy or lost ledger kept from being done; a batch whose commit is
    in doubt is judged anew as a whole, since each line is looked up by its key. With `max_errors`
    the run ends with the batch in which so many lines were refused.
    """
    engine = Engine(log, codec, decide, balance, membership)
    run = Ingestion(
        engine,
        batch_size=batch_size,
        dry_run=dry_run,
        on_rehearsed=on_rehearsed,
        bookmarks=bookmarks,
        patience=patience,
        max_errors=max_errors,
        on_batch=on_batch,
    )
    try:
        receipt = run.run(lines, on_progress)
        if not dry_run:
            log.merge()
        return receipt
    except BaseException:
        if on_stop is not None:
            on_stop(run.receipt())
        raise
