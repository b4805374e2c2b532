"""Words: one function says them, and codes have words for people."""

import re
import typing
from pathlib import Path

import pytest

import cli
from cli.language import wording
from cli.language.wording import LANGUAGES, _, choose, plural, speak, spoken
from cli.main import run
from cli.render.words import WORDS, word
from cli.run.refused import advice
from ledger.domain.deliveries import additional
from ledger.domain.events import fields
from ledger.domain.refusals import CODES
from ledger.projections.views import summary, unplaced

SOURCE = Path(cli.__file__).parent


@pytest.mark.parametrize(
    "kind,codes",
    [
        ("service", typing.get_args(fields.Service)),
        ("unit", typing.get_args(fields.Unit)),
        ("group", set(summary.GROUPS.values())),
        ("additional", additional.REASONS),
        ("unplaced", typing.get_args(unplaced.Reason)),
    ],
)
def test_every_code_that_the_ledger_says_has_words(kind, codes):
    assert set(codes) == set(WORDS[kind])


def test_a_code_that_has_no_word_is_shown_as_it_is():
    assert word("unit", "furlong") == "furlong"
    assert word("unit", None) == "–"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_advice_in_the_language_that_is_spoken(language):
    speak(language)
    assert spoken() == language
    assert all(advice(code) for code in CODES)


@pytest.mark.parametrize(
    "asked,environment,chosen",
    [
        (None, {}, "en"),
        (None, {"CPOD_LANG": "fr"}, "fr"),
        ("en", {"CPOD_LANG": "fr"}, "en"),
        ("xx", {}, "en"),
        (None, {"LANG": "fr_FR.UTF-8"}, "fr"),
        (None, {"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        (None, {"LC_ALL": "fr"}, "fr"),
        (None, {"CPOD_LANG": "en", "LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_a_flag_chooses_the_language_before_the_environment_does(asked, environment, chosen):
    assert choose(asked, environment) == chosen


def test_a_language_that_is_not_installed_is_an_error_where_it_was_asked_for(
    monkeypatch, tmp_path, capsys
):
    """The system's language is only a preference: without its catalogue English is spoken."""
    monkeypatch.setattr(wording, "_CATALOGUES", tmp_path)
    assert choose(None, {"LANG": "fr_FR.UTF-8"}) == "en"
    assert run(["--lang", "fr", "contracts"]) == 2
    assert "language fr is not installed" in capsys.readouterr().err
    monkeypatch.setenv("CPOD_LANG", "fr")
    assert run(["contracts"]) == 2


def test_without_a_catalogue_the_text_is_the_one_in_the_code():
    speak("fr")
    assert _("Nothing like this stands in any catalogue") == (
        "Nothing like this stands in any catalogue"
    )
    assert plural("{count} odd thing", "{count} odd things", 2) == "2 odd things"
    assert _("") == ""


def test_no_text_is_formatted_before_it_is_translated():
    for path in SOURCE.rglob("*.py"):
        assert not re.search(r"\b_\(\s*f\"", path.read_text()), path
