"""Feeding: the messages of a broker, batch by batch, each acknowledged after its commit.

What a broker delivers twice is a duplicate, so that a run may be killed at any moment: what was
committed and not yet acknowledged comes again, and changes nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ledger.commands.ingest.ingest import OnBatch, came_to
from ledger.commands.ingest.limits import ErrorLimit, stopped_after
from ledger.commands.ingest.receipt import Outcome, Receipt
from ledger.commands.ingest.retry import Patience
from ledger.commands.ingest.retry_waiting import release
from ledger.commands.ingest.tally import Tally
from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.sources.messages import Feed, lines_of
from ledger.messages import Tell, Words

IDLE_SECONDS: Final = 1.0
"""How long a broker is asked at a time while it has nothing."""

WORD_SECONDS: Final = 10.0
LONGEST_SECONDS: Final = 3_600.0
"""Idle time before the first warning; the interval doubles, up to the longest."""


class Feeding:
    """One run over a feed."""

    def __init__(
        self,
        engine: Engine,
        feed: Feed,
        *,
        batch_size: int,
        until_empty: bool,
        patience: Patience,
        max_errors: int | None = None,
        on_batch: OnBatch | None = None,
        on_word: Tell = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the engine and the feed; `patience` is with the ledger, a feed has its own."""
        self._engine = engine
        self._feed = feed
        self._batch_size = batch_size
        self._until_empty = until_empty
        self._limit = ErrorLimit(max_errors)
        self._on_batch = on_batch
        self._on_word = on_word
        self._clock = clock
        self._idle_since = clock()
        self._word_after = WORD_SECONDS
        self._patience = patience
        self._tally = Tally()
        self._begun = time.perf_counter()
        self._waiting = True
        """Whether anything came since what waits was last tried again."""

    def run(self) -> Receipt:
        """Return the receipt once the feed is empty, or enough lines were refused.

        Without either it runs until it is interrupted.
        """
        while not self._limit.is_reached():
            if self._take():
                self._idle_since, self._word_after = self._clock(), WORD_SECONDS
                continue
            self._try_again()
            if self._until_empty and self._feed.left() == (0, 0):
                break
            self._say_that_nothing_comes()
        self._try_again()
        return self.receipt()

    def receipt(self) -> Receipt:
        """Return the receipt of the transactions that are over."""
        problem = None
        if self._limit.is_reached():
            how = Words("the same command goes on with the messages behind them")
            problem = stopped_after(self._limit.errors, how)
        found = self._tally.receipt(time.perf_counter() - self._begun, problem)
        return replace(found, stopped=problem is not None)

    def _take(self) -> bool:
        """Judge what the broker has, as one transaction; return whether it had anything."""
        messages = self._feed.fetch(self._batch_size, IDLE_SECONDS)
        if not messages:
            return False
        began, tries = time.perf_counter(), self._patience.retries
        lines = [line for message in messages for line in lines_of(message, self._feed.name)]
        prepared = [self._engine.prepare(line) for line in lines]
        found: Sequence[Outcome] = ()

        def count(outcomes: Sequence[Outcome]) -> None:
            nonlocal found
            self._tally.add(outcomes)
            found = outcomes

        self._patience.call(lambda: self._engine.judge(prepared, count))
        self._feed.acknowledge(messages)
        self._waiting = True
        self._limit.errors += sum(outcome.refusal is not None for outcome in found)
        if self._on_batch is not None and found:
            retries = self._patience.retries - tries
            self._on_batch(came_to(found, time.perf_counter() - began, retries))
        return True

    def _say_that_nothing_comes(self) -> None:
        """Warn when no message has come for a while, with what the consumer still has."""
        seconds = self._clock() - self._idle_since
        if seconds < self._word_after:
            return
        self._word_after = min(2 * self._word_after, self._word_after + LONGEST_SECONDS)
        left = self._feed.left()
        if left is not None:
            self._on_word(
                Words(
                    "no message of {name} for {seconds} s: {waiting} wait there, {under_way} were "
                    "delivered to somebody and are not acknowledged yet",
                    name=self._feed.name,
                    seconds=int(seconds),
                    waiting=left[0],
                    under_way=left[1],
                )
            )

    def _try_again(self) -> None:
        """Try what waits for something that has come."""
        if self._waiting:
            self._patience.call(lambda: release(self._engine, self._tally, self._batch_size))
            self._waiting = False


def feed_in(
    engine: Engine,
    feed: Feed,
    *,
    batch_size: int,
    until_empty: bool,
    patience: Patience,
    max_errors: int | None = None,
    on_batch: OnBatch | None = None,
    on_word: Tell = lambda _: None,
    on_stop: Callable[[Receipt], None] | None = None,
) -> Receipt:
    """Take in what a feed has, and return the receipt; `on_stop` is given it where it ends early.

    Each batch of messages is one transaction, acknowledged after its commit. Messages that are
    refused wait in the quarantine, and are acknowledged, too.
    """
    run = Feeding(
        engine,
        feed,
        batch_size=batch_size,
        until_empty=until_empty,
        patience=patience,
        max_errors=max_errors,
        on_batch=on_batch,
        on_word=on_word,
    )
    try:
        return run.run()
    except BaseException:
        if on_stop is not None:
            on_stop(run.receipt())
        raise
