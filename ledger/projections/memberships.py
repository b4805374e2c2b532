"""Memberships: which groups users belong to at an instant."""

from ledger.domain.deliveries.singles import SEPARATOR
from ledger.domain.persons import marks_erased
from ledger.projections.books.books import Books


def groups_of(books: Books, user: str, at: int) -> frozenset[str]:
    """Return the groups that a user belongs to at an instant: none for a mark of the erased."""
    if marks_erased(user):
        return frozenset()
    rows = books.rows(
        "SELECT DISTINCT place FROM presences"
        " WHERE who = ? AND from_at <= ? AND until > ? AND instr(place, ?) = 0",
        (user, at, at, SEPARATOR),
    )
    return frozenset(place for (place,) in rows)


def members(books: Books, at: int) -> dict[str, set[str]]:
    """Return the users that belong to each group at an instant."""
    found: dict[str, set[str]] = {}
    for group, user in books.rows(
        "SELECT DISTINCT place, who FROM presences"
        " WHERE from_at <= ? AND until > ? AND instr(place, ?) = 0",
        (at, at, SEPARATOR),
    ):
        found.setdefault(group, set()).add(user)
    return found
