"""What the ledger says, an error or `ledger.messages.Words`, in the language that is spoken.

The ledger knows no catalogue: what it says carries the English text, which is looked up here, and
the values for its places.
"""

from string import Formatter
from typing import Any, Final

from cli.language.wording import LANGUAGES, _, spoken
from cli.render.cells import local_number


def in_words(said: object) -> str:
    """Return it as one sentence. A value of it may be words itself, or an error that has some.

    Any other value stands as it is, whatever it is: it came from outside.
    """
    if isinstance(said, Exception) and not hasattr(said, "text"):
        said = said.args[0] if len(said.args) == 1 else str(said)
        if isinstance(said, Exception):
            return in_words(said)
    text, values = _(getattr(said, "text", str(said))), getattr(said, "values", None)
    if not values:
        return text
    return _PLACES.vformat(text, (), {name: _filling(value) for name, value in values.items()})


def _filling(value: object) -> object:
    return in_words(value) if isinstance(value, Exception) or hasattr(value, "text") else value


class _Places(Formatter):
    """Fills places; thousands are set apart as the language does it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "," and spoken() != LANGUAGES[0]:
            return local_number(str(value))
        filled: str = super().format_field(value, format_spec)
        return filled


_PLACES: Final = _Places()
