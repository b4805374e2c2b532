"""How the receipt of an ingest is shown: a sentence for people, its figures for programs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from cli.language.wording import _, plural
from cli.render.cells import clean
from cli.render.changed import changed_lines
from cli.render.layout import Layout, Section
from cli.render.show import show, show_done
from cli.run.refused import refusal_rows

if TYPE_CHECKING:
    from ledger.commands.ingest.receipt import Receipt
    from ledger.commands.sources.directory import Followed

_FIELDS: Final = ("file", "line", "verdict", "code", "reason")
_VERDICTS: Final = Layout("", (Section("verdicts", "", (), _FIELDS),), main="verdicts")


def show_receipt(receipt: "Receipt", form: str) -> None:
    """Write the receipt of a run."""
    show_done(_answer(receipt), _sentence(receipt), form)


def show_rehearsal(
    receipt: "Receipt", form: str, balances: Sequence[Mapping[str, object]] = ()
) -> None:
    """Write the receipt of a dry run, with its verdicts and every balance that would change."""
    answer = _answer(receipt)
    if form == "table":
        said = _("Dry run, nothing was written. {receipt}").format(receipt=_sentence(receipt))
        show_done(answer, "\n".join((said, *changed_lines(balances))), form)
        return
    answer |= {"dry_run": True, "verdicts": [each._asdict() for each in receipt.verdicts]}
    show({**answer, "balances": list(balances)}, _VERDICTS, form, None, {})


def show_followed(followed: "Followed", form: str) -> None:
    """Write the receipt of one file of a directory, and where the file is now."""
    receipt = followed.receipt
    if receipt is None:
        return
    answer = {"file": followed.path, "moved_to": followed.moved_to, **_answer(receipt)}
    where = clean(followed.moved_to or followed.path)
    sentence = _("{file}: {receipt}").format(file=where, receipt=_sentence(receipt))
    show_done(answer, sentence, form)


def _answer(receipt: "Receipt") -> dict[str, object]:
    return {**receipt.answer(), "refusals": refusal_rows(receipt.refusals)}


def _sentence(receipt: "Receipt") -> str:
    """Return the receipt in one line."""
    appended = plural("{count} appended", "{count} appended", receipt.appended)
    if receipt.released:
        waited = plural("{count} had waited", "{count} had waited", receipt.released)
        appended = f"{appended} ({waited})"
    parts = (
        appended,
        plural("{count} duplicate", "{count} duplicates", receipt.duplicates),
        plural("{count} refused", "{count} refused", receipt.refused),
    )
    read = plural("{count} line read", "{count} lines read", receipt.read)
    if receipt.taken_over:
        before = plural(
            "{count} was recorded before", "{count} were recorded before", receipt.taken_over
        )
        read = f"{read} ({before})"
    return f"{read}: {', '.join(parts)}{_positions(receipt)}; {receipt.seconds:.2f} s."


def _positions(receipt: "Receipt") -> str:
    first, last = receipt.first_position, receipt.last_position
    if first is None or last is None:
        return ""
    if first == last:
        return _("; position {first}").format(first=first)
    return _("; positions {first} to {last}").format(first=first, last=last)
