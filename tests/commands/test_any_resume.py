"""Any file, stopped anyhow, changed anyhow, and resumed: the ledger is that of a plain ingest.

The oracle has no bookmarks: it splits the bytes, and sends all lines again to a ledger of its own.
"""

import gzip
from collections import Counter
from typing import NamedTuple

import pytest
from hypothesis import event as noted
from hypothesis import given, settings
from hypothesis import strategies as st
from sending import (
    FOUNDATION,
    Desk,
    contract,
    counts,
    event,
    grant,
    labour,
    line,
    opening,
    package,
    transfer,
)

from ledger.commands.sources.lines import Line
from ledger.errors import LedgerUnreachable

ACCEPTED = [*FOUNDATION, *(opening(f"C{number}") for number in range(4)), labour("C1")]
WAITING = [package("Late", "K2"), contract("K2"), grant("Late", id="late-grant")]
REFUSED = [event("nonsense", {}, id="wrong"), b"no json", b"\xff", opening("C1", title="other")]
ORDERLY = [
    package("Q", lines=[line(), line("E2")]),
    transfer(25, ("Q", "E"), ("Q", "E2")),  # more than there is, before the grant
    grant("Q", id="more"),
]
BLANK = [b"", b"  ", b"\t"]
ANY_LINE = st.sampled_from([*ACCEPTED, *WAITING, *REFUSED, *ORDERLY, *BLANK])
FILES = st.lists(st.tuples(ANY_LINE, st.sampled_from([b"\n", b"\r\n"])), min_size=3, max_size=24)
CHANGES = ["none", "append", "edit", "swap", "truncate", "replace", "ends", "cut"]


class Killed(BaseException):
    """Stands for the end of the process: nothing of the program handles it."""


class Stop(NamedTuple):
    """How the first run is stopped."""

    kind: str
    number: int


STOPS = st.builds(
    Stop,
    st.sampled_from(["between", "errors", "before commit", "behind commit"]),
    st.integers(1, 5),
)


def written(lines):
    return b"".join(raw + end for raw, end in lines)


@st.composite
def changed(draw, lines):
    """Return the bytes of a file as it is found again."""
    whole = draw(st.booleans())
    lines = list(lines)
    kind = draw(st.sampled_from(CHANGES))
    place = draw(st.integers(0, len(lines) - 1))
    if kind == "append":
        lines += draw(FILES)
    elif kind == "edit":
        lines[place : place + draw(st.integers(0, 2))] = draw(FILES)[:2]
    elif kind == "swap":  # as many bytes as before
        lines[1:3] = lines[2:0:-1]
    elif kind == "truncate":
        lines = lines[:place]
    elif kind == "replace":
        lines = draw(FILES)
    elif kind == "ends":
        lines = [(raw, b"\n" if end == b"\r\n" else b"\r\n") for raw, end in lines]
    text = written(lines)
    if kind == "cut":
        text = text[: draw(st.integers(0, len(text)))]
    return kind, text if whole else text.removesuffix(b"\n").removesuffix(b"\r")


@st.composite
def stories(draw):
    lines = draw(FILES)
    kind, after = draw(changed(lines))
    return written(lines), kind, after


def parsed(text):
    """Return the lines of a file that are not blank, by the plainest means there are."""
    found = enumerate(text.split(b"\n"), 1)
    found = [(number, raw.removesuffix(b"\r")) for number, raw in found]
    return [Line("f", number, raw) for number, raw in found if raw.strip()]


