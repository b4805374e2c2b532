"""Answers as files: spreadsheets, Parquet, pages, reports; the same bytes for the same answer."""
