"""Scenes: commands that are stopped, what was there before, and what has to be there after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lines import PERSON

SMALL_CHUNK = {
    "ledger.projections.books.catch_up:CHUNK": 7,
    "ledger.commands.ingest.retry:SECONDS": 0.5,
    "ledger.commands.ingest.retry:LONG_SECONDS": 0.5,
}
"""The books commit after so many events, so that a small ledger has many commits; and nobody waits
for long for a disk that stays full."""

BY_TWO = SMALL_CHUNK | {
    "ledger.projections.books.catch_up:_PIECE": 7,
    "ledger.projections.books.catch_up:_LONG": 1,
    "ledger.projections.books.catch_up:_TOGETHER": 2,
}
"""Books are made by two processes, however few events there are."""

KEY = "another-key"


@dataclass(frozen=True)
class Scene:
    """A command, and how it is brought about."""

    name: str
    argv: Sequence[str]
    """`{place}` stands for the folder of the scene."""
    begins: str = "nothing"
    """What is there before: see `stages.Stage.begin`."""
    exits: frozenset[int] = frozenset({0})
    """With what the command may end, undisturbed."""
    again: frozenset[int] = frozenset()
    """With what else it may end when it is given again: it had been done, and says so."""
    settings: Mapping[str, Any] = field(default_factory=lambda: SMALL_CHUNK)
    makes: frozenset[str] = frozenset()
    """The files that it writes."""
    only: frozenset[str] = frozenset({"sqlite", "postgres"})
    """Where there is such a command."""


INGEST = ("ingest", "--init", "--batch-size", "16", "{place}/lines.jsonl", "--format", "json")
SCENES = (
    Scene("ingest", INGEST, exits=frozenset({1})),
    Scene("ingest more", INGEST, begins="half", exits=frozenset({1})),
    Scene("resume", INGEST, begins="torn", exits=frozenset({1})),
    Scene(
        "follow",
        ("ingest", "--init", "--follow", "{place}/in", "--until-empty", "--batch-size", "16"),
        exits=frozenset({1}),
        again=frozenset({0}),
        makes=frozenset({"in"}),
    ),
    Scene("catch-up", ("summary", "--as-of", "2025-06-01"), begins="all"),
    Scene("rebuild", ("rebuild",), begins="asked"),
    Scene("catch-up by two", ("summary", "--as-of", "2025-06-01"), "all", settings=BY_TWO),
    Scene("rebuild by two", ("rebuild",), begins="asked", settings=BY_TWO),
    Scene("quarantine retry", ("quarantine", "retry"), begins="held", exits=frozenset({0, 1})),
    Scene(
        "seal",
        ("seal", "--key", "{place}/key", "--output", "{place}/checkpoint"),
        begins="all",
        makes=frozenset({"checkpoint", "key.checkpoint"}),
    ),
    Scene(
        "key new",
        ("key", "new", "--output", f"{{place}}/{KEY}"),
        begins="all",
        again=frozenset({2}),
        makes=frozenset({KEY}),
        only=frozenset({"sqlite"}),
    ),
    Scene(
        "backup",
        ("backup", "{place}/copy.db"),
        begins="all",
        again=frozenset({2}),
        makes=frozenset({"copy.db"}),
        only=frozenset({"sqlite"}),
    ),
    Scene(
        "export to a file",
        ("packages", "--kind", "all", "--as-of", "2025-06-01", "--output", "{place}/packages.csv"),
        begins="asked",
        makes=frozenset({"packages.csv"}),
    ),
    Scene(
        "erase",
        ("erase", PERSON, "--reason", "asked for", "--confirm", PERSON),
        begins="asked",
        again=frozenset({4}),
    ),
)


def scene(name: str) -> Scene:
    """Return the scene of a name."""
    return next(each for each in SCENES if each.name == name)
