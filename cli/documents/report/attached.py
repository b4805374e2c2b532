"""The PDF of a report, read back: the data inside, and whether its pages are made of that data."""

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cli.documents.maker import maker
from cli.documents.parts import without
from cli.documents.report.formats import report_bytes
from cli.language.wording import LANGUAGES, _, speak, spoken

if TYPE_CHECKING:
    from pypdf import PdfReader

NAME: Final = "report.json"
"""How the attached file is called."""

_LONGEST: Final = 200
"""Characters that are read of what a PDF says of its maker."""

_MALFORMED: Final = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError),
    *(NotImplementedError, OSError, RecursionError, TypeError, ValueError),
    *(struct.error, zlib.error),
)
"""What a library may stumble over in a file that is no PDF of ours."""


def report_inside(content: bytes) -> bytes:
    """Return the JSON that is attached to a PDF, as the only file in it.

    Raises ProofFailed where there is none, and click.UsageError where the library is missing.
    """
    from ledger.errors import ProofFailed

    with _reading(content) as reader:
        found = list(reader.attachment_list)
        if [one.name for one in found] == [NAME]:
            return bytes(found[0].content)
    if not found:
        raise ProofFailed(_("no report is attached to this PDF"))
    raise ProofFailed(
        _(
            "{name} is not all that is attached to this PDF: it was changed since cpod wrote it"
        ).format(name=NAME)
    )


class Makers(NamedTuple):
    """What made the pages of a PDF, and what makes pages here; None where nothing is known."""

    made_by: str | None
    here: str | None


def pages_of(report: Mapping[str, Any], content: bytes) -> Makers:
    """Return what made a PDF; where the same makes pages here, its pages were made again.

    Raises ProofFailed where these are not the same bytes, and for a PDF that was written by
    something else than cpod.
    """
    from ledger.errors import ProofFailed

    with _reading(content) as reader:
        about: Mapping[str, Any] = reader.metadata or {}
        language = str(reader.root_object.get("/Lang"))
        made_by = str(about["/Keywords"])[:_LONGEST] if "/Keywords" in about else None
        touched = (
            reader.is_encrypted
            or "/Producer" in about
            or not str(about.get("/Creator")).startswith("Typst ")
            or content.count(b"startxref") != 1
            or not content.rstrip(b"\r\n").endswith(b"%%EOF")
        )
    if touched:
        raise ProofFailed(_("this PDF is not as cpod writes one: it was changed since"))
    makers = Makers(made_by, _maker_here())
    if makers.here == made_by is not None and _made_in(language, report) != content:
        raise ProofFailed(_("its pages are not those of its data: this PDF was changed since"))
    return makers


def _maker_here() -> str | None:
    """Return what makes pages here, None where nothing does."""
    try:
        import_module("typst")
        return maker()
    except ImportError:
        return None


def _made_in(language: str, report: Mapping[str, Any]) -> bytes:
    """Return the PDF of a report in a language."""
    before = spoken()
    speak(language if language in LANGUAGES else before)
    try:
        return report_bytes(report, "pdf", None)
    finally:
        speak(before)


@contextmanager
def _reading(content: bytes) -> Iterator["PdfReader"]:
    """Read a PDF, and keep what the library has to say of it from being printed."""
    import logging

    from ledger.errors import ProofFailed

    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as missing:
        raise without(missing, "pdf") from None
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    try:
        yield PdfReader(io.BytesIO(content), strict=True)
    except (PyPdfError, *_MALFORMED):
        raise ProofFailed(_("it cannot be read as a PDF")) from None
