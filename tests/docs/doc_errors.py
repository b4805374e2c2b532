"""The page of refusals, errors and exit codes, written from where they are defined."""

from collections.abc import Iterator
from typing import Final

from doc_sessions import WRITTEN

import cli.errors as exits
from ledger import errors
from ledger.domain.refusals import ADVICE, CODES


def errors_page() -> str:
    """Return the page of every refusal code, every error and every exit code."""
    return "\n".join(_errors_lines())


def _errors_lines() -> Iterator[str]:
    yield from (WRITTEN, "", "# Refusals, errors and exit codes", "", *_ERRORS_INTRODUCTION, "")
    yield from ("## Refusals", "", *_REFUSALS_INTRODUCTION, "")
    yield from ("| code | what to do | que faire |", "|---|---|---|")
    yield from (f"| `{code}` | {ADVICE[code]['en']} | {ADVICE[code]['fr']} |" for code in CODES)
    yield from ("", "## Errors", "", "| code | exit | what |", "|---|---|---|")
    for error in _all_errors(errors.CpodError):
        yield f"| `{error.code}` | {error.exit_code} | {_first_sentence(error.__doc__)} |"
    yield from ("", "## Exit codes", "", "| code | when |", "|---|---|")
    yield from (f"| {code} | {when} |" for code, when in _EXIT_CODES.items())
    yield ""


_ERRORS_INTRODUCTION: Final = (
    "Three things can go wrong. A line of the input can be **refused**: the rest of it goes on.",
    "A command can end in an **error**: one line on standard error says what happened and what",
    "to do, in the language that is spoken (`--lang`); with a JSON format it is an object, its",
    "code the same in every language. And there can be a bug of ours: its report",
    "goes to a file. Examples stand under [bad input](bad-input.md).",
)

_REFUSALS_INTRODUCTION: Final = (
    "A refused line waits in the quarantine, whole, with its code, its file and line, and the",
    "reason. A line is judged in the order of this table, save that a conflict is found before",
    "its type and data are looked at. What is refused for an unknown contract, package,",
    "entitlement, event or workspace is tried again by itself when that has come; the others",
    "when they are sent again, or with `cpod quarantine retry`.",
)

_EXIT_CODES: Final = {
    0: "done",
    1: "done, but something of this run was refused, or a difference was found, or a compressed "
    "file was cut short or damaged, or the pages of a proven PDF were not looked at",
    errors.UsageError.exit_code: "wrong usage, or an input that is missing, unreadable or no text",
    errors.NotAllowed.exit_code: "not allowed",
    errors.NotFound.exit_code: "no such contract, package, entitlement, case, workspace or event; "
    "no ledger there",
    errors.LedgerTrouble.exit_code: "the ledger is busy, read-only, full or out of reach, or no "
    "ledger, or of a newer version; the output cannot be written",
    errors.Damaged.exit_code: "the ledger is damaged, or a proof does not hold",
    exits.BUG: "a bug of ours",
    exits.INTERRUPTED: "interrupted",
    exits.TERMINATED: "terminated",
}


def _all_errors(kind: type[errors.CpodError]) -> Iterator[type[errors.CpodError]]:
    """Yield the errors that are raised, in the order of the tree."""
    for error in kind.__subclasses__():
        if error is not errors.LedgerTrouble:
            yield error
        yield from _all_errors(error)


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split())
