"""Spellings: a name is found however it was written, and no other word is taken for it."""

import base64
import html
import json
import quopri
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands.spellings import Spellings

NAME = "Élodie Béranger"
SPELLINGS = Spellings([NAME, "élodie.b", "elodie@x.example"])

WAYS = {
    "as it is": str.encode,
    "in capitals": lambda text: text.upper().encode(),
    "decomposed": lambda text: normalize("NFD", text).encode(),
    "composed": lambda text: normalize("NFC", text).encode(),
    "compatible": lambda text: normalize("NFKC", text).encode(),
    "json": lambda text: json.dumps(text).encode(),
    "json within json": lambda text: json.dumps(json.dumps(text)).encode(),
    "json four times": lambda text: json.dumps(json.dumps(json.dumps(json.dumps(text)))).encode(),
    "json, decomposed": lambda text: json.dumps(normalize("NFD", text)).encode(),
    "percent signs": lambda text: quote(text).encode(),
    "small percent signs": lambda text: quote(text).lower().encode(),
    "a form": lambda text: quote_plus(text).encode(),
    "percent signs twice": lambda text: quote(quote(text)).encode(),
    "entities": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace"),
    "entities within json": lambda text: json.dumps({"a": f"<p>{html.escape(text)}</p>"}).encode(),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).replace(b"=\n", b""),
    "UTF-16": lambda text: text.encode("utf-16"),
    "a later line of UTF-16": lambda text: f"\n{text}".encode("utf-16-le")[1:],
    "UTF-16, big end first": lambda text: text.encode("utf-16-be"),
    "braces": lambda text: "".join(f"\\u{{{ord(sign):x}}}" for sign in text).encode(),
    "eight digits": lambda text: "".join(f"\\U{ord(sign):08x}" for sign in text).encode(),
    "tags": lambda text: f"<b>{text}</b>".replace(" ", "</b><br/>\n<b class='x'>").encode(),
    "base64": lambda text: base64.b64encode(f"<customer>{text}</customer>".encode()),
    "base64 of a URL": lambda text: base64.urlsafe_b64encode(f'{{"name": "{text}"}}'.encode()),
}
"""How any text is written."""

LATIN_WAYS = {
    "Latin-1": lambda text: text.encode("latin-1"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "percent signs of Latin-1": lambda text: quote(text, encoding="latin-1").encode(),
    "escape()": lambda text: quote(text, encoding="latin-1").replace("%E", "%u00E").encode(),
    "the name of a file": lambda text: text.encode("latin-1").decode(errors="backslashreplace"),
    "taken for Latin-1": lambda text: text.encode().decode("latin-1").encode(),
    "taken for Windows-1252": lambda text: text.encode().decode("cp1252", "replace").encode(),
    "base64 of Latin-1": lambda text: base64.b64encode(f"<name>{text}</name>".encode("latin-1")),
}
"""How a text of western Europe is written, too."""


@pytest.mark.parametrize("way", WAYS)
def test_a_name_is_found_with_that_of_the_family_first(way):
    """Which word that is nobody knows: the last, or all but the first."""
    found = Spellings(["Élodie van Béranger"])
    for written in ("BÉRANGER, Élodie van", "van Béranger, Élodie"):
        assert found.are_in_bytes(WAYS[way](written))
    assert not found.are_in_bytes(WAYS[way]("van Élodie Béranger"))


def test_an_escape_beyond_unicode_is_no_character():
    """It stays as it is, and what is beside it is found."""
    assert SPELLINGS.are_in(rf"\U7fffffff {NAME} \u{{ffffff}}")


@pytest.mark.parametrize("name", [NAME, "élodie.b", "elodie@x.example", "élodie béranger"])
@pytest.mark.parametrize("way", [*WAYS, *LATIN_WAYS])
def test_a_name_is_found_in_every_way_of_writing_it(name, way):
    written = (WAYS | LATIN_WAYS)[way](name)
    raw = written.encode() if isinstance(written, str) else written
    assert SPELLINGS.are_in_bytes(raw), raw


@pytest.mark.parametrize(
    "text",
    [
        *("Élodie  Béranger", "Élodie\u00a0Béranger", "Élodie\u202fBéranger"),
        *("Élodie\tBéranger", "Élodie\\tBéranger", "Élodie\\nBéranger", "Élodie\r\nBéranger"),
        *("Élodie%20%20Béranger", "Élodie&nbsp;Béranger", "Élodie\\u00a0Béranger"),
        *("élodie_béranger.csv", "export-elodie-beranger-2025", "ElodieBeranger.jsonl"),
        *("Élodie Bé\u00adranger", "\u200bÉlodie\ufeff Béranger", "Elodie Beranger", "(Élodie.B)"),
        *("ELODIE@X.EXAMPLE", "elodie%40x.example", "mailto:elodie@x.example?subject=a"),
        *("\uff25lodie \uff22eranger", "\\\\u00c9lodie B\\u00e9ranger"),
        *("&Eacute;lodie B&#xe9;ranger", "Élodie\u2009Béranger"),
    ],
)
def test_blanks_signs_accents_and_width_make_no_other_name(text):
    assert SPELLINGS.are_in(text)
    assert SPELLINGS.are_in_bytes(text.encode())


@pytest.mark.parametrize(
    "text", ["", "Élodie", "Mélodie Béranger", "Élodie Bérangers", "élodie.ba", "elodie@x.examples"]
)
def test_a_part_of_another_word_is_no_name(text):
    assert not SPELLINGS.are_in(text)
    assert not SPELLINGS.are_in_bytes(text.encode())


def test_names_in_other_scripts_are_found():
    """Where names have no blanks around them, letters beside them make no other word."""
    assert Spellings(["山田太郎"]).are_in("担当:山田太郎さん")
    assert Spellings(["김민수"]).are_in_bytes(json.dumps("김민수는").encode())
    assert Spellings(["Мария Петрова"]).are_in_bytes("МАРИЯ ПЕТРОВА".encode("utf-16"))
    assert not Spellings(["Мария"]).are_in("Мариями")


def test_what_has_no_letters_is_found_as_it_is():
    assert Spellings(["***"]).are_in("of ***.")
    assert Spellings(["🙂"]).are_in_bytes(json.dumps("a 🙂 face").encode())
    assert not Spellings(["***"]).are_in("of **.")


def test_nothing_is_nowhere():
    assert not Spellings([]).are_in("any text")
    assert not Spellings(["", " "]).are_in("any text")


LETTERS = st.characters(categories=("Lu", "Ll", "Nd"))


@given(
    name=st.lists(st.text(LETTERS, min_size=1, max_size=8), min_size=1, max_size=3).map(" ".join),
    way=st.sampled_from(sorted(WAYS)),
    around=st.sampled_from(["a: {}.", '{{"x": "{}"}}', "({})", "x_{}_y"]),
)
def test_any_name_is_found_in_any_way(name, way, around):
    """Letters of any script that has capitals, and digits."""
    assert Spellings([name]).are_in_bytes(WAYS[way](around.format(name)))


@given(raw=st.binary(max_size=300), name=st.text(min_size=1, max_size=5))
def test_any_bytes_can_be_searched(raw, name):
    assert Spellings([name]).are_in_bytes(raw) in (True, False)
