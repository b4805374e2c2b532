"""What a run counts, in Prometheus's text format, in a file that is whole at every moment."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.atomic import write_pieces

if TYPE_CHECKING:
    from ledger.commands.ingest.ingest import Batch

_COUNTERS: Final = {
    "cpod_ingest_lines_read_total": "Lines that were read and have their verdict.",
    "cpod_ingest_read_bytes_total": "Bytes of these lines, inflated.",
    "cpod_ingest_events_appended_total": "Events that were appended, those that had waited too.",
    "cpod_ingest_lines_duplicate_total": "Lines whose event was recorded already.",
    "cpod_ingest_lines_refused_total": "Lines that were refused when they were judged, by code.",
    "cpod_ingest_lines_taken_over_total": "Lines that a stopped run had recorded.",
    "cpod_ingest_batches_total": "Transactions that were committed.",
    "cpod_ingest_retries_total": "Tries that followed one that a busy or lost ledger made fail.",
    "cpod_ingest_files_total": "Files of a directory that were moved away, by where to.",
}
_LABELLED: Final = frozenset({"cpod_ingest_lines_refused_total", "cpod_ingest_files_total"})
"""Counters that begin once there is something to count."""
_GAUGES: Final = {
    "cpod_ingest_up": "Whether the run goes on: 1, or 0 once it has ended.",
    "cpod_ingest_start_time_seconds": "When the run began, in seconds since 1970.",
    "cpod_ingest_last_batch_time_seconds": "When the last batch was committed, likewise.",
    "cpod_ingest_last_batch_duration_seconds": "How long the last batch took, retries included.",
    "cpod_ingest_last_position": "The last position that the run has given to an event.",
}

_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts what a run does, and writes it to a file after each batch."""

    def __init__(
        self,
        path: str,
        on_trouble: Callable[[OSError], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the file; `on_trouble` is told, once, that it cannot be written."""
        self._path = Path(path)
        self._on_trouble = on_trouble
        self._troubled = False
        self._clock = clock
        self._counts: Counter[tuple[str, _Labels]] = Counter(
            {(name, ()): 0 for name in _COUNTERS if name not in _LABELLED}
        )
        self._values: dict[str, float] = {
            "cpod_ingest_up": 1,
            "cpod_ingest_start_time_seconds": clock(),
        }
        self.write()

    def batch(self, batch: "Batch") -> None:
        """Count a transaction."""
        self._add("lines_read", batch.lines)
        self._add("read_bytes", batch.size)
        self._add("events_appended", batch.appended)
        self._add("lines_duplicate", batch.duplicates)
        for code, lines in batch.refused.items():
            self._add("lines_refused", lines, code=code)
        self._add("batches", 1)
        self._values["cpod_ingest_last_batch_time_seconds"] = self._clock()
        self._values["cpod_ingest_last_batch_duration_seconds"] = batch.seconds
        if batch.last_position is not None:
            self._values["cpod_ingest_last_position"] = batch.last_position
        self.write()

    def retry(self) -> None:
        """Count a further try."""
        self._add("retries", 1)
        self.write()

    def taken_over(self, lines: int) -> None:
        """Count lines that a stopped run had recorded."""
        self._add("lines_taken_over", lines)

    def file(self, folder: str) -> None:
        """Count a file that was moved to a folder of that name."""
        self._add("files", 1, folder=folder)
        self.write()

    def end(self) -> None:
        """Say that the run is over."""
        self._values["cpod_ingest_up"] = 0
        self.write()

    def _add(self, what: str, number: int, **labels: str) -> None:
        self._counts[f"cpod_ingest_{what}_total", tuple(labels.items())] += number

    def write(self) -> None:
        """Write the file, whole or not at all."""
        try:
            write_pieces(self._path, (self.text().encode(),))
        except OSError as error:
            if not self._troubled:
                self._troubled = True
                self._on_trouble(error)

    def text(self) -> str:
        """Return all that is counted, in the text format."""
        samples: dict[str, list[tuple[_Labels, float]]] = {}
        for (name, labels), number in self._counts.items():
            samples.setdefault(name, []).append((labels, number))
        for name, value in self._values.items():
            samples[name] = [((), value)]
        kinds: tuple[tuple[str, Mapping[str, str]], ...] = (
            ("counter", _COUNTERS),
            ("gauge", _GAUGES),
        )
        return "".join(
            _family(name, kind, text, samples[name])
            for kind, texts in kinds
            for name, text in texts.items()
            if name in samples
        )


def _family(name: str, kind: str, text: str, samples: list[tuple[_Labels, float]]) -> str:
    lines = [f"# HELP {name} {_escaped(text)}", f"# TYPE {name} {kind}"]
    for labels, value in sorted(samples):
        pairs = ",".join(f'{label}="{_escaped(said, quoted=True)}"' for label, said in labels)
        lines.append(f"{name}{f'{{{pairs}}}' if pairs else ''} {value!r}")
    return "".join(f"{line}\n" for line in lines)


def _escaped(text: str, *, quoted: bool = False) -> str:
    """Return a text as it stands in a line of help, or between the quotes of a label."""
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quoted else text
