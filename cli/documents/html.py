"""A document as one HTML file: nothing is fetched, nothing runs, everything is escaped."""

from pathlib import Path
from typing import Final

from cli.documents.model import Document

_TEMPLATES: Final = Path(__file__).parent / "templates"


def html(document: Document) -> str:
    """Return a document as HTML, with its style and its pictures inside."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(_TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.tests["kind"] = lambda block, name: type(block).__name__ == name
    return environment.get_template("document.html.j2").render(document=document)
