"""The verbs that write: ingest, and what an operator does with the quarantine."""
