"""Foresight: balances within a transaction that is still open, for the decisions that need them.

A transfer may not take more than what is available, and what is available depends on events that
the same transaction has appended and not yet committed. So the books are copied, and the copy is
caught up from within the transaction; it is thrown away when that transaction was undone.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ledger.storage.log import Writer
from ledger.storage.sqlite.errors import speaking_of

if TYPE_CHECKING:  # most ingests decide nothing that asks for a balance: they need no books
    from ledger.projections.books.books import Books
    from ledger.projections.books.fold import Decoder

_COPY: Final = "the temporary copy of the books"
"""What an error names where there is no room for it."""


class Foresight:
    """Answers what a decision asks, as the writer of an open transaction sees it."""

    def __init__(self, copy_books: "Callable[[], Books]", decoder: "Decoder") -> None:
        """Take what copies the books of the ledger, and the codec."""
        self._copy_books = copy_books
        self._decoder = decoder
        self._books: Books | None = None
        self._writer: Writer | None = None

    def close(self) -> None:
        """Throw the copy away."""
        if self._books is not None:
            self._books.close()
            self._books = None

    def available(self, writer: Writer, package: str, entitlement: str, at: int) -> int | None:
        """Return the amount available at an instant; None where it is as needed or unknown."""
        from ledger.domain.values.as_of import AsOf
        from ledger.projections.balances.accounts import account
        from ledger.projections.terms import terms_of

        with speaking_of(_COPY):
            books = self._caught_up(writer)
            terms = terms_of(books, self._decoder).at(AsOf(instant=at))
            bought = terms.package(package)
            line = terms.line(package, entitlement)
            if bought is None or line is None:
                return 0
            return account(books, terms, bought, line).available

    def groups(self, writer: Writer, user: str, at: int) -> frozenset[str]:
        """Return the groups that a user belongs to at an instant."""
        from ledger.projections.memberships import groups_of

        with speaking_of(_COPY):
            return groups_of(self._caught_up(writer), user, at)

    def _caught_up(self, writer: Writer) -> "Books":
        from ledger.projections.books.belonging import belongs
        from ledger.projections.books.catch_up import catch_up

        if writer is not self._writer:
            self._writer = writer
            if self._books is not None and not belongs(self._books.checkpoint, writer):
                self.close()  # a transaction that they have read was undone
        if self._books is None:
            self._books = self._copy_books()
        catch_up(self._books, writer, self._decoder, writer.tail.position)
        return self._books