def stopped(desk, path, stop, size, lines):
    """Run until it is stopped in one of its batches; return how many lines are recorded."""
    if stop.kind == "errors" or not lines:
        return desk.ledger.ingest([path], batch_size=size, max_errors=stop.number).read
    stop = stop._replace(number=min(stop.number, -(-lines // size)))
    if stop.kind == "between":
        with pytest.raises(Killed):
            desk.ledger.ingest([path], batch_size=size, on_batch=killing(stop.number))
    else:
        with failing(desk, stop), pytest.raises(LedgerUnreachable):
            desk.ledger.ingest([path], batch_size=size)
    return min(lines, size * (stop.number - (stop.kind == "before commit")))


def killing(batches):
    """Return what is told of batches, and ends the run with the one of that number."""
    left = [Killed] * batches

    def batch(_):
        left.pop()
        if not left:
            raise Killed

    return batch


class failing:  # noqa: N801 - it reads as what it does
    """Lets one transaction of a desk fail, before its commit or behind it."""

    def __init__(self, desk, stop):
        self._log, self._stop = desk.log, stop

    def __enter__(self):
        self._writing, self._left = self._log.writing, self._stop.number
        self._log.writing = self._next

    def __exit__(self, *error):
        self._log.writing = self._writing

    def _next(self):
        self._left -= 1
        inner, fails = self._writing(), self._left == 0
        behind = self._stop.kind == "behind commit"

        class Writing:
            def __enter__(self):
                return inner.__enter__()

            def __exit__(self, *error):
                if not fails:
                    return inner.__exit__(*error)
                lost = LedgerUnreachable("the connection is lost")
                if behind:
                    inner.__exit__(*error)
                else:
                    inner.__exit__(LedgerUnreachable, lost, None)
                raise lost

        return Writing()


def holds(desk):
    """Return what a ledger holds: events as often as they are there, and what waits, from where."""
    events = Counter((row.stream, row.topic, row.state) for row in desk.rows())
    return events, sorted((held.raw, held.code, held.line, held.waits_for) for held in desk.held())


def by_the_oracle(recorded, left, *, killed):
    """Return what a ledger holds that was sent these lines, and then those.

    A run that was killed has not tried again what waited; the next one does, at its end.
    """
    desk = Desk()
    if killed and recorded:
        with pytest.raises(Killed):
            desk.send(lines=recorded, batch_size=1, on_batch=killing(len(recorded)))
    else:
        desk.send(lines=recorded, batch_size=1)
    desk.send(lines=left, batch_size=1)
    return holds(desk)


@given(stories(), STOPS, st.integers(1, 4), st.tuples(st.booleans(), st.booleans()))
@settings(max_examples=max(150, settings.default.max_examples))
def test_any_file_is_gone_on_with_as_if_it_never_was_stopped(
    tmp_path_factory, story, stop, size, zipped
):
    """Valid, broken, doubled and blank lines, any ends, gzip or not: the same events and counts."""
    before, change, after = story
    folder, desk = tmp_path_factory.mktemp("any"), Desk()
    path = folder / "f"
    path.write_bytes(gzip.compress(before) if zipped[0] else before)
    sent, found = parsed(before), parsed(after)
    recorded = sent[: stopped(desk, str(path), stop, size, len(sent))]
    under_way = 0 < len(recorded) < len(sent)
    assert [kept.lines for kept in desk.log.intakes()] == [len(recorded)] * under_way
    rows = desk.log.head().position

    path.write_bytes(gzip.compress(after) if zipped[1] else after)
    told = []
    receipt = desk.ledger.ingest(
        [str(path)], batch_size=size, on_resume=lambda *where: told.append(where[2])
    )

    passed = [each.raw for each in found[: len(recorded)]]
    goes_on = under_way and passed == [each.raw for each in recorded]
    left = found[len(recorded) :] if goes_on else found
    noted(f"{stop.kind}, {change}, resumed: {goes_on}")
    assert holds(desk) == by_the_oracle(recorded, left, killed=stop.kind != "errors")

    assert told == [len(recorded)] * goes_on
    assert receipt.taken_over == len(recorded) * goes_on
    waiting = {held.raw for held in desk.held()}
    assert counts(receipt)[:2] == (len(left), desk.log.head().position - rows)
    assert receipt.refused == sum(each.raw in waiting for each in left)
    assert receipt.refused_before == sum(raw in waiting for raw in passed if goes_on)
    assert receipt.is_clean == (not receipt.refused and not receipt.refused_before)
    assert desk.log.intakes() == [] or not goes_on
