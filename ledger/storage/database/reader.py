"""A ledger in a database from outside: what both databases answer with the same statements."""

from collections.abc import Collection

from ledger.storage.database.rows import DatabaseRows
from ledger.storage.log import Head, Key


class DatabaseReader(DatabaseRows):
    """One connection that only reads; it knows which ledger it has found there."""

    _ledger_id: str

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""
        return self._ledger_id

    def head(self) -> Head:
        """Return the last committed position and its stamp."""
        return self._head()

    def renew(self) -> None:
        """Do nothing: whatever is at the URL is found by name, at each statement."""

    def find(self, keys: Collection[Key]) -> dict[Key, int]:
        """Return the position of each key; unknown ones are absent."""
        return dict(self._among("SELECT event_key, position FROM events WHERE event_key", keys))
