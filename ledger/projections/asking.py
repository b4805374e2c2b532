"""Asking: from the two dates and the viewer of a question to the books that answer it."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, cast

from ledger.domain.access import Denied, Scope, scope_of
from ledger.domain.as_of import AsOf, parse_as_of
from ledger.domain.calendar import day_end, parse_date
from ledger.domain.contracts import UTC
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.recorded import Recorded, in_order
from ledger.domain.terms import Terms
from ledger.errors import LedgerBusy, NotAllowed, NotFound, UsageError
from ledger.projections.books import REFUSED, Books
from ledger.projections.catching_up import Decoder, Progress, catch_up, terms_of
from ledger.projections.erased import shown
from ledger.projections.memberships import groups_of
from ledger.projections.past import books_of_packages, narrowed_to
from ledger.projections.question import Answer, Filters, Question
from ledger.projections.shelves import Nowhere, Shelf
from ledger.projections.sqlite_books import temporary_books
from ledger.projections.views import OF_THE_MOMENT, VIEWS
from ledger.storage.log import Head, LogReader

_PATIENCE_SECONDS: Final = 10.0
"""How long one waits for those who read books that are to be wiped."""


@dataclass(frozen=True, slots=True)
class KnownAt:
    """What a question takes as recorded: up to which position, and how it was asked."""

    position: int
    echo: object
    moment: int
    """When that was: now, the stamp of the position, or the instant or end of the day asked."""


def resolve_known_at(text: str | None, log: LogReader, head: Head, now: int) -> KnownAt:
    """Return the position of a `known_at`: a position, an instant that has come, or a date.

    The ledger's time is never before its last stamp, whatever the clock says. Raises UsageError
    with one sentence when it is none of these.
    """
    stamp = head.recorded_at
    now = now if stamp is None else max(now, stamp)
    if text is None:
        return KnownAt(head.position, None if stamp is None else format_instant(stamp), now)
    if text.isascii() and text.isdigit():
        position = int(text)
        if position > head.position:
            raise UsageError(
                "position {position} is not recorded yet: the last one is {last}",
                position=position,
                last=head.position,
            )
        return KnownAt(position, position, _stamp(log, position, now))
    try:
        if "T" not in text.upper():
            day = parse_date(text)
            moment = min(day_end(day, UTC), now)
            return KnownAt(log.position_at(moment), day.isoformat(), moment)
        instant = parse_instant(text)
    except ValueError as wrong:
        raise UsageError("--known-at {text}: {wrong}", text=text, wrong=wrong) from None
    if instant > now:
        raise UsageError("--known-at {text} is in the future: nothing is known of it", text=text)
    return KnownAt(log.position_at(instant), format_instant(instant), instant)


def _stamp(log: LogReader, position: int, now: int) -> int:
    """Return when a position was recorded; now where nothing is."""
    return log.at([position])[0].recorded_at if position else now


def resolve_as_of(text: str | None, now: int) -> AsOf:
    """Return the as-of of a question; without one it is now. Raises UsageError."""
    if text is None:
        return AsOf(instant=now)
    try:
        return parse_as_of(text)
    except ValueError as wrong:
        raise UsageError("--as-of {text}: {wrong}", text=text, wrong=wrong) from None


class Asking:
    """Answers questions about one log; books that cannot be written are made in memory."""

    def __init__(self, log: LogReader, decoder: Decoder, shelf: Shelf) -> None:
        """Take the log, the codec, and where the books are kept."""
        self._log = log
        self._decoder = decoder
        self._shelf = shelf
        self._books: Books | None = None

    def close(self) -> None:
        """Let go of the books."""
        if self._books is not None:
            self._books.close()
            self._books = None

    def ask(
        self,
        view: str | Callable[[Question], Answer],
        filters: Filters,
        *,
        as_of: str | None,
        known_at: str | None,
        viewer: str | None,
        workspaces: Sequence[str],
        now: int,
        packages: Collection[str] = (),
        on_progress: Progress | None = None,
    ) -> Answer:
        """Return the answer of a view; `now` is the instant that defaults mean.

        Where `view` is no name, `packages` may say that its answer is about these alone. Books that
        turn out to be damaged are a cache, and no reason to have no answer: it comes from the
        events.
        """
        asked = partial(
            self._ask,
            view,
            filters,
            as_of=as_of,
            known_at=known_at,
            viewer=viewer,
            workspaces=workspaces,
            now=now,
            packages=packages,
            on_progress=on_progress,
        )
        try:
            return asked()
        except sqlite3.DatabaseError:
            if not isinstance(view, str):  # it may have written a part of its answer
                raise
            self.close()
            self._books = self._books_in_memory()
            return asked()

    def _ask(
        self,
        view: str | Callable[[Question], Answer],
        filters: Filters,
        *,
        as_of: str | None,
        known_at: str | None,
        viewer: str | None,
        workspaces: Sequence[str],
        now: int,
        packages: Collection[str],
        on_progress: Progress | None,
    ) -> Answer:
        with self.reading(on_progress) as current:
            checkpoint = current.checkpoint
            head = Head(checkpoint.position, checkpoint.recorded_at)
            known = resolve_known_at(known_at, self._log, head, now)
            asked_for = resolve_as_of(as_of, known.moment if view in OF_THE_MOMENT else now)
            terms_now = terms_of(current, self._decoder)
            scope = self._scope(current, terms_now, viewer, workspaces, now)
            narrowed = frozenset(packages) or None
            if isinstance(view, str):
                narrowed = narrowed_to(view, filters, terms_now)
            if known.position == head.position:
                books, terms = current, terms_now
            else:
                books = self._past_books(known.position, on_progress, narrowed)
                terms = terms_of(books, self._decoder)
            if viewer is None:
                _check_workspaces(terms, workspaces)
            question = Question(
                as_of=asked_for,
                known_at=known.echo,
                position=known.position,
                scope=scope,
                books=books,
                terms=terms,
                events=self._events,
                stream=lambda name: [row.position for row in self._log.stream(name)],
                shares=lambda: _shares(current, now),
                moment=known.moment,
                filters=filters,
                narrowed=narrowed,
            )
            answer = (VIEWS[view] if isinstance(view, str) else view)(question)
            return self.as_shown(answer, current.erasures)

    def as_shown(self, answer: Answer, erasures: int | None = None) -> Answer:
        """Return an answer as it is shown, where anybody is erased."""
        gone = self._log.erasures() if erasures is None else erasures
        return cast("Answer", shown(answer)) if gone else answer

    def at_other_dates(
        self, question: Question, as_of: str | None, known_at: str | None, now: int
    ) -> Question:
        """Return a question that is being answered, as it is for two other dates."""
        current = self._books
        assert current is not None, "it is called while a question is being answered"
        known = resolve_known_at(known_at, self._log, Head(*current.checkpoint), now)
        books, terms = question.books, question.terms
        if known.position != question.position:
            latest = known.position == current.checkpoint.position
            books = current if latest else self._past_books(known.position, None, question.narrowed)
            terms = terms_of(books, self._decoder)
        return replace(
            question,
            as_of=resolve_as_of(as_of, now),
            known_at=known.echo,
            position=known.position,
            books=books,
            terms=terms,
        )

    def books_at(
        self, known_at: str | None, now: int, on_progress: Progress | None = None
    ) -> tuple[Books, KnownAt]:
        """Return the books of what was known, and when that was; nobody reads them meanwhile."""
        current = self.books(on_progress)
        checkpoint = current.checkpoint
        known = resolve_known_at(known_at, self._log, Head(*checkpoint), now)
        if known.position == checkpoint.position:
            return current, known
        return self._past_books(known.position, on_progress), known

    def books(self, on_progress: Progress | None = None) -> Books:
        """Return the books, caught up with the log."""
        if self._books is None:
            self._books = self._open_books()
        try:
            self._catch_up(self._books, on_progress)
        except REFUSED:
            self._books.close()
            self._books = self._books_in_memory()
            self._catch_up(self._books, on_progress)
        return self._books

    @contextmanager
    def reading(self, on_progress: Progress | None = None) -> Iterator[Books]:
        """Give the books, caught up with the log, and held so while the block reads."""
        until = self._log.head().position
        while True:
            books = self.books(on_progress)
            with books.reading():
                if books.checkpoint.position >= until:
                    yield books
                    return
            # Somebody has emptied them, after they were caught up and before they were held

    def _catch_up(self, books: Books, on_progress: Progress | None) -> None:
        catch_up(books, self._log, self._decoder, self._log.head().position, on_progress)

    def _open_books(self) -> Books:
        try:
            return self._shelf.open(self._log.ledger_id)
        except REFUSED:
            return self._books_in_memory()

    def _books_in_memory(self) -> Books:
        """Return books that nothing is kept of: where the ledger cannot be written."""
        return Nowhere().open(self._log.ledger_id)

    def wipe_books(self, erasures: int) -> bool:
        """Leave nothing in the books of the time before that many persons were erased.

        Returns False where that cannot be done now.
        """
        if self._shelf.is_empty():
            self.close()
            return True
        try:
            with closing(self._shelf.open(self._log.ledger_id)) as books:
                return books.wipe(erasures, _PATIENCE_SECONDS)
        except (*REFUSED, LedgerBusy):
            return False

    def _past_books(
        self,
        position: int,
        on_progress: Progress | None,
        packages: Collection[str] | None = None,
    ) -> Books:
        """Return books of what was known at an earlier position; of some packages if given."""
        if packages is not None:
            assert self._books is not None, "a question is answered by books that have caught up"
            return books_of_packages(self._books, self._log, self._decoder, position, packages)
        books = self._books_in_memory()
        catch_up(books, self._log, self._decoder, position, on_progress)
        return books

    def copy_of_books(self) -> Books:
        """Return a copy of the books in use, as far as they have read, for nobody else."""
        if self._books is None:
            self._books = self._open_books()
        return self._books.copy()

    def rebuilt(self, on_progress: Progress | None = None) -> Books:
        """Return books made anew in a temporary file, up to where the books in use have read."""
        assert self._books is not None, "it is called while the books in use are read"
        position = self._books.checkpoint.position
        books = temporary_books(self._log.ledger_id)
        catch_up(books, self._log, self._decoder, position, on_progress)
        return books

    def _events(self, positions: Collection[int]) -> dict[int, Recorded]:
        rows = self._log.at(sorted(positions))
        self._decoder.look_up(rows)
        return {row.position: self._decoder.recorded(row) for row in rows}

    def _scope(
        self,
        books: Books,
        terms: Terms,
        viewer: str | None,
        workspaces: Sequence[str],
        now: int,
    ) -> Scope:
        if viewer is None:
            return Scope(workspaces=frozenset(workspaces) or None)
        customers = {name: created.customer for name, created in terms.workspaces.items()}
        roles = [term for term in in_order(terms.roles) if term.effective_at <= now]
        groups = groups_of(books, viewer, now)
        scope = scope_of(viewer, workspaces, customers, roles, groups)
        if isinstance(scope, Denied):
            raise NotAllowed(scope.reason)
        return scope


def _shares(books: Books, now: int) -> dict[str, set[str]]:
    shared: dict[str, set[str]] = {}
    for case, kind, who in books.rows(
        "SELECT case_id, kind, who FROM shares WHERE from_at <= ? AND until > ?", (now, now)
    ):
        shared.setdefault(case, set()).add(f"{kind}:{who}")
    return shared


def _check_workspaces(terms: Terms, workspaces: Sequence[str]) -> None:
    for name in workspaces:
        if name not in terms.workspaces:
            raise NotFound("there is no workspace {name}", name=name)
