"""The proof in a report: read as it is written, and nothing that is written in another way."""

import copy
from base64 import b64encode

import pytest

from ledger.audit.report_proof import FORM, read, whole_streams, written
from ledger.proof.verifier import DoesNotHold

HASH = b64encode(bytes(32)).decode()
PROOF = {
    "form": FORM,
    "checkpoint": "c",
    "hashes": [HASH],
    "streams": [
        {"stream": "a", "whole": True, "events": [[1, 1, "0", "t", "{}"], [2, 4, "7", "t", "é"]]},
        {"stream": "b", "whole": False, "events": [[2, 3, "5", "t", "x"], [4, 5, "7", "u", ""]]},
    ],
}


def changed(path, value):
    """The proof with one value changed; ... takes it away."""
    proof = copy.deepcopy(PROOF)
    place = proof
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return proof


def test_what_is_written_is_read_and_written_again():
    """By position, whatever the stream."""
    found = read(PROOF)
    assert [(row.position, row.stream, row.version) for row in found.rows] == [
        (1, "a", 1), (3, "b", 2), (4, "a", 2), (5, "b", 4),
    ]  # fmt: skip
    last = found.rows[-1]
    assert (last.topic, last.state, last.recorded_at) == ("u", b"", 7)
    assert (found.checkpoint, found.hashes, found.whole) == (b"c", [bytes(32)], {"a": 2})
    assert written(found) == PROOF


@pytest.mark.parametrize("value", [None, [], "proof", 1, {}])
def test_a_proof_is_an_object(value):
    with pytest.raises(DoesNotHold, match="an object of checkpoint, form, hashes, streams"):
        read(value)


EVENT = ("streams", 0, "events", 0)


@pytest.mark.parametrize(
    "path,values",
    [
        (("form",), [..., "other", 1, None]),
        (("checkpoint",), [..., 1, None]),
        (("more",), [1]),
        (("hashes",), [..., None, "x", ["x"], [1], [HASH[:-1]]]),
        (("streams",), [..., None, {}, [1], [{}]]),
        (("streams", 0, "stream"), [..., 1, None, "b", "c", ""]),
        (("streams", 1, "stream"), ["a", "A"]),
        (("streams", 0, "whole"), [..., None, 1, "true"]),
        (("streams", 1, "whole"), [True]),
        (("streams", 0, "more"), [1]),
        (("streams", 0, "events"), [..., None, {}, [], [1], [[]]]),
        (EVENT, [[], [1, 1, "0", "t"], [1, 1, "0", "t", "{}", 1], {}, "x"]),
        ((*EVENT, 0), [0, -1, 2, 3, "1", 1.0, True, None, 2**63]),
        ((*EVENT, 1), [0, -1, 3, 4, "1", True, None, 10**18]),
        ((*EVENT, 2), [0, "", "-0", "1.0", "01", " 1", "1" + "0" * 19, None]),
        ((*EVENT, 3), [1, None]),
        ((*EVENT, 4), [1, None, {}]),
    ],
)
def test_whatever_is_written_in_another_way_does_not_hold(path, values):
    """With one line, and never with an error of ours."""
    for value in values:
        with pytest.raises(DoesNotHold):
            read(changed(path, value))


def test_the_first_and_the_largest_numbers_are_read():
    assert read(changed((*EVENT, 1), 2)).rows[0].position == 2
    assert read(changed(("streams", 1, "events", 1, 0), 10**18 - 1)).rows[-1].version > 10**17
    assert read(changed((*EVENT, 2), "-9")).rows[0].recorded_at == -9


def test_streams_are_whole_up_to_their_last_version():
    rows = read(PROOF).rows
    assert whole_streams(rows, {"a", "b", "c"}) == {"a": 2, "b": 4}
    assert whole_streams(rows[::-1], ["b"]) == {"b": 4}
    assert whole_streams(rows, []) == {}
