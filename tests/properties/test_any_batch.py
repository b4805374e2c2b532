"""Facts that nobody has sent before are accepted all at once, as each would be by itself."""

import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from playing import a_ledger, refused, send
from worlds import worlds

from ledger.commands.ingest.judge import Judge


def held(ledger, events, size):
    """All that a ledger holds once it was sent events, in batches, the last ones twice."""
    receipts = [send(ledger, events, batch_size=size), send(ledger, events[-5:], batch_size=size)]
    counts = [receipt.answer() | {"seconds": None} for receipt in receipts]
    last = ledger.log.head().position
    rows, nodes = ledger.log.read(0, limit=last + 1), ledger.log.nodes(range(1, last + 1))
    return rows, nodes, sorted(ledger.log.audit().homes()), refused(ledger), counts


@examples(0.6)
@given(events=worlds(), size=st.sampled_from((1, 3, 1000)))
def test_many_new_facts_are_accepted_as_each_by_itself(events, size):
    """Positions, streams, versions, bytes, hashes, homes, what waits, and the receipts."""
    with a_ledger() as ledger:
        at_once = held(ledger, events, size)
    with a_ledger() as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Judge, "_are_new_facts", lambda *_: False)
        assert held(ledger, events, size) == at_once
