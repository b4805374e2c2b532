"""The one way that words take to people: English in the code, other languages by catalogue.

Every text for people passes through `_` (or `plural`) when it is shown. A text that stands in a
table or a declaration, long before anybody chose a language, is marked with `N_` there and passed
through `_` at the moment it is shown.
"""

import os
from collections.abc import Mapping
from gettext import NullTranslations, bindtextdomain, find, textdomain, translation
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "fr")
"""The languages that one may ask for; the first is that of the texts in the code."""

_DOMAIN: Final = "cpod"
_CATALOGUES: Final = Path(__file__).parent / "locale"


class _Voice:
    """The language that is spoken now."""

    language: str = LANGUAGES[0]
    catalogue: NullTranslations = NullTranslations()


def speak(language: str) -> None:
    """Speak this language from now on. Raises UsageError if its catalogue is not installed."""
    if not _is_installed(language):
        from ledger.errors import UsageError

        raise UsageError(
            "the catalogue of the language {language} is not installed: install cpod again,"
            " or ask for {other}",
            language=language,
            other=LANGUAGES[0],
        )
    _Voice.language = language
    _Voice.catalogue = translation(_DOMAIN, _CATALOGUES, [language], fallback=True)
    # The library of the command line asks gettext itself: it is to find our catalogue.
    os.environ["LANGUAGE"] = language
    bindtextdomain(_DOMAIN, _CATALOGUES)
    textdomain(_DOMAIN)


def _is_installed(language: str) -> bool:
    return language == LANGUAGES[0] or find(_DOMAIN, _CATALOGUES, [language]) is not None


def spoken() -> str:
    """Return the language that is spoken, one of `LANGUAGES`."""
    return _Voice.language


def choose(asked: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Return the language to speak: the one asked for, else CPOD_LANG's, else the system's.

    The system's is that of LC_ALL, else of LC_MESSAGES, else of LANG, if it is installed. One that
    is not spoken is English here; that it is unknown is said where options are checked.
    """
    wanted = asked or environment.get("CPOD_LANG")
    if not wanted:
        names = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        system = next(filter(None, names), LANGUAGES[0]).partition("_")[0].partition(".")[0]
        wanted = system if system in LANGUAGES and _is_installed(system) else LANGUAGES[0]
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def _(text: str) -> str:
    """Return the text in the language that is spoken."""
    return _Voice.catalogue.gettext(text) if text else ""


def plural(one: str, many: str, count: int) -> str:
    """Return the form that fits the count, with the count in it where it says `{count}`."""
    return _Voice.catalogue.ngettext(one, many, count).format(count=count)


def N_(text: str) -> str:  # noqa: N802 - the name that tools for catalogues look for
    """Return the text as it is: a mark that it is to be translated when it is shown."""
    return text


def NP_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 - the same, of two forms
    """Return both forms as they are: a mark that they are to be translated."""
    return one, many
