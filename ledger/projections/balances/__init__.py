"""Balances: from postings and lots to figures, statements and series."""
