"""Calls to the system fail: a disk that does not sync, write or truncate loses nothing."""

import lines
import pytest
from children import children
from disk import CALLS, built, faults
from scenes import SCENES
from stages import Stage


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A stage on a disk that can fail; skipped where no compiler is there to make one."""
    library = built(tmp_path_factory.mktemp("library"))
    if library is None:
        pytest.skip("a disk that fails is made by a C compiler, and there is none")
    with children(library) as crew:
        yield Stage(crew, tmp_path_factory.mktemp("stage"), lines.small(1))


PLAYED = [each for each in SCENES if each.name != "rebuild by two"]
"""To a disk it is as the catching up by two."""


@pytest.mark.parametrize("played", PLAYED, ids=lambda each: each.name)
@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.deep)])
def test_a_call_that_fails_is_one_line_at_most(failing, played, times):
    """For once, or from then on: what was committed is there, and the same command finishes."""
    ended, _ = failing.expected(played)
    tried = [fault for kind in range(len(CALLS)) for fault in faults(ended, kind, times)]
    assert tried
    for fault in tried:
        came = failing.play(played, disk=fault)
        assert came in {f"exit {code}" for code in played.exits | {5}}, fault


def test_the_disk_really_fails(failing):
    """What cannot be synced is not recorded: the command says so."""
    played = next(each for each in SCENES if each.name == "ingest more")
    ended, _ = failing.expected(played)
    assert min(ended.points[f"disk {kind}"] for kind in range(len(CALLS))) > 0
    fault = next(fault for fault in faults(ended, 0, 1) if fault.last > fault.first)
    assert failing.play(played, disk=fault) == "exit 5"
