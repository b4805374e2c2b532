"""The report of a contract as bytes, in each format that it has."""

import json
from collections.abc import Mapping
from typing import Any, Final

from cli.documents.parts import WRITERS, without

_MOST_LINES: Final = 400
"""Lines of one statement that a PDF shows: more are nothing to read, and cost memory to set."""

_DATE: Final = len("2025-09-30")


def report_bytes(report: Mapping[str, Any], form: str, viewer: str | None) -> bytes:
    """Return a report in a format. Raises click.UsageError where a library is missing."""
    data = canonical(report)
    if form == "json":
        return data
    from cli.documents.report.document import report_document

    document = report_document(report, viewer, _MOST_LINES if form == "pdf" else None, data)
    if form != "pdf":
        return WRITERS[form](document)
    from cli.documents.pdf import pdf

    try:
        return pdf(document, str(report["as_of"])[:_DATE], data)
    except ImportError as missing:
        raise without(missing, form) from None


def canonical(report: Mapping[str, Any]) -> bytes:
    """Return the one way to write a report as JSON: sorted keys, no blanks, one line.

    Its fingerprint is the SHA-256 of exactly these bytes, the end of the line among them.
    """
    text = json.dumps(report, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()
