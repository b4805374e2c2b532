"""What the library of the command line says to a person, so that it is in our catalogues, too.

Click asks gettext for its own texts, under its own identifiers; `speak` lends it our catalogue.
"""

from typing import Final

from cli.language.wording import N_, NP_

TEXTS: Final = (
    N_("Argument {name!r} takes {nargs} values."),
    N_("Commands"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Invalid value: {message}"),
    N_("Missing argument"),
    N_("Missing command."),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing {param_type}"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    NP_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    NP_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    N_("Choose from:\n\t{choices}"),
    NP_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    N_("Options"),
    N_("Show this message and exit."),
    N_("Usage:"),
    N_("{value!r} is not a valid {number_type}."),
    NP_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    N_("{value} is not in the range {range}."),
)
"""As click has them; a test compares."""
