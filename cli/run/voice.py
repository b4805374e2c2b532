"""What a run says on standard error while it works: in words, or as one line of JSON for each."""

import time
from typing import TYPE_CHECKING

from cli.language.saying import in_words
from cli.language.wording import _
from cli.output import tell, tell_json
from cli.render.cells import clean
from cli.run.refused import refusal_rows, tell_refused

if TYPE_CHECKING:
    from ledger.commands.ingest.ingest import Batch
    from ledger.commands.ingest.receipt import Receipt
    from ledger.errors import CpodError


class Voice:
    """Says what happens; in words it says only what a person has to know."""

    def __init__(self, *, as_json: bool) -> None:
        """Take whether programs listen."""
        self.as_json = as_json

    def batch(self, batch: "Batch") -> None:
        """Say what a transaction came to."""
        if self.as_json:
            facts = batch._asdict()
            facts["bytes"] = facts.pop("size")
            self._line("batch", facts | {"seconds": round(batch.seconds, 6)})

    def resumed(self, file: str, line: int) -> None:
        """Say that a file is gone on with where a run was stopped."""
        if self.as_json:
            self._line("resumed", {"file": file, "line": line})
            return
        tell(
            _(
                "resumed at line {line} of {file} (a run that was stopped had recorded the lines"
                " before)"
            ).format(line=line, file=clean(file))
        )

    def waiting(self, error: "CpodError", seconds: float, failures: int) -> None:
        """Say that something is tried again, and why."""
        if self.as_json:
            facts = {"code": error.code, "message": str(error), "failures": failures}
            self._line("retry", {**facts, "seconds": round(seconds, 3)})
            return
        tell(
            _("cpod: {message}; trying again in {seconds} s").format(
                message=clean(in_words(error)), seconds=f"{seconds:.1f}"
            )
        )

    def warning(self, message: str) -> None:
        """Say what went wrong and stops nothing."""
        if self.as_json:
            self._line("warning", {"message": message})
            return
        tell(f"cpod: {clean(in_words(message))}")

    def refused(self, receipt: "Receipt") -> None:
        """Say what was refused, and why the input ended early."""
        if not self.as_json:
            tell_refused(receipt.refusals)
            if receipt.problem is not None:
                tell(f"cpod: {clean(in_words(receipt.problem))}")
            return
        for row in refusal_rows(receipt.refusals):
            self._line("refused", row)
        if receipt.problem is not None:
            self._line("problem", {"message": receipt.problem})

    def moved(self, path: str, to: str | None) -> None:
        """Say where a file that was followed is now, which people see in its receipt."""
        if self.as_json:
            self._line("file", {"file": path, "moved_to": to})

    @staticmethod
    def _line(event: str, facts: dict[str, object]) -> None:
        from ledger.domain.values.instants import format_instant

        head = {"time": format_instant(time.time_ns()), "event": event}
        tell_json(head | facts)
