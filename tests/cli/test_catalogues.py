"""The catalogues: every text has its French, with the same values in it, and none is stale."""

import ast
import io
import re
from pathlib import Path
from string import Formatter

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

import cli
from cli.language import wording
from cli.language.wording_of_click import TEXTS
from cli.main import COMMANDS
from ledger import errors

SOURCE = Path(cli.__file__).parent
ROOTS = (SOURCE, Path(errors.__file__).parent)
FRENCH = SOURCE / "language" / "locale" / "fr" / "LC_MESSAGES" / "cpod.po"
KEYWORDS = {"_": None, "N_": None, "plural": (1, 2), "NP_": (1, 2)}
SPOKEN = {
    # What takes a text in English as its first argument; one takes its code before that
    *(name for name, kind in vars(errors).items() if isinstance(kind, type)),
    *("DoesNotHold", "ValueError", "CutShort", "Corrupt", "RowProblemError"),
}
CARRIED = {
    # What an error may be made of besides a text: what was one elsewhere, or is none of ours
    *("wrong", "words_of(wrong)", "str(error)", "text", "reason", "template", "_NO_QUANTITY"),
    *("envelope.reason", "typed.reason", "problem.reason", "scope.reason"),
    *("self._explained(str(wrong))", "plain", "cut", "value"),
    "_ONE_LINE.sub(' at byte \\\\1', ' '.join(sentence.split()))",
}
PLACES = re.compile(r"\{[^}]*\}")
SAME = {
    # The same word, or a name, in both languages
    *("Date", "Description", "Format", "Page", "Plan", "Position", "SHA-256", "Source", "Total"),
    *("Code", "Contact", "Engagement", "Engagements", "Package", "Packages", "Type", "Service"),
    *("Options", "position {value}", "position {position}", "Score", "Product", "engagements"),
    *("Lot", "Lot {lot}", "Lots", "Version"),
}


def forms(message):
    return message if isinstance(message, tuple) else (message,)


def spoken(root):
    """Yield where errors and words are made below a folder, and the text that each is made of."""
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in SPOKEN:
                texts = node.args[node.func.id == "RowProblemError" :]
                if texts:
                    yield f"{path}:{node.lineno}", node, texts[0]


def said():
    """Return the texts of all errors and words."""
    return {
        text.value
        for root in ROOTS
        for _place, _call, text in spoken(root)
        if isinstance(text, ast.Constant)
    }


def extracted():
    found = said()
    for _name, _line, message, _comments, _context in extract_from_dir(
        str(SOURCE), [("**.py", "python")], keywords=KEYWORDS
    ):
        if message:
            found.add(tuple(message[:2]) if isinstance(message, tuple) else message)
    return found


def catalogue():
    with FRENCH.open("rb") as source:
        return read_po(source, locale="fr")


def test_every_text_of_the_code_is_in_the_catalogue_and_nothing_else():
    """A text that is new, changed or gone shows at once."""
    known = {message.id for message in catalogue() if message.id}
    wanted = extracted()
    assert wanted - known == set()
    assert known - wanted == set()


def test_no_text_hides_where_catalogues_are_not_gathered():
    """A text within an f-string is never found: it stands in a statement of its own."""
    hidden = re.compile(r"""f(["']).*\{(_|plural)\(["']""")
    for path in SOURCE.rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            assert not hidden.search(line), f"{path}: {line}"


def test_no_error_of_the_ledger_can_be_forgotten():
    """Each has a text that stands as it is in the code, so that it is gathered; none is composed.

    What is carried on from elsewhere (words, another error) was a text there.
    """
    for root in ROOTS:
        for place, _call, text in spoken(root):
            made_of = ast.unparse(text)
            assert (
                isinstance(text, ast.Constant)
                or made_of in CARRIED
                or made_of.startswith(("Words(", "_("))
            ), f"{place}: give a text, and its values beside it"


def test_every_text_of_an_error_has_a_value_for_each_place_and_no_other():
    """An error that cannot be said would hide what it is about."""
    for root in ROOTS:
        for place, call, text in spoken(root):
            named = {keyword.arg for keyword in call.keywords}
            if isinstance(text, ast.Constant) and None not in named and named:
                places = {name for _text, name, *_ in Formatter().parse(text.value) if name}
                assert places == named, place
            elif isinstance(text, ast.Constant) and call.func.id != "Words":
                assert None in named or not PLACES.findall(text.value), place


def test_every_text_is_translated_with_the_same_places_for_values():
    """No translation is empty or fuzzy, and each names exactly what its text names."""
    for message in catalogue():
        if not message.id:
            continue
        assert not message.fuzzy
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(said), message.id
        for text in said:
            assert set(PLACES.findall(text)) <= set(PLACES.findall("".join(forms(message.id))))
            assert PLACES.findall(forms(message.id)[-1]) == [] or PLACES.findall(text)


def test_french_has_its_narrow_blanks_before_its_marks():
    """A plain blank before ; ! ? : or within the quotation marks is no French."""
    for message in catalogue():
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in filter(None, said):
            assert not re.search(r" [;!?:](\s|$)|« | »", text), text


def test_only_words_that_are_the_same_in_both_languages_are_left_as_they_are():
    """A text that was copied instead of translated is found."""
    copied = {
        message.id
        for message in catalogue()
        if isinstance(message.id, str) and message.id == message.string
    }
    assert copied <= SAME


@pytest.fixture
def french(tmp_path, monkeypatch):
    """The catalogue as it stands now, compiled apart from the one that was installed."""
    place = tmp_path / "fr" / "LC_MESSAGES"
    place.mkdir(parents=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    (place / "cpod.mo").write_bytes(compiled.getvalue())
    monkeypatch.setattr(wording, "_CATALOGUES", tmp_path)
    monkeypatch.setenv("LANGUAGE", "fr")
    wording.speak("fr")
    yield
    wording.speak("en")


@pytest.mark.parametrize("name", [name for name, _heading in COMMANDS])
def test_no_sentence_of_a_help_page_is_english_when_french_is_spoken(name, french):
    """What stands in both pages is names and examples, never a sentence."""
    from cli.main import cpod

    def page(language):
        wording.speak(language)
        return CliRunner().invoke(cpod, [name, "--help"], terminal_width=200).output

    translated, english = page("fr"), page("en")  # click keeps the text of its option
    sentences = [
        line.strip()
        for line in english.splitlines()
        if re.search(r"[a-z]{3,}( [a-z]{2,}){3,}", line)
        and not line.strip().startswith(("cpod", "curl", "-h"))
    ]
    assert sentences, "a help page says what its command does"
    assert [sentence for sentence in sentences if sentence in translated] == []
    assert "Show this message" not in translated


def test_what_click_says_is_known_to_click():
    """A text that click no longer has is none that we need."""
    source = "".join(path.read_text("utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    squeezed = re.sub(r'"\s*\n\s*"', "", source)
    for text in TEXTS:
        for form in forms(text):
            assert form.replace("\n", "\\n").replace("\t", "\\t") in squeezed, form


def test_numbers_are_written_as_the_language_writes_them(french):
    """French has a decimal comma and narrow blanks between thousands; no digit is lost."""
    from cli.render.cells import local_number

    assert local_number("1234567.123456789") == "1\u202f234\u202f567,123456789"
    assert local_number("-0.5") == "-0,5"
    wording.speak("en")
    assert local_number("1234567.123456789") == "1234567.123456789"
