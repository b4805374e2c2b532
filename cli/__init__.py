"""The command line: options in, one call of the ledger, an answer rendered; no rule lives here."""

__version__ = "0.1.0"
