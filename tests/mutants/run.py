"""Which changes of the code the tests notice: tried one by one, in a copy, until the time is over.

Run by `make mutants`. It prints the share that is noticed, by folder, and each change that is not.
"""

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import pickle
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from changes import Change, changes
from hypothesis import HealthCheck, Phase, settings
from trying import Covered, Runner, collected, coverage, in_a_child, try_cold, try_warm

CHECKOUT = Path(__file__).resolve().parents[2]
COPIED = ("cli", "ledger", "tests", "docs", "demo", "README.md", "pyproject.toml")
KEPT = CHECKOUT / "build" / "mutants"
EQUIVALENT = Path(__file__).with_name("equivalent.txt")

OF_ALL = ("unit", "answers", "test_*.py", "properties")
TESTS = {
    "ledger/domain": (*OF_ALL, "commands/test_verdicts.py", "commands/test_envelope.py"),
    "ledger/projections": (*OF_ALL, "access", "drill_downs", "documents", "commands"),
    "ledger/commands": (*OF_ALL, "commands", "proof", "access", "cli", "storage"),
    "ledger/proof": ("proof", "unit"),
}
"""Where the tests of a folder are; of any other they are everywhere."""

OF_SERVERS = ("postgres", "jetstream", "feeding")
"""What only a real server or broker puts to the test: it is not changed."""

ELSEWHERE = ("crash/", "broker/", "docs/", "fuzz/", "mutants/", "storage/test_log_processes")
"""Tests that run another process, which no change of this one reaches; or are no tests."""

SLOWEST = 1_800
"""Seconds that the tests of one file may take while they are measured."""

PATIENCE, TIMES = 30, 5
"""A change that takes so many seconds, and so many times as long as the tests, does not end."""


def main() -> None:
    """Try changes, and say which of them no test notices."""
    given = _arguments()
    random.seed(given.seed)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        _copy(root)
        _settle(root)
        every = [one for path in _modules(root, given.folders) for one in changes(root, path)]
        known = _listed(EQUIVALENT)
        again = _listed(KEPT / "survivors.txt") if given.again else None
        tried = [
            change
            for change in every
            if "postgres" not in change.before
            and change.key not in known
            and (again is None or change.key in again)
        ]
        gone = [key for key in known if _is_of(key, given.folders)] if again is None else []
        for key in sorted(set(gone) - {change.key for change in every}):
            print(f"listed as equivalent, and not there any more: {key}")
        random.shuffle(tried)
        given.tests = given.tests or _tests_of(root, given.folders)
        print(f"{len(tried)} changes of {', '.join(given.folders)}", flush=True)
        _report(given, _results(root, tried, given), len(tried))


def _is_of(path: str, folders: list[str]) -> bool:
    return any(path.startswith(folder) for folder in folders)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", default=["ledger/domain"])
    parser.add_argument("--limit", type=float, default=600, help="seconds that it may try")
    parser.add_argument("--seed", type=int, default=0, help="which changes come first")
    parser.add_argument("--budget", type=float, default=20, help="seconds of tests for a change")
    parser.add_argument("--tests", nargs="+", help="other tests than those of the folders")
    parser.add_argument("--again", action="store_true", help="only those not noticed last time")
    return parser.parse_args()


def _copy(root: Path) -> None:
    for name in COPIED:
        if (CHECKOUT / name).is_dir():
            left_out = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(CHECKOUT / name, root / name, ignore=left_out)
        else:
            shutil.copy(CHECKOUT / name, root / name)


