"""Whatever bytes are sent: each line has its verdict, nothing is lost, nothing breaks or hangs."""

import io
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mutations import inputs
from sending import Desk, counts

from ledger.commands.ingest.parse import prepare
from ledger.commands.sources.inputs import Source
from ledger.domain.refusals import CODES, Refusal
from ledger.errors import UsageError
from ledger.storage.vault.commitments import compared

SECONDS = 5
"""Processor time that one small input may take, on a slow machine."""

VIEWS = ("summary", "packages", "additional", "cases", "engagements", "unplaced", "education")


class Dribble:
    """A pipe that gives a few bytes at a time."""

    def __init__(self, content):
        self._rest = io.BytesIO(content)

    def read(self, size):
        return self._rest.read(min(size, 7))


def received(content, *, slowly=False):
    """Return the lines; of what is no text there are none."""
    lines = iter(Source(["-"], Dribble(content) if slowly else io.BytesIO(content)))
    try:
        first = next(lines, None)
    except UsageError:
        return []
    return [] if first is None else [first, *lines]


def account_for(desk, sent):
    """Each line is stored or held, as it came; what is refused by itself is held for that."""
    held = {row.raw: row for row in desk.held()}
    keys = {f"{e.source}\x1f{e.id}" for e, _ in stored(desk)}
    for line in sent:
        prepared = prepare(desk.ledger.codec, line)
        if prepared.refusal is not None and prepared.key is None:
            assert held[line.raw].code == prepared.refusal.code
        assert line.raw in held or prepared.key in keys
    assert set(held) <= {line.raw for line in sent}
    assert {row.code for row in held.values()} <= set(CODES)


def stored(desk):
    codec = desk.ledger.codec
    for row in desk.log.read(0):
        envelope, event = codec.decode(row.topic, row.state, row.position)
        yield envelope, event
        again = codec.receive(codec.sent(row))
        assert not isinstance(again, Refusal)
        typed = codec.typed(again)
        assert not isinstance(typed, Refusal)
        assert compared(typed.state, row.state) is not None
        assert codec.recorded(row).id == envelope.id


@given(inputs(), st.booleans())
@example(b"[" + b"[" * 2_000 + b'"' + b'\\"' * 40_000, False)
def test_every_line_of_any_input_is_stored_or_held_and_answers_go_on(content, slowly):
    begun = time.process_time()
    sent = received(content, slowly=slowly)
    desk = Desk()
    receipt = desk.send(lines=sent, batch_size=3)
    assert counts(receipt)[0] == len(sent)
    account_for(desk, sent)
    before = desk.rows()
    counts(desk.send(lines=sent))
    assert desk.rows()[: len(before)] == before
    for view in VIEWS:
        desk.ledger.ask(view, as_of="2026-01-01")
    assert desk.ledger.check()["ok"] is True
    assert time.process_time() - begun < SECONDS


@pytest.mark.deep
@given(inputs())
def test_every_line_of_any_input_is_stored_or_held_on_disk(tmp_path_factory, content):
    sent = received(content)
    desk = Desk(f"sqlite:///{tmp_path_factory.mktemp('l') / 'l.db'}")
    counts(desk.send(lines=sent))
    account_for(desk, sent)
    memory = Desk()
    memory.send(lines=sent)
    assert memory.rows() == desk.rows()
    desk.ledger.close()


@given(inputs())
def test_one_batch_is_as_many_batches_of_one(content):
    sent = received(content)
    whole, single = Desk(), Desk()
    assert counts(whole.send(lines=sent)) == counts(single.send(lines=sent, batch_size=1))
    assert whole.rows() == single.rows()
    assert [held[1:4] for held in whole.held()] == [held[1:4] for held in single.held()]
