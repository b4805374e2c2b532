"""Asking: the books, each view as a whole process, and how long the program takes to start."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from material import ROOT, Material
from report import Row, duration

from cli.main import ASK, COMMANDS
from ledger import Ledger

_TIMES = 3
_STARTS = 15
_BUDGET_SECONDS = 80.0
"""Books are not made anew for another view after so long, and a view is asked once."""
_NOT_ASKED = frozenset({"diff", "trace", "replay", "export"})
"""Commands that walk all of history, or ask about one event."""
_BESIDE = Path(sys.executable).with_name("cpod")

CPOD: tuple[str, ...] = (str(_BESIDE),) if _BESIDE.exists() else (sys.executable, "-m", "cli")
"""The command that is measured: the one that was installed with this Python."""


def process(*arguments: str) -> tuple[float, subprocess.CompletedProcess[bytes]]:
    """Return the seconds that a whole process takes, and what came of it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = time.perf_counter()
    done = subprocess.run(arguments, capture_output=True, check=False, cwd=ROOT, env=environment)
    return time.perf_counter() - begun, done


def books_seconds(found: Material, place: Path) -> float:
    """Return the seconds in which the books of the whole log are made anew."""
    del found
    with Ledger.open(f"sqlite:///{place / 'cpod.db'}") as ledger:
        begun = time.perf_counter()
        ledger.rebuild()
        return time.perf_counter() - begun


def view_seconds(found: Material, place: Path) -> list[Row]:
    """Return, by view, the seconds with warm books, and with none."""
    base = [*CPOD, "--ledger", f"sqlite:///{place / 'cpod.db'}"]
    asked = _a_place(base, found)
    rows = []
    begun = time.perf_counter()
    for name in [name for name, heading in COMMANDS if heading == ASK and name not in _NOT_ASKED]:
        command = [*base, name, *asked.get(name, ()), "--as-of", found.as_of]
        in_time = time.perf_counter() - begun < _BUDGET_SECONDS
        if in_time:
            for file in place.glob("cpod.db-books*"):
                file.unlink()
        cold, done = process(*command)
        if done.returncode:
            rows.append(Row(name, note=done.stderr.decode().strip()))
            continue
        warm = statistics.median(process(*command)[0] for _ in range(_TIMES if in_time else 1))
        size = f"{len(done.stdout) / 1024:,.0f} KiB of output"
        rows.append(Row(name, duration(warm), duration(cold) if in_time else "", size))
    return rows


def _a_place(base: Sequence[str], found: Material) -> dict[str, tuple[str, ...]]:
    """Return the arguments of the views that want some: the entitlement that was used most."""
    everything = ("packages", "--kind", "all", "--state", "all", "--as-of", found.as_of)
    _, done = process(*base, *everything, "--format", "json")
    packages: list[dict[str, Any]] = json.loads(done.stdout)["packages"]
    _, contract, package, entitlement = max(
        (float(line["consumed"]), package["contract"], package["package"], line["entitlement"])
        for package in packages
        for line in package["consumables"]
    )
    return {
        "packages": ("--kind", "all"),
        "statement": (package, entitlement),
        "explain": (package, entitlement),
        "history": ("--package", package),
        "report": (contract,),
        "chart": (package, entitlement),
    }


def start_seconds() -> list[Row]:
    """Return the seconds of `cpod --help`, beside those of Python itself."""
    commands = {
        "python -c pass": (sys.executable, "-c", "pass"),
        "cpod --help": (*CPOD, "--help"),
        "cpod --version": (*CPOD, "--version"),
    }
    return [
        Row(name, duration(statistics.median(process(*command)[0] for _ in range(_STARTS))))
        for name, command in commands.items()
    ]
