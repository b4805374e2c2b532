"""Books of another history, in words: a backup was put back over the ledger, and they stayed."""

from collections.abc import Iterator, Mapping
from typing import Final

from cli.language.wording import N_, _

_FOUND: Final = N_(
    "The books beside the ledger belong to another history (up to position {position}, recorded"
    " {recorded_at}), as after a restored backup. No answer uses them; the next one rebuilds them."
)
_REBUILT: Final = N_(
    "The books beside the ledger belonged to another history (up to position {position}, recorded"
    " {recorded_at}), as after a restored backup. They have been rebuilt from the events."
)


def other_history(answer: Mapping[str, object]) -> Iterator[str]:
    """Yield the sentence on such books, if an answer says that any were found."""
    found = answer["other_history"]
    if isinstance(found, Mapping):
        sentence = _REBUILT if found["rebuilt"] else _FOUND
        yield _(sentence).format_map(found)
