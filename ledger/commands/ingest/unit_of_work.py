"""The engine of what writes: transactions of a log, each of them committed whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from ledger.commands.ingest.decision_state import Balance, Knowledge, Membership
from ledger.commands.ingest.judge import Decide, Judge, judged
from ledger.commands.ingest.parse import Prepared, prepare
from ledger.commands.ingest.receipt import Outcome
from ledger.commands.rehearsal import transaction
from ledger.commands.sources.lines import Line
from ledger.stop_signals import held
from ledger.storage.codec import Codec
from ledger.storage.log import Log, Rows, Writer

Count = Callable[[Sequence[Outcome]], None]
"""Is given the outcomes of a transaction that is committed."""

Beside = Callable[[Writer, Sequence[Outcome]], None]
"""Writes what belongs to outcomes, in their transaction."""


class Engine:
    """Judges lines in transactions of a log; a rehearsal undoes everything at its end."""

    def __init__(
        self, log: Log, codec: Codec, decide: Decide, balance: Balance, membership: Membership
    ) -> None:
        """Take the log, and all that judging needs."""
        self.log = log
        self.codec = codec
        self._decide = decide
        self._knowledge = Knowledge(codec, balance, membership)
        self._rehearsal: Writer | None = None

    @property
    def rows(self) -> Rows:
        """Return what can be read without the lock: what is committed, or rehearsed."""
        return self._rehearsal if self._rehearsal is not None else self.log

    @property
    def nothing_waits(self) -> bool:
        """Return whether the quarantine is empty, without taking the lock."""
        return not self.rows.quarantine_rows(limit=1)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a transaction, which is a part of the rehearsal where there is one."""
        if self._rehearsal is not None:
            yield self._rehearsal
            return
        with self.log.writing() as writer:
            yield writer

    def prepare(self, line: Line) -> Prepared:
        """Return what the bytes of a line say, without asking the log."""
        return prepare(self.codec, line)

    def judge(self, lines: Sequence[Prepared], count: Count, beside: Beside | None = None) -> None:
        """Judge lines in their order, in one transaction, and write what `beside` writes, too."""

        def work(writer: Writer, judge: Judge) -> Sequence[Outcome]:
            outcomes = judged(judge, lines)
            if beside is not None:
                judge.flush()
                beside(writer, outcomes)
            return outcomes

        self.transact(work, count)

    def judge_again(self, lines: Sequence[Prepared], count: Count) -> None:
        """Judge those lines that still wait, in one transaction."""
        self.transact(
            lambda _, judge: judged(judge, lines, only=lambda line: judge.waits(line.line.raw)),
            count,
        )

    def transact(self, work: Callable[[Writer, Judge], Sequence[Outcome]], count: Count) -> None:
        """Do work in one transaction, and count its outcomes once it is committed.

        An interrupt that comes meanwhile waits until both are done; an exception undoes it all.
        """
        if self._rehearsal is not None:
            count(self._work(self._rehearsal, work))
            return
        with ExitStack() as until_counted:
            try:
                with self.log.writing() as writer:
                    until_counted.enter_context(held())
                    outcomes = self._work(writer, work)
                    left = writer.tail
                self._knowledge.keep(left)
                count(outcomes)
            except BaseException:
                self._knowledge.forget()
                raise

    def _work(
        self, writer: Writer, work: Callable[[Writer, Judge], Sequence[Outcome]]
    ) -> Sequence[Outcome]:
        judge = Judge(writer, self._knowledge, self._decide)
        outcomes = work(writer, judge)
        judge.flush()
        return outcomes

    @contextmanager
    def rehearsal(self) -> Iterator[Writer]:
        """Let every transaction within be a part of one, which is given, and undone at the end."""
        try:
            with transaction(self.log, dry_run=True) as writer:
                self._rehearsal = writer
                yield writer
        finally:
            self._rehearsal = None
            self._knowledge.forget()
