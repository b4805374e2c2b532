"""Asking: from the two dates and the viewer of a question to the books that answer it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from ledger.domain.access import Denied, Scope, scope_of
from ledger.domain.aggregates.terms import Terms
from ledger.domain.recorded import Recorded, in_order
from ledger.errors import BooksDamaged, NotAllowed, NotFound
from ledger.projections.books.as_known import narrowed_to
from ledger.projections.books.books import REFUSED, Books
from ledger.projections.books.cache import Keeping
from ledger.projections.books.catch_up import Progress
from ledger.projections.books.fold import Decoder
from ledger.projections.dates import resolve_as_of, resolve_known_at
from ledger.projections.erased import shown
from ledger.projections.filters import Answer, Filters
from ledger.projections.memberships import groups_of
from ledger.projections.question import Question
from ledger.projections.terms import terms_of
from ledger.projections.views import OF_THE_MOMENT, VIEWS
from ledger.storage.log import LogReader


class Asking:
    """Answers questions about one log."""

    def __init__(self, log: LogReader, decoder: Decoder, keeping: Keeping) -> None:
        """Take the log, the codec, and what keeps the books."""
        self._log = log
        self._decoder = decoder
        self._keeping = keeping

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
        piecemeal: bool = False,
        on_progress: Progress | None = None,
    ) -> Answer:
        """Return the answer of a view; `now` is the instant that defaults mean.

        Where `view` is no name, `packages` may say that its answer is about these alone. Books that
        turn out to be damaged are a cache, and no reason to have no answer: they are made anew, and
        asked again. Not so `piecemeal`: where parts of the answer go out before it is whole.
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
        except (BooksDamaged, *REFUSED) as error:
            if piecemeal:
                raise
            self._keeping.start_anew(damaged=isinstance(error, BooksDamaged))
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
        with self._keeping.reading(on_progress) as current:
            checkpoint = current.checkpoint
            head = checkpoint.head
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
                books = self._keeping.past(known.position, on_progress, narrowed)
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
            return self.as_shown(answer, checkpoint.erased)

    def as_shown(self, answer: Answer, erased: bytes | None = None) -> Answer:
        """Return an answer as it is shown, where anybody is erased."""
        gone = self._log.erased() if erased is None else erased
        return cast("Answer", shown(answer)) if gone else answer

    def at_other_dates(
        self, question: Question, as_of: str | None, known_at: str | None, now: int
    ) -> Question:
        """Return a question that is being answered, as it is for two other dates."""
        current = self._keeping.in_use
        known = resolve_known_at(known_at, self._log, current.checkpoint.head, now)
        books, terms = question.books, question.terms
        if known.position != question.position:
            latest = known.position == current.checkpoint.position
            books = (
                current if latest else self._keeping.past(known.position, None, question.narrowed)
            )
            terms = terms_of(books, self._decoder)
        return replace(
            question,
            as_of=resolve_as_of(as_of, now),
            known_at=known.echo,
            position=known.position,
            books=books,
            terms=terms,
        )

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
