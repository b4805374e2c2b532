"""Which pages of the documentation are written from the code, and by what."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from doc_commands import commands_page
from doc_errors import errors_page
from doc_events import events_page
from doc_sessions import ROOT

GENERATED: Final[dict[Path, Callable[[], str]]] = {
    ROOT / "docs" / "events.md": events_page,
    ROOT / "docs" / "commands.md": commands_page,
    ROOT / "docs" / "errors.md": errors_page,
}
