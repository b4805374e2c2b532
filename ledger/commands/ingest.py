"""Ingest: lines in, verdicts out; one transaction for each batch, and a receipt at the end."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ledger.commands.engine import Engine
from ledger.commands.judging import Decide
from ledger.commands.knowledge import Balance, Membership
from ledger.commands.receipt import Receipt, Tally
from ledger.commands.release import release
from ledger.commands.second_core import SecondCore
from ledger.commands.sources import Line, Source
from ledger.domain.decisions import decide as decide_by_the_rules
from ledger.errors import CpodError, UsageError
from ledger.storage.codec import Codec
from ledger.storage.log import Log, Writer

BATCH_SIZE: Final = 1_000
"""Lines of one transaction, where nothing else is said."""

BATCH_BYTES: Final = 16 * 2**20
"""Bytes of one transaction: it ends with the line that reaches them."""

Progress = Callable[[int, int], None]
"""Is told how many lines are done, and how many bytes of the input were read."""


class Ingestion:
    """One run of ingest."""

    def __init__(
        self,
        engine: Engine,
        *,
        batch_size: int = BATCH_SIZE,
        dry_run: bool,
        on_rehearsed: Callable[[Writer], None] | None = None,
    ) -> None:
        """Take the engine; a dry run is judged like any other, and then undone."""
        if batch_size < 1:
            raise UsageError(f"a batch has one line or more, not {batch_size}")
        self._engine = engine
        self._batch_size = batch_size
        self._dry_run = dry_run
        self._on_rehearsed = on_rehearsed
        self._tally = Tally(keep_verdicts=dry_run)
        self._begun = time.perf_counter()
        self._lines: Iterable[Line] = ()

    def run(self, lines: Iterable[Line], on_progress: Progress | None = None) -> Receipt:
        """Return the receipt, once every line has its verdict and what waited was tried again."""
        self._lines = lines
        if self._dry_run:
            with self._engine.rehearsal() as writer:
                self._run(on_progress)
                if self._on_rehearsed is not None:
                    self._on_rehearsed(writer)
        else:
            self._run(on_progress)
        return self.receipt()

    def receipt(self) -> Receipt:
        """Return the receipt of the transactions that are over."""
        problem = self._lines.problem if isinstance(self._lines, Source) else None
        return self._tally.receipt(time.perf_counter() - self._begun, problem)

    def _run(self, on_progress: Progress | None) -> None:
        batches = _batches(self._lines, self._batch_size)
        with SecondCore(self._engine.codec) as core:
            for batch in core.prepared(batches):
                self._engine.judge(batch, self._tally.add)
                if on_progress is not None:
                    source = self._lines
                    on_progress(
                        self._tally.read, source.bytes_read if isinstance(source, Source) else 0
                    )
        release(self._engine, self._tally, self._batch_size)


def _batches(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    """Yield the lines by batches, also those before the one at which the input fails."""
    batch: list[Line] = []
    weight = 0
    try:
        for line in lines:
            batch.append(line)
            weight += len(line.raw)
            if len(batch) >= size or weight >= BATCH_BYTES:
                yield batch
                batch, weight = [], 0
    except CpodError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


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
    on_progress: Progress | None = None,
    on_stop: Callable[[Receipt], None] | None = None,
    on_rehearsed: Callable[[Writer], None] | None = None,
) -> Receipt:
    """Append what is accepted of the lines, hold what is refused, and return the receipt.

    Each batch is one transaction. A dry run is one transaction as a whole, which is undone: others
    cannot write meanwhile, and the verdicts of all lines are kept in memory. An interrupt is
    delivered between two transactions; `on_rehearsed` is given that of a dry run before it is
    undone. Where an exception ends the run early, `on_stop` is given the receipt of what was done
    so far before it goes on its way.
    """
    engine = Engine(log, codec, decide, balance, membership)
    run = Ingestion(engine, batch_size=batch_size, dry_run=dry_run, on_rehearsed=on_rehearsed)
    try:
        return run.run(lines, on_progress)
    except BaseException:
        if on_stop is not None:
            on_stop(run.receipt())
        raise
