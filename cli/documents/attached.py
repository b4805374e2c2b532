"""The data inside the PDF of a report, read back, and whether its pages are made of that data."""

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from cli.documents.parts import without
from cli.wording import LANGUAGES, _, speak, spoken

NAME: Final = "report.json"
"""How the attached file is called."""

_MALFORMED: Final = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError),
    *(NotImplementedError, OSError, RecursionError, TypeError, ValueError),
    *(struct.error, zlib.error),
)
"""What a library may stumble over in a file that is no PDF of ours."""


def report_inside(content: bytes) -> bytes:
    """Return the JSON that is attached to a PDF.

    Raises ProofFailed where there is none, and click.UsageError where the library is missing.
    """
    from ledger.errors import ProofFailed

    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as missing:
        raise without(missing, "pdf") from None
    try:
        with _silent():
            reader = PdfReader(io.BytesIO(content), strict=True)
            found = [one for one in reader.attachment_list if one.name == NAME]
            if len(found) == 1:
                return bytes(found[0].content)
    except (PyPdfError, *_MALFORMED):
        raise ProofFailed(_("it cannot be read as a PDF")) from None
    raise ProofFailed(_("no report is attached to this PDF"))


@contextmanager
def _silent() -> Iterator[None]:
    """Keep what the library has to say of a file from being printed."""
    import logging

    logger = logging.getLogger("pypdf")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def pages_are_of(report: Mapping[str, Any], content: bytes) -> bool:
    """Return whether a PDF is, to the byte, what this program makes of a report in a language.

    Without the library that makes pages it is not known, and so not said.
    """
    import click

    from cli.documents.report import report_bytes

    before = spoken()
    try:
        for language in LANGUAGES:
            speak(language)
            if report_bytes(report, "pdf", None) == content:
                return True
    except click.UsageError:
        return False
    finally:
        speak(before)
    return False
