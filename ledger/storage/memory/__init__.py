"""A ledger in memory."""
