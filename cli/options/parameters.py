"""Options that know under which heading of the help they stand, and the types of their values."""

from typing import Any, Final

import click

from cli.language.wording import N_, _

FILTERS: Final = N_("Which")
DATES: Final = N_("When, and for whom")
SHAPE: Final = N_("How it is shown")
PLACE: Final = N_("Which ledger, and help")
DOING: Final = N_("How it is done")


class Identifier(click.ParamType[str]):
    """An id as the ledger has them: 1 to 200 characters, no control characters."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the id, or fail with one sentence."""
        text = str(value)
        if not 1 <= len(text) <= 200:  # noqa: PLR2004 - the law of identifiers, in one place
            self.fail(_("an id has 1 to 200 characters"), param, ctx)
        return plain(text, self, param, ctx)


class PlainText(click.ParamType[str]):
    """Any text that can be written down: proper characters, none of them a control character."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or fail with one sentence."""
        return plain(str(value), self, param, ctx)


class Said(PlainText):
    """A text that somebody reads one day, such as a reason: blanks alone say nothing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or fail with one sentence."""
        text = super().convert(value, param, ctx)
        if not any(letter.isprintable() and not letter.isspace() for letter in text):
            self.fail(_("it is empty"), param, ctx)
        return text


def plain(
    text: str,
    kind: click.ParamType[str],
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> str:
    """Return the text if it holds no control characters and no bytes that are no UTF-8."""
    if any(character < " " or "\x7f" <= character <= "\x9f" for character in text):
        kind.fail(_("a control character stands in it"), param, ctx)
    if any("\ud800" <= character <= "\udfff" for character in text):
        kind.fail(_("it is not UTF-8"), param, ctx)
    return text


class Option(click.Option):
    """An option of `cpod`: its help stands under a heading, and is translated when it is shown."""

    def __init__(self, *names: str, heading: str, **settings: Any) -> None:
        super().__init__(list(names), **settings)
        self.heading = heading

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return how the option is written, and its help in the language that is spoken."""
        record = super().get_help_record(ctx)
        return record and (record[0], _(self.help or ""))
