"""The proof that a report carries: its form, written and read.

    {"form": "cpod/report-proof/v1",
     "checkpoint": "contoso.example/cpod ...",
     "hashes": ["iNLV...", ...],
     "streams": [{"stream": "contract:K", "whole": true,
                  "events": [[1, 2, "1763836800000000001", "contract.signed", "{...}"], ...]}]}

An event is its version in the stream, its position, when it was recorded (nanoseconds since 1970,
as text: it is longer than many programs take a number to be), its topic and its state, as they
stand in its leaf. Streams stand by name, events by version; there is one way to write a proof.
"""

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from ledger.proof.verifier import DoesNotHold, read_hash
from ledger.storage.log import StoredRow

FORM: Final = "cpod/report-proof/v1"

_MOST: Final = 10**18
"""Above every position and version."""

_NANOSECONDS: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")


class ReportProof(NamedTuple):
    """What a report carries beside its numbers."""

    checkpoint: bytes
    rows: Sequence[StoredRow]
    """The events, by position."""
    hashes: Sequence[bytes]
    """What leads from their leaves to the root."""
    whole: Mapping[str, int]
    """The streams that are carried whole, each with the version that it is carried up to."""


def written(proof: ReportProof) -> dict[str, object]:
    """Return a proof as the JSON that a report carries."""
    streams: dict[str, list[StoredRow]] = defaultdict(list)
    for row in proof.rows:
        streams[row.stream].append(row)
    return {
        "form": FORM,
        "checkpoint": proof.checkpoint.decode(),
        "hashes": [b64encode(one).decode() for one in proof.hashes],
        "streams": [
            {
                "stream": stream,
                "whole": stream in proof.whole,
                "events": [_event(row) for row in sorted(streams[stream], key=_by_version)],
            }
            for stream in sorted(streams)
        ],
    }


def _by_version(row: StoredRow) -> int:
    return row.version


def _event(row: StoredRow) -> list[object]:
    return [row.version, row.position, str(row.recorded_at), row.topic, row.state.decode()]


def read(value: object) -> ReportProof:
    """Return the proof of a report. Raises DoesNotHold for what is not written as it has to be."""
    proof = _object(value, {"form", "checkpoint", "hashes", "streams"}, "proof")
    if proof["form"] != FORM:
        raise DoesNotHold(
            "its proof is not of the form {form}, the one that is known here", form=FORM
        )
    rows: list[StoredRow] = []
    whole: dict[str, int] = {}
    before = ""
    for number, part in enumerate(_list(proof["streams"], "proof.streams")):
        where = f"proof.streams[{number}]"
        stream = _object(part, {"stream", "whole", "events"}, where)
        name = _text(stream["stream"], f"{where}.stream")
        if name <= before:
            raise DoesNotHold(
                "{where}: the streams do not stand in their order, each once", where=where
            )
        before = name
        found = list(_rows(name, stream["events"], f"{where}.events"))
        rows += found
        if type(stream["whole"]) is not bool:
            raise DoesNotHold("{where}.whole: true or false is expected", where=where)
        if stream["whole"]:
            whole[name] = _last_version(name, found)
    rows.sort()
    _assert_one_each(rows)
    return ReportProof(
        checkpoint=_text(proof["checkpoint"], "proof.checkpoint").encode(),
        rows=rows,
        hashes=[
            read_hash(_text(one, "proof.hashes")) for one in _list(proof["hashes"], "proof.hashes")
        ],
        whole=whole,
    )


def _rows(stream: str, events: object, where: str) -> Iterator[StoredRow]:
    """Yield the events of a stream, in their order."""
    before = 0
    for number, event in enumerate(_list(events, where)):
        at = f"{where}[{number}]"
        if type(event) is not list or len(event) != 5:  # noqa: PLR2004 - as the form says
            raise DoesNotHold(
                "{where}: version, position, time, topic and state are expected", where=at
            )
        version, position, recorded_at, topic, state = event
        moment = _text(recorded_at, at)
        if not _NANOSECONDS.fullmatch(moment):
            raise DoesNotHold("{where}: the time is no number of nanoseconds", where=at)
        version = _number(version, at)
        if version <= before:
            raise DoesNotHold(
                "{where}: the events do not stand in the order of their versions", where=at
            )
        before = version
        yield StoredRow(
            _number(position, at),
            stream,
            version,
            _text(topic, at),
            _text(state, at).encode(),
            int(moment),
        )


def _last_version(stream: str, rows: Sequence[StoredRow]) -> int:
    """Return up to where a stream is carried whole: its versions run from 1 without a gap."""
    for expected, row in enumerate(rows, 1):
        if row.version != expected:
            raise DoesNotHold(
                "the stream {stream} is not whole: version {expected} is missing",
                stream=stream,
                expected=expected,
            )
    if not rows:
        raise DoesNotHold("the stream {stream} is not whole: it is empty", stream=stream)
    return len(rows)


def _assert_one_each(rows: Sequence[StoredRow]) -> None:
    for one, other in pairwise(rows):
        if one.position == other.position:
            raise DoesNotHold(
                "two events are said to stand at position {position}", position=one.position
            )


def whole_streams(rows: Iterable[StoredRow], streams: Collection[str]) -> dict[str, int]:
    """Return the last version of each of the streams that rows hold something of."""
    found: dict[str, int] = {}
    for row in rows:
        if row.stream in streams:
            found[row.stream] = max(row.version, found.get(row.stream, 0))
    return found


def _object(value: object, names: set[str], where: str) -> dict[str, Any]:
    if type(value) is not dict or value.keys() != names:
        raise DoesNotHold(
            "{where}: an object of {names} is expected", where=where, names=", ".join(sorted(names))
        )
    return value


def _list(value: object, where: str) -> list[Any]:
    if type(value) is not list:
        raise DoesNotHold("{where}: a list is expected", where=where)
    return value


def _text(value: object, where: str) -> str:
    if type(value) is not str:
        raise DoesNotHold("{where}: a text is expected", where=where)
    return value


def _number(value: object, where: str) -> int:
    if type(value) is not int or not 0 < value < _MOST:
        raise DoesNotHold("{where}: a whole number, 1 or more, is expected", where=where)
    return value
