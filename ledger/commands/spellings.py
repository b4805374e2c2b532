"""Spellings: texts are found as whole words, however a sender, a tool or a system wrote them.

Bytes are read in every encoding that they may be in, and every escape is undone, step by step. What
is compared then are letters and digits: not case, accents, blanks, signs, or how they are composed.
Nothing is searched that is compressed or encrypted, nor a name in another alphabet.
"""

import re
import sys
import unicodedata
from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from html import unescape
from itertools import chain
from typing import Final

_ROUNDS: Final = 4
"""How deep escapes within escapes are undone."""

_WORD: Final = re.compile(r"[^\W_]+")
_START: Final = r"(?<![^\W_])"
_END: Final = r"(?![^\W_])"
_UNSPACED: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER"})
"""Scripts that put no blanks around names, as Unicode calls them."""

# Accents and points, variation selectors, and what has no width: soft hyphens, joiners, marks
_UNSEEN: Final = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+"
)

# A run of backslashes is tried from its beginning alone: a long one would take hours otherwise.
_UNIT: Final = re.compile(
    r"(?:(?<!\\)\\++|%)(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8}))"
)
_TAG: Final = re.compile(r"<[^<>]*>")
_CONTROL: Final = re.compile(r"(?<!\\)\\++[bfnrtv]")
_HEX: Final = {
    mark: re.compile(rf"(?:{re.escape(mark)}[0-9A-Fa-f]{{2}})+") for mark in ("%", "=", "\\x")
}
_BASE64: Final = re.compile(rb"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}={0,2}")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_NO_TEXT: Final = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f]")

# UTF-8 that was taken for Windows-1252, as in `Ã©`: a first byte, and those that go on
_TWICE: Final = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]{1,3}"
)


class Spellings:
    """Finds any of some texts."""

    def __init__(self, texts: Collection[str]) -> None:
        words = {_words(folded) for folded in map(_folded, texts) if folded.strip()}
        orders = {order for each in words for order in _orders(each)}
        self._patterns = [(each[0], re.compile(_pattern(each))) for each in sorted(orders)]

    def are_in(self, text: str) -> bool:
        """Return whether a text holds one of them."""
        return any(map(self._are_in_folded, map(_folded, _readings(text))))

    def _are_in_folded(self, text: str) -> bool:
        # A search for the first word is much quicker than one for the pattern, and mostly enough
        return any(first in text and pattern.search(text) for first, pattern in self._patterns)

    def are_in_bytes(self, raw: bytes) -> bool:
        """Return whether bytes that somebody sent hold one of them."""
        return any(map(self.are_in, chain(_decoded(raw), _unpacked(raw))))


def _words(folded: str) -> tuple[str, ...]:
    """Return the words of a text; one of signs alone is a word."""
    return tuple(_WORD.findall(folded)) or (folded.strip(),)


def _orders(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield words in the orders that a name has: as it is, and with the name of the family first.

    Nothing says whether that is its last word, or all but the first.
    """
    yield words
    yield (words[-1], *words[:-1])
    yield (*words[1:], words[0])


def _pattern(words: Sequence[str]) -> str:
    """Return what matches words, whatever signs and blanks are between them."""
    start = _START if _is_spaced(words[0][0]) else ""
    end = _END if _is_spaced(words[-1][-1]) else ""
    return start + r"[\W_]*".join(map(re.escape, words)) + end


def _is_spaced(letter: str) -> bool:
    """Return whether a name that begins or ends with it has no letter beside it."""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return letter.isalnum() and script not in _UNSPACED


def _folded(text: str) -> str:
    """Return a text without what makes no other name of it: case, accents, forms of composition."""
    if text.isascii():
        return text.lower()
    # A letter may have capitals that are those of another one, as the dotless i of Turkish
    return _UNSEEN.sub("", unicodedata.normalize("NFKD", text).upper().casefold())


def _decoded(raw: bytes) -> Iterator[str]:
    """Yield bytes as the texts that they may be."""
    try:
        yield raw.decode()
    except UnicodeDecodeError:
        yield raw.decode("utf-8", "replace")
        yield raw.decode("cp1252", "replace")
    if b"\0" in raw:
        for start in (0, 1):  # what ends a line may have been half of a character
            yield raw[start:].decode("utf-16-le", "replace")
            yield raw[start:].decode("utf-16-be", "replace")


def _unpacked(raw: bytes) -> Iterator[str]:
    """Yield what is in base64, as the quarantine keeps the body of a message that is no JSON."""
    for found in _BASE64.finditer(raw):
        packed = found[0].rstrip(b"=").translate(_URL_SAFE)
        if len(packed) % 4 != 1:
            text = _text_of(urlsafe_b64decode(packed + b"=" * (-len(packed) % 4)))
            if not _NO_TEXT.search(text):
                yield text


def _readings(text: str) -> Iterator[str]:
    """Yield a text, what it is with one escape after the other undone, and each without tags."""
    for undone in _undone(text):
        yield undone
        if "<" in undone:
            yield _TAG.sub(" ", undone)


def _undone(text: str) -> Iterator[str]:
    yield text
    for _ in range(_ROUNDS):
        before = text
        for step in _STEPS:
            undone = step(text)
            if undone != text:
                yield undone
            text = undone
        if text == before:
            return


def _units(text: str) -> str:
    r"""Undo `\u00e9` and `%u00e9`, of which two may be one character, and line feeds and tabs.

    `\u{e9}` and `\U000000e9` are whole characters.
    """
    if "\\" not in text and "%u" not in text:
        return text
    text = _UNIT.sub(_character, _CONTROL.sub(" ", text))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(found: re.Match[str]) -> str:
    """Return the character of an escape; what is beyond Unicode stays as it is."""
    code = int(found[found.lastindex or 0], 16)
    return chr(code) if code <= sys.maxunicode else found[0]


def _bytes_of(mark: str, text: str) -> str:
    """Undo bytes that are written in hexadecimal, each behind a mark."""
    if mark not in text:
        return text
    return _HEX[mark].sub(lambda found: _text_of(bytes.fromhex(found[0].replace(mark, ""))), text)


def _once(text: str) -> str:
    """Undo what was encoded twice."""

    def undone(found: re.Match[str]) -> str:
        for encoding in ("cp1252", "latin-1"):
            try:
                return found[0].encode(encoding).decode()
            except UnicodeError:
                continue
        return found[0]

    return text if text.isascii() else _TWICE.sub(undone, text)


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


_STEPS: Final[tuple[Callable[[str], str], ...]] = (
    _units,
    *(partial(_bytes_of, mark) for mark in _HEX),
    unescape,
    _once,
)
