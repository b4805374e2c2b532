"""Ingest: lines in, verdicts and a receipt out, one transaction a batch."""
