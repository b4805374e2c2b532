"""A run of ingest as a job: what it says, counts and leaves in files, also where it ends early."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from cli.atomic import write_pieces
from cli.errors import Terminated
from cli.language.wording import _
from cli.run.metrics import Metrics
from cli.run.refused import refusal_rows
from cli.run.voice import Voice

if TYPE_CHECKING:
    from ledger.commands.ingest.ingest import Batch
    from ledger.commands.ingest.receipt import Receipt
    from ledger.commands.sources.directory import Followed
    from ledger.errors import CpodError


class Job:
    """What stands around a run; at its end, whatever that is, its receipt and metrics are there."""

    def __init__(self, given: Mapping[str, Any], *, lasting: bool) -> None:
        """Take the options; what is `lasting` runs until it is stopped, and is patient."""
        from ledger.commands.ingest.retry import LONG_SECONDS, SECONDS, Patience

        self.voice = Voice(as_json=given["log_format"] == "json")
        retry = given["retry"]
        self.is_patient = lasting or retry is not None
        seconds = (LONG_SECONDS if lasting else SECONDS) if retry is None else float(retry)
        self.patience: Patience = Patience(seconds, self._waiting)
        self.receipt: Receipt | None = None
        self._receipt_file: str | None = given["receipt_file"]
        self._dry_run = bool(given["dry_run"])
        self._metrics_file: str | None = None if self._dry_run else given["metrics_file"]
        self._metrics: Metrics | None = None

    def __enter__(self) -> Self:
        if self._metrics_file is not None:
            self._metrics = Metrics(self._metrics_file, self._unwritable)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._metrics is not None:
            self._metrics.end()
        if self._receipt_file is None:
            return
        try:
            self.keep(Path(self._receipt_file), self.receipt, _ending(error))
        except OSError as wrong:
            if error is None:
                raise
            self._unwritable(wrong)

    @property
    def counts_batches(self) -> bool:
        """Whether anybody wants to know of batches."""
        return self.voice.as_json or self._metrics_file is not None

    def batch(self, batch: "Batch") -> None:
        """Say and count a transaction."""
        self.voice.batch(batch)
        if self._metrics is not None:
            self._metrics.batch(batch)

    def resumed(self, file: str, line: int, lines: int) -> None:
        """Say that a file is gone on with, and count the lines before."""
        self.voice.resumed(file, line)
        if self._metrics is not None:
            self._metrics.taken_over(lines)

    def file(self, followed: "Followed") -> None:
        """Say and count where a file of a directory is now."""
        self.voice.moved(followed.path, followed.moved_to)
        if followed.wrong is not None:
            self.voice.warning(
                _("{file} is done, and cannot be moved away: {reason}").format(
                    file=followed.path, reason=followed.wrong
                )
            )
        elif followed.receipt is None:
            self.voice.warning(_("{file} vanished before it was read").format(file=followed.path))
        if self._metrics is not None and followed.moved_to is not None:
            self._metrics.file(Path(followed.moved_to).parent.name)

    def keep(self, path: Path, receipt: "Receipt | None", ended: str = "done") -> None:
        """Write a receipt to a file as JSON, whole or not at all. Raises OSError."""
        from ledger.commands.ingest.receipt import NOTHING

        found = NOTHING if receipt is None else receipt
        content = {
            **found.answer(),
            "refusals": refusal_rows(found.refusals),
            "problem": found.problem,
            "ended": "stopped" if found.stopped and ended == "done" else ended,
        }
        if self._dry_run:
            content["dry_run"] = True
        text = json.dumps(content, ensure_ascii=False, indent=2)
        write_pieces(path, (f"{text}\n".encode(errors="backslashreplace"),))

    def _waiting(self, error: "CpodError", seconds: float, failures: int) -> None:
        self.voice.waiting(error, seconds, failures)
        if self._metrics is not None:
            self._metrics.retry()

    def _unwritable(self, error: OSError) -> None:
        self.voice.warning(
            _("{file} cannot be written: {reason}").format(
                file=error.filename or "?", reason=error.strerror or str(error)
            )
        )


def _ending(error: BaseException | None) -> str:
    """Return how a run ended: `done`, or the code of what stopped it."""
    from ledger.errors import CpodError

    if error is None or isinstance(error, click.exceptions.Exit):
        return "done"
    if isinstance(error, CpodError):
        return error.code
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, Terminated):
        return "terminated"
    if isinstance(error, click.ClickException):
        return "usage"
    return "out-of-reach" if isinstance(error, OSError) else "bug"
