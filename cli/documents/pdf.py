"""A document as PDF, for archives (PDF/A-3a) and for everybody (PDF/UA-1), with its data attached.

Typst sets it with the fonts that it brings, so that the bytes are the same on every machine.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from cli.documents.maker import maker
from cli.documents.model import Block, Document, Table
from cli.documents.writing import named
from cli.language.wording import _

_TEMPLATE: Final = Path(__file__).parent / "templates" / "document.typ"
_STANDARDS: Final = ("a-3a", "ua-1")
_FOREIGN: Final = re.compile(
    r"[^\u0020-\u024f\u02b0-\u03ff\u0400-\u04ff\u1e00-\u1fff\u2000-\u20bf\u2100-\u218f\u2190-\u22ff]"
)
"""What the fonts of typst lack: all but Latin, Greek, Cyrillic, and signs; some of these, too."""

_STAND_IN: Final = "\N{WHITE SQUARE}"
_NO_TIME: Final = 0
_PROBE: Final = b'#set document(title: [-])\n#set text(font: "Libertinus Serif")\n#sys.inputs.text'


def pdf(document: Document, day: str, attached: bytes) -> bytes:
    """Return a document as PDF, dated `day` (`YYYY-MM-DD`), with a JSON file inside.

    A character that the fonts lack is shown as a square; the attached file has it.
    """
    text = _FOREIGN.sub(_STAND_IN, _data(document, day))
    doubtful = sorted({character for character in text if not character.isascii()})
    for character in _not_shown(doubtful):
        text = text.replace(character, _STAND_IN)
    return _compiled(_TEMPLATE.read_bytes(), document=text, attached=attached.decode())


def _compiled(template: bytes, **inputs: str) -> bytes:
    import typst

    made: bytes = typst.compile(
        template,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=list(_STANDARDS),
        ignore_system_fonts=True,
        timestamp=_NO_TIME,
    )
    return made


def _not_shown(characters: Sequence[str]) -> list[str]:
    """Return those of the characters that the fonts lack: half of them at a time."""
    import typst

    if not characters:
        return []
    try:
        _compiled(_PROBE, text=" ".join(characters))
    except typst.TypstError:
        if len(characters) == 1:
            return list(characters)
        half = len(characters) // 2
        return [*_not_shown(characters[:half]), *_not_shown(characters[half:])]
    return []


def _data(document: Document, day: str) -> str:
    """Return what the template reads."""
    said = [named(name, value) for name, value in document.facts]
    data: dict[str, Any] = {
        "title": document.title,
        "subtitle": document.subtitle,
        "language": document.language,
        "maker": maker(),
        "date": day,
        "facts": document.facts,
        "footer": " · ".join([document.subtitle, *said]),
        "attachment": _("The data of this report, as JSON"),
        "blocks": [_block(block) for block in document.blocks],
    }
    return json.dumps(data, ensure_ascii=False)


def _block(block: Block) -> dict[str, Any]:
    found = {"kind": type(block).__name__, **asdict(block)}
    if isinstance(block, Table):
        found["rows"] = [[entry._asdict() for entry in row] for row in block.rows]
    return found
