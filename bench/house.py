"""`make house`: how far it is from a command to the SQL, and how the files lie beside each other.

One line of input and one `packages` with warm books are run under Python's profiler. Counted are
the files and functions of the product that ran, the deepest stack, and how many frames of it were
above the statement that wrote or read. Nothing here passes or fails.
"""

import ast
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("cli", "ledger", "web")
ONE_FILE_EACH = {"cli/commands", "ledger/projections/views", "ledger/domain/events"}
"""Folders that hold one file a command, a view or a family of events, however many there are."""

EXECUTING = {"execute", "executemany"}
AIMS = {"files": (38, 42), "frames": (10, 10), "loose": 15, "circles": 0}

EVENT = (
    b'{"specversion":"1.0","id":"%d","source":"/house","type":"case.labour_recorded",'
    b'"time":"2025-03-0%dT09:00:00Z","data":{"case":"C-1","minutes":30}}\n'
)


EXAMPLE = ROOT / "docs" / "examples" / "balances.jsonl"


class Walk(NamedTuple):
    """What ran between a command and its answer."""

    files: int
    functions: int
    deepest: int
    down: int
    """Frames above the statement that wrote an event, or read a posting."""


class Profile:
    """Counts the frames of the product while a command runs."""

    def __init__(self, sought: tuple[str, ...]) -> None:
        self.seen: set[CodeType] = set()
        self.deepest = 0
        self.down = 0
        self._sought = sought

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and ours(frame.f_code):
            self.seen.add(frame.f_code)
            self.deepest = max(self.deepest, depth(frame))
        elif (
            event == "c_call"
            and getattr(argument, "__name__", "") in EXECUTING
            and any(part in text for text in texts(frame) for part in self._sought)
        ):
            self.down = max(self.down, depth(frame))


def texts(frame: FrameType) -> Iterator[str]:
    """Yield the texts that a function has at hand, among them the statement that it executes."""
    code = frame.f_code
    named = (frame.f_globals.get(name) for name in code.co_names)
    yield from (
        each
        for each in (*frame.f_locals.values(), *named, *code.co_consts)
        if isinstance(each, str)
    )


def ours(code: CodeType) -> bool:
    """Return whether a function is of the product; comprehensions are of their function."""
    inside = any(code.co_filename.startswith(f"{ROOT / name}{os.sep}") for name in PRODUCT)
    return inside and not code.co_name.startswith("<")


def depth(frame: FrameType | None) -> int:
    """Return how many frames of the product are on the stack."""
    found = 0
    while frame is not None:
        found += ours(frame.f_code)
        frame = frame.f_back
    return found


def walked(words: list[str], sought: tuple[str, ...]) -> Walk:
    """Run a command in this process and return what ran."""
    from cli.main import run

    profile = Profile(sought)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        sys.setprofile(profile)
        try:
            code = run(words)
        finally:
            sys.setprofile(None)
    if code != 0:
        raise SystemExit(f"cpod {' '.join(words)} ended with {code}")
    files = {code.co_filename for code in profile.seen}
    return Walk(len(files), len(profile.seen), profile.deepest, profile.down)


def product_files() -> Iterator[Path]:
    """Yield the Python files of the product."""
    for name in PRODUCT:
        yield from sorted((ROOT / name).rglob("*.py"))


def loose_files() -> tuple[str, int]:
    """Return the folder with the most files beside each other, and how many."""
    folders = Counter(
        str(path.parent.relative_to(ROOT)) for path in product_files() if path.stem != "__init__"
    )
    return max(
        ((name, many) for name, many in folders.items() if name not in ONE_FILE_EACH),
        key=lambda each: each[1],
    )


def imports() -> dict[str, set[str]]:
    """Return which module imports which, within functions too, not for type checkers alone."""
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in product_files()
    }
    return {name: set(imported(ast.parse(path.read_text()), names)) for name, path in names.items()}


def imported(tree: ast.AST, names: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of the product that a module imports."""
    if isinstance(tree, ast.If) and getattr(tree.test, "id", "") == "TYPE_CHECKING":
        return
    if isinstance(tree, ast.ImportFrom) and tree.module is not None:
        for alias in tree.names:
            inner = f"{tree.module}.{alias.name}"
            yield from (name for name in (inner,) if name in names)
            if inner not in names and tree.module in names:
                yield tree.module
    for child in ast.iter_child_nodes(tree):
        yield from imported(child, names)


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, by way of others too."""
    reached = {name: reachable(name, graph.__getitem__) for name in graph}
    groups = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in graph
        if name in reached[name]
    }
    return [list(group) for group in sorted(groups) if len(group) > 1]


def reachable(start: str, after: Callable[[str], set[str]]) -> set[str]:
    """Return what can be reached from a module, by one import or more."""
    found: set[str] = set()
    waiting = list(after(start))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(after(name))
    return found


def print_walks(place: Path) -> None:
    """Print what one event and one question run through."""
    first, second = place / "1.jsonl", place / "2.jsonl"
    first.write_bytes(EVENT % (1, 1) + EXAMPLE.read_bytes())
    second.write_bytes(EVENT % (2, 2))
    ledger = ["--ledger", f"sqlite:///{place / 'cpod.db'}"]
    walked([*ledger, "ingest", "--init", str(first)], ())
    asked = [*ledger, "packages", "--kind", "all", "--as-of", "2025-06-30"]
    walked(asked, ())
    event = walked([*ledger, "ingest", str(second)], ("INSERT INTO events",))
    walked(asked, ())
    question = walked(asked, ("FROM postings",))
    print(f"{'':32}{'files':>7}{'functions':>11}{'deepest':>9}{'to the SQL':>12}{'aim':>20}")
    for name, walk, aim in (("one event in", event, 0), ("one question out", question, 1)):
        told = f"{AIMS['files'][aim]} files, {AIMS['frames'][aim]} frames"
        print(f"{name:32}{walk.files:7}{walk.functions:11}{walk.deepest:9}{walk.down:12}{told:>20}")


def main() -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory() as place:
        print_walks(Path(place))
    folder, many = loose_files()
    found = circles(imports())
    lines = sum(len(path.read_text().splitlines()) for path in product_files())
    print(f"\nfiles of the product: {sum(1 for _ in product_files())}, lines: {lines:,}")
    print(f"most files beside each other: {many} in {folder} (aim {AIMS['loose']})")
    print(f"circles of imports: {len(found)} (aim {AIMS['circles']})")
    for circle in found:
        print(f"  {', '.join(circle)}")


if __name__ == "__main__":
    main()
