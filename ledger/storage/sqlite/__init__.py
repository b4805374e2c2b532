"""A ledger in a file of SQLite."""
