"""The line of an operator's own event: no export wrote it, so no mark of the erased is an id."""

import json
from collections.abc import Mapping

from ledger.commands.ingest.parse import Prepared, prepare
from ledger.commands.sources.lines import Line
from ledger.domain.invalid_data import marked
from ledger.domain.persons import personal_fields, personal_values
from ledger.storage.codec import Codec


def own_line(codec: Codec, event: Mapping[str, object]) -> Prepared:
    """Return the line of a term that an operator wants recorded, as judges take it."""
    raw = json.dumps(event, ensure_ascii=False).encode()
    line = prepare(codec, Line(str(event["source"]), 1, raw))
    if line.refusal is not None or line.term is None:
        return line
    told = line.term.event
    said = personal_values(told, personal_fields(type(told)))
    return line._replace(refusal=marked(said, exported=False))
