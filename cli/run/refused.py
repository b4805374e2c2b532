"""What was refused, for people: grouped by cause, with the first line of each, and what to do."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cli.language.wording import _, plural, spoken
from cli.output import tell
from cli.render.cells import clean

if TYPE_CHECKING:
    from ledger.commands.ingest.receipt import Outcome, Refused


def refusals_of(outcomes: Iterable["Outcome"]) -> list["Refused"]:
    """Return those of some outcomes that are refusals, by cause, with the first line of each."""
    from ledger.commands.ingest.receipt import Refused

    found: dict[str, Refused] = {}
    for outcome in outcomes:
        line, refusal = outcome.line, outcome.refusal
        if refusal is not None:
            first = found.get(refusal.code)
            found[refusal.code] = (
                Refused(refusal.code, 1, line.file, line.number, refusal.reason)
                if first is None
                else first._replace(lines=first.lines + 1)
            )
    return list(found.values())


def advice(code: str) -> str:
    """Return the sentence that says what the sender of a refused line should do."""
    from ledger.domain.refusals import ADVICE

    return ADVICE[code][spoken()]


def tell_refused(refusals: Iterable["Refused"]) -> None:
    """Say on standard error what was refused: two lines for each cause."""
    for refused in refusals:
        count = plural("{count} line refused", "{count} lines refused", refused.lines)
        tell(
            _("{count} ({code}), the first at {file}:{line}: {reason}").format(
                count=count,
                code=refused.code,
                file=clean(refused.file),
                line=refused.line,
                reason=clean(refused.reason),
            )
        )
        tell(f"  {advice(refused.code)}")


def refusal_rows(refusals: Sequence["Refused"]) -> list[dict[str, object]]:
    """Return the same for programs."""
    return [{**refused._asdict(), "advice": advice(refused.code)} for refused in refusals]
