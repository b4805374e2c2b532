"""`cpod` without its transparency log, to see what that costs: no ledger is to be made so."""

from cli.main import main
from ledger.storage import sqlite_recorder

if __name__ == "__main__":
    sqlite_recorder._nodes = lambda *_: iter(())  # noqa: SLF001 - the one place that hashes
    main()
