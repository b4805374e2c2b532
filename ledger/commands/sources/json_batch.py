"""JSON batches: where each element of an array begins and ends, so that it keeps its own bytes."""

import json
import re
from typing import Final, NoReturn

from ledger.messages import Words

_BLANKS: Final = re.compile(r"[ \t\n\r]*")

# A text that never ends is one match, up to the end, and nothing is tried twice (`++` and `*+`):
# otherwise each of its quotes is looked at from there on, and a long input takes hours.
_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def _no_number(name: str) -> NoReturn:
    raise ValueError(Words("{name} is no number of JSON", name=name))


# Numbers are only stepped over: as texts they cost nothing, however long they are.
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_no_number)


def spans(text: str) -> list[tuple[int, int]]:
    """Return the start and end of each element of a text that begins, blanks aside, with `[`.

    Raises ValueError with one sentence when the text is no JSON array.
    """
    found: list[tuple[int, int]] = []
    position = _after_blanks(text, _after_blanks(text, 0) + 1)
    if text[position : position + 1] == "]":
        _nothing_after(text, position + 1)
        return found
    while True:
        end = _end_of_value(text, position)
        found.append((position, end))
        position = _after_blanks(text, end)
        mark = text[position : position + 1]
        if mark == "]":
            _nothing_after(text, position + 1)
            return found
        if mark != ",":
            raise ValueError(
                Words(
                    "expected a comma or the end of the list at character {character}",
                    character=position + 1,
                )
            )
        position = _after_blanks(text, position + 1)


def _after_blanks(text: str, position: int) -> int:
    match = _BLANKS.match(text, position)
    return match.end() if match else position


def _nothing_after(text: str, position: int) -> None:
    if _after_blanks(text, position) != len(text):
        raise ValueError(
            Words(
                "something follows the end of the list at character {character}",
                character=position + 1,
            )
        )


def _end_of_value(text: str, position: int) -> int:
    try:
        return _DECODER.raw_decode(text, position)[1]
    except json.JSONDecodeError as wrong:
        raise ValueError(
            Words(
                "{what} at character {character}", what=wrong.msg.lower(), character=wrong.pos + 1
            )
        ) from None
    except RecursionError:
        return _end_of_deep_value(text, position)


def _end_of_deep_value(text: str, position: int) -> int:
    """Return the end of a value that is nested too deeply to be read; its own verdict says so."""
    depth = 0
    for match in _BRACKET.finditer(text, position):
        mark = match.group()
        depth += (mark in "[{") - (mark in "]}")
        if depth == 0:
            return match.end()
    raise ValueError("the list has no end")
