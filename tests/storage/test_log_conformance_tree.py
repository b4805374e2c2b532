"""One suite for every backend: the Merkle tree over the events, and the seals over it."""

import pytest
from places import fact, write_some

from ledger.errors import Damaged
from ledger.proof.leaf import leaf_bytes
from ledger.proof.merkle import Tree, grow
from ledger.storage.log import Seal


def test_every_event_is_a_leaf_of_one_tree(place):
    """The nodes are those of the stored bytes, however the events were put into transactions."""
    log = place.create()
    write_some(log)
    with log.writing() as writer:
        writer.append([fact("workspace:\u00dc", 1)])
        writer.append([fact("workspace:\u00dc", 2)])
        assert len(writer.nodes([writer.tail.position])[0]) == 2 * 32
    leaves = [
        leaf_bytes(
            row.position,
            row.recorded_at,
            row.stream.encode(),
            row.version,
            row.topic.encode(),
            row.state,
        )
        for row in log.read(0)
    ]
    assert log.nodes(range(1, len(leaves) + 1)) == grow(0, [], leaves)
    with pytest.raises(Damaged):
        log.nodes([len(leaves) + 1])


def test_a_root_says_which_events_there_are_up_to_a_position(place):
    """It is that of the tree, within a transaction too; where no event is, there is none."""
    log = place.create()
    assert log.root_at(0) is log.root_at(1) is None
    write_some(log)
    with log.writing() as writer:
        writer.append([fact("a", number) for number in range(1, 300)])
        assert writer.root_at(303) == Tree(writer.nodes).root(303)
        assert log.root_at(303) is None
    for position in (1, 2, 3, 4, 5, 255, 256, 257, 303):
        assert log.root_at(position) == Tree(log.nodes).root(position)
    assert place.reader().root_at(304) is None


def test_seals_keep_their_order(place):
    """A seal is kept byte for byte, with its number and its time."""
    log = place.create()
    with log.writing() as writer:
        first = writer.seal(0, "key", b"one")
        assert writer.seals() == [first]
    with log.writing() as writer:
        stamp = writer.append([fact("a", 1)])
        second = writer.seal(1, "key", b"two\n")
    assert (first.number, first.size, first.checkpoint) == (1, 0, b"one")
    assert second == Seal(2, 1, stamp, "key", b"two\n")
    assert log.seals() == [first, second]
