"""A sentence that remembers what it was made of, so that it can be said in another language.

The code says everything in English. A text that has places for values is handed on together with
them: whoever shows it may look the text up in a catalogue and fill the places of its translation.
"""

from collections.abc import Callable
from typing import Self


class Words(str):
    """A text in English, filled; `text` is what it was before, and `values` what fills its places.

    A value may be words itself, or an error that has some.
    """

    __slots__ = ("text", "values")

    text: str
    values: dict[str, object]

    def __new__(cls, text: str, /, **values: object) -> Self:
        """Take a text with named places, as `str.format` has them, and a value for each.

        Without values the text has no places, and stands as it is, braces and all.
        """
        words = super().__new__(cls, text.format(**values) if values else text)
        words.text = text
        words.values = values
        return words


Tell = Callable[[Words], None]
"""Receives a warning."""


def words_of(error: Exception) -> Words:
    """Return what an error says, as words."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Words) else Words(str(error))
