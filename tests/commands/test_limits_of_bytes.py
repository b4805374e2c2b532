"""The limit of an event, to the byte: when it comes, when it waits, and when it is tried again."""

import json

import pytest
from sending import Desk, contract, counts, event, workspace

from ledger.commands.ingest.retry_waiting import retry_line
from ledger.commands.sources.lines import EVENT_LIMIT
from ledger.storage.log import HeldLine


def of_size(size, type_name="contract.mapped", **data):
    """An event of exactly so many bytes."""
    data = data or {"contract": "K", "workspace": "W"}
    short = event(type_name, data, id="long", padding="")
    return event(type_name, data, id="long", padding="x" * (size - len(short)))


def test_a_waiting_line_of_exactly_the_limit_is_let_in():
    """One mebibyte is no byte too much."""
    desk = Desk()
    raw = of_size(EVENT_LIMIT)
    assert len(raw) == 2**20
    assert counts(desk.send(raw, workspace())) == (2, 1, 0, 0, 1)
    assert desk.codes() == ["unknown-contract"]
    assert counts(desk.send(contract())) == (1, 2, 1, 0, 0)
    assert (desk.ids(), desk.held()) == (["ws-W", "ct-K", "long"], [])


@pytest.mark.parametrize("more,refused", [(-1, False), (0, False), (1, True)])
def test_a_line_that_is_tried_again_may_be_as_long_as_one_that_comes(more, refused):
    held = HeldLine(1, "line-too-long", "f", 1, "r", b"x" * (EVENT_LIMIT + more), None, 0)
    assert (retry_line(held).refused is not None) == refused


@pytest.mark.parametrize("more,codes", [(-1, []), (0, []), (1, ["line-too-long"])])
def test_a_line_of_a_file_is_measured_without_its_end(tmp_path, more, codes):
    """Line feed, with or without a carriage return, or the end of the file: the same line."""
    opening = {"case": "C", "workspace": "W", "title": "t", "support_type": "reactive"}
    raw = of_size(EVENT_LIMIT + more, "case.opened", **opening)
    for end in (b"\n", b"\r\n", b""):
        file = tmp_path / "f.jsonl"
        file.write_bytes(raw + end)
        desk = Desk()
        desk.ledger.ingest([str(file)])
        assert desk.codes() == codes
        if not codes:
            assert json.loads(raw)["id"] in desk.ids()