def _settle(root: Path) -> None:
    """Work in the copy: what is imported, here and by processes that tests start, comes from it."""
    shared = CHECKOUT.parent / "shared"
    if shared.is_dir():
        os.environ.setdefault("CPOD_SHARED", str(shared))
    os.environ["PYTHONPATH"] = str(root)
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    settings.register_profile(
        "mutants",
        deadline=None,
        derandomize=True,
        max_examples=20,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    os.chdir(root)


def _listed(file: Path) -> set[str]:
    """Return the keys of changes in a file: lines, but for comments and what is indented."""
    if not file.exists():
        return set()
    return {line for line in file.read_text("utf-8").splitlines() if line[:1] not in {"", "#", " "}}


def _modules(root: Path, folders: list[str]) -> Iterator[str]:
    for folder in folders:
        found = [root / folder] if folder.endswith(".py") else sorted((root / folder).rglob("*.py"))
        kept = (path for path in found if not any(name in path.name for name in OF_SERVERS))
        yield from (str(path.relative_to(root)) for path in kept)


def _tests_of(root: Path, folders: list[str]) -> list[str]:
    """Return the paths of the tests of folders, each once."""
    found: dict[str, None] = {}
    for folder in folders:
        patterns = next((TESTS[of] for of in TESTS if folder.startswith(of)), ("*",))
        for pattern in patterns:
            paths = sorted((root / "tests").glob(pattern))
            found |= dict.fromkeys(str(path.relative_to(root)) for path in paths)
    return list(found)


def _results(
    root: Path, tried: list[Change], given: argparse.Namespace
) -> Iterator[tuple[Change, str | None]]:
    """Yield each change with the test that notices it, or None."""
    for name in ("pydantic", "sqlalchemy", "click", "jiter", "babel", "eventsourcing.persistence"):
        __import__(name)
    warm = [change for change in tried if change.function is not None]
    cold = [change for change in tried if change.function is None]
    receiving, sending = multiprocessing.Pipe(duplex=False)
    fork = multiprocessing.get_context("fork")
    server = fork.Process(target=_serve, args=(root, warm, given, sending))
    server.start()
    sending.close()
    try:
        covered = receiving.recv()
        start, share = time.monotonic(), len(warm) / max(1, len(tried))
        killers: Counter[str] = Counter()
        while time.monotonic() < start + given.limit * share:
            change, test = receiving.recv()
            killers[test or ""] += 1
            yield change, test
    except EOFError:
        pass  # every one has been tried
    finally:
        server.kill()
    for change in cold:
        if time.monotonic() > start + given.limit:
            break
        names = _chosen(covered, change, killers, given.budget)
        yield change, _tried(partial(try_cold, root, change, names), covered, names)


def _serve(root: Path, warm: list[Change], given: argparse.Namespace, sending: object) -> None:
    """Collect the tests, say what they cover, and try changes within functions, one by one."""

    def serve(runner: Runner) -> None:
        runner.items = {name: item for name, item in runner.items.items() if _is_here(name)}
        covered = _covered(runner, root)
        sending.send(covered)
        killers: Counter[str] = Counter()
        for change in warm:
            names = _chosen(covered, change, killers, given.budget)
            test = _tried(partial(try_warm, runner, root, change, names), covered, names)
            killers[test or ""] += 1
            sending.send((change, test))

    collected(given.tests, serve)


def _is_here(name: str) -> bool:
    path = name.removeprefix("tests/")
    return not path.startswith(ELSEWHERE) and "postgres" not in name and "process" not in path


def _covered(runner: Runner, root: Path) -> dict[str, Covered]:
    """Return what each test covers. A file of tests is measured again when it has changed."""
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / "covered"
    kept = pickle.loads(file.read_bytes()) if file.exists() else {}
    names: dict[str, list[str]] = {}
    for name in runner.items:
        names.setdefault(name.partition("::")[0], []).append(name)
    for path, of_file in names.items():
        digest = hashlib.sha256((root / path).read_bytes()).hexdigest()
        if kept.get(path, ("",))[0] != digest:
            found = in_a_child(partial(coverage, runner, root, of_file), SLOWEST) or {}
            kept[path] = (digest, found)
            file.write_bytes(pickle.dumps(kept))
    return {name: one for path in names for name, one in kept[path][1].items()}


def _chosen(
    covered: dict[str, Covered], change: Change, killers: Counter[str], budget: float
) -> list[str]:
    """Return the tests to try: those that run the function, what noticed most and runs least first.

    What runs at the import is tried by those that run anything of the module, else by all.
    """
    place = (change.path, change.function or "")
    names = [name for name, one in covered.items() if place in one.functions]
    if change.function is None:
        paths = {name: {path for path, _ in one.functions} for name, one in covered.items()}
        names = [name for name in covered if change.path in paths[name]] or list(covered)
    chosen, left = [], budget
    for name in sorted(names, key=lambda name: (-killers[name], len(covered[name].functions))):
        if covered[name].seconds <= left:
            chosen.append(name)
            left -= covered[name].seconds
    return chosen


def _tried(work: partial[str | None], covered: dict[str, Covered], names: list[str]) -> str | None:
    if not names:
        return None
    seconds = PATIENCE + TIMES * sum(covered[name].seconds for name in names)
    try:
        found = in_a_child(lambda: (work(),), seconds)
    except TimeoutError:
        return "(does not end)"
    return "(ends the process)" if found is None else found[0]


def _report(
    given: argparse.Namespace, results: Iterator[tuple[Change, str | None]], whole: int
) -> None:
    """Print, and keep, what is not noticed as it is found; print the share at the end."""
    noticed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (
        (KEPT / "survivors.txt").open("w", encoding="utf-8") as kept,
        contextlib.suppress(KeyboardInterrupt),  # what was tried until then counts
    ):
        for change, test in results:
            folder = next(name for name in given.folders if change.path.startswith(name))
            tried[folder] += 1
            noticed[folder] += test is not None
            if test is None:
                number, place = sum(tried.values()), f"{change.path}:{change.line}"
                print(f"{number}. {place} {change.function or '-'}")
                print(f"  - {change.before}\n  + {change.after}", flush=True)
                print(change.key, file=kept, flush=True)
    for folder in given.folders:
        if tried[folder]:
            share = 100 * noticed[folder] / tried[folder]
            print(f"{folder}: {noticed[folder]} of {tried[folder]} noticed ({share:.1f} %)")
    print(f"tried {sum(tried.values())} of {whole} (seed {given.seed})")


if __name__ == "__main__":
    main()
