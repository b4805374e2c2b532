"""Books of what was known at an earlier position, made from the events.

A question that is narrowed to packages needs no more than the subjects that ever named one of
them: whatever stands or counts on a package is of a subject one of whose events names it. So its
books are made of these subjects and of all terms, and cost what these packages do, however many
other events there are.
"""

from collections.abc import Collection
from typing import Final

from ledger.domain.aggregates.terms import Terms
from ledger.projections.books.books import Books
from ledger.projections.books.catch_up import CHUNK, absorb
from ledger.projections.books.fold import Decoder
from ledger.projections.books.sqlite import open_books
from ledger.projections.conditions import among
from ledger.projections.filters import Filters
from ledger.storage.log import LogReader, stored_rows

_OF_ONE: Final = frozenset({"statement", "explain", "chart"})
"""Views of one package."""

_OF_TERMS: Final = frozenset({"packages", "summary", "history"})
"""Views of the packages, or (a summary alone) of the contracts, that terms name."""

_OF_ROWS: Final = frozenset(
    {
        *("cases", "additional", "engagements", "credits", "education", "contacts"),
        "assessments",
    }
)
"""Views of rows, which may name contracts that no term does."""

_MOST: Final = 500
"""Packages to which a question is narrowed; beyond, everything is read."""


def narrowed_to(view: str, filters: Filters, terms: Terms) -> frozenset[str] | None:
    """Return the packages that an answer is about; None where it may need anything else."""
    one = {filters.package} - {None} if view not in _OF_TERMS else set()
    named = {*filters.packages, *one} if view != "summary" else set()
    contracts = set(filters.contracts)
    if view in _OF_TERMS and contracts and not named:
        named = {package for package, under in terms.contract_of.items() if under in contracts}
    elif view not in _OF_TERMS | (_OF_ROWS if not contracts else set()) | _OF_ONE:
        return None
    if filters.case is not None or filters.everything or not 0 < len(named) <= _MOST:
        return None
    return frozenset(name for name in named if name is not None)


def books_of_packages(
    current: Books, log: LogReader, decoder: Decoder, position: int, packages: Collection[str]
) -> Books:
    """Return books, as they were at a position, of all terms and of what names these packages."""
    books = open_books(None, log.ledger_id)
    terms = current.rows(
        "SELECT position, stream, stream_version, topic, state, recorded_at FROM terms"
        " WHERE position <= ?",
        (position,),
    )
    where = among("m.package", sorted(packages))
    facts = current.rows(
        "SELECT DISTINCT e.position FROM mentions m"
        f" JOIN subject_events e ON e.subject = m.subject WHERE {where.text} AND e.position <= ?",
        (*where.parameters, position),
    )
    positions = sorted(found for (found,) in facts)
    with books.writing():
        absorb(books, log, decoder, stored_rows(terms))
        for first in range(0, len(positions), CHUNK):
            absorb(books, log, decoder, log.at(positions[first : first + CHUNK]))
        stamp = log.at([position])[0].recorded_at if position else None
        books.move_to(position, stamp, log.root_at(position))
    return books
