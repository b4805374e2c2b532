"""Trying changes: tests are collected once, and each change is tried in a child of that process.

A change within a function takes the place of its code in the child alone: nothing is imported a
second time. A change of what runs at the import is tried in a child that has imported nothing of
the product yet, and reads the changed module when it does.
"""

import ast
import contextlib
import functools
import gc
import importlib.abc
import importlib.machinery
import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import NamedTuple

import pytest
from changes import Change, changed

MEMORY = 6 * 2**30
"""Bytes of address space that a child may have."""

OPTIONS = ("-p", "no:xdist", "-p", "no:cacheprovider", "-x", "--strict-markers")


def in_a_child(work: Callable[[], object], seconds: float) -> object:
    """Return what some work gives in a child of this process; TimeoutError when it takes longer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setpgid(0, 0)
        with contextlib.suppress(BaseException):
            found = pickle.dumps(work())
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(found)
        os._exit(0)
    os.close(writing)
    return _collected(child, reading, seconds)


def _collected(child: int, reading: int, seconds: float) -> object:
    ends, content = time.monotonic() + seconds, b""
    try:
        while True:
            ready, _, _ = select.select([reading], [], [], max(0, ends - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = os.read(reading, 2**20)
            if not part:
                return pickle.loads(content) if content else None
            content += part
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


class Runner:
    """A plugin of pytest: once the tests are collected, it hands them to `serve`."""

    def __init__(self, serve: Callable[["Runner"], object]) -> None:
        self.items: dict[str, pytest.Item] = {}
        self.found: object = None
        self._serve = serve
        self._failed = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Hand the tests over, in place of running them all."""
        self.items = {item.nodeid: item for item in session.items}
        self.found = self._serve(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a failure."""
        self._failed = self._failed or report.failed

    def fails(self, name: str, next_name: str | None = None) -> bool:
        """Run one test, and return whether it fails."""
        item = self.items[name]
        following = self.items[next_name] if next_name else None
        self._failed = False
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return self._failed

    def first_failing(self, names: list[str]) -> str | None:
        """Run tests until one fails; return which."""
        following = [*names[1:], None]
        pairs = zip(names, following, strict=True)
        return next((name for name, after in pairs if self.fails(name, after)), None)


def collected(paths: list[str], serve: Callable[[Runner], object]) -> object:
    """Collect tests, and return what `serve` gives with them. Nothing is written on a terminal."""
    runner = Runner(serve)
    quietly = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quietly, stream)
    pytest.main([*OPTIONS, *paths], plugins=[runner])
    return runner.found


class Covered(NamedTuple):
    """How long a test takes, and which functions of the product it runs."""

    seconds: float
    """Of a processor: the same however busy the machine is."""
    functions: frozenset[tuple[str, str]]
    """Paths, and the outermost functions in them."""


def coverage(runner: Runner, root: Path, names: list[str]) -> dict[str, Covered]:
    """Run tests, and return what those that pass cover; for a child that is thrown away."""
    found = {}
    for name, after in zip(names, [*names[1:], None], strict=True):
        seen: set[CodeType] = set()
        start = time.process_time()
        sys.settrace(lambda frame, _event, _argument, seen=seen: seen.add(frame.f_code))
        fails = runner.fails(name, after)
        sys.settrace(None)
        if not fails:
            found[name] = Covered(time.process_time() - start, frozenset(_functions(root, seen)))
    return found


def _functions(root: Path, seen: set[CodeType]) -> Iterator[tuple[str, str]]:
    for code in seen:
        path = code.co_filename.removeprefix(f"{root}/")
        if path.startswith(("ledger/", "cli/")):
            yield path, _outermost(code)


def _outermost(code: CodeType) -> str:
    """Return the name of the outermost function that some code is in."""
    return code.co_qualname.partition(".<locals>")[0]


def try_warm(runner: Runner, root: Path, change: Change, names: list[str]) -> str | None:
    """Return the test that notices a change within a function; for a child that is thrown away."""
    _bounded()
    tree = changed(root, change)
    code = compile(tree, str(root / change.path), "exec", dont_inherit=True)
    new = next(found for found in _codes(code) if found.co_qualname == change.function)
    if not _put(new):
        return f"{change.function} is not there"
    return runner.first_failing(names)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _put(new: CodeType) -> bool:
    """Put code in the place of what has its name, in every function that there is of it."""
    place = (new.co_filename, new.co_qualname, new.co_firstlineno)
    found = False
    for one in gc.get_objects():
        if isinstance(one, FunctionType):
            code = one.__code__
            if (code.co_filename, code.co_qualname, code.co_firstlineno) == place:
                one.__code__ = new
                found = True
        elif isinstance(one, functools._lru_cache_wrapper):
            one.cache_clear()
    return found


def try_cold(root: Path, change: Change, names: list[str]) -> str | None:
    """Return the test that notices a change of what runs at the import, in such a child."""
    _bounded()
    path = str(root / change.path)
    sys.meta_path.insert(0, _Changed(path, changed(root, change)))
    files = sorted({name.partition("::")[0] for name in names})

    def serve(runner: Runner) -> tuple[str | None]:
        return (runner.first_failing([name for name in names if name in runner.items]),)

    (name,) = collected(files, serve) or ("what collects the tests",)
    return name


class _Changed(importlib.abc.MetaPathFinder):
    """Finds one module, changed."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self._path, self._tree = path, tree

    def find_spec(self, name: str, path: object, target: object = None) -> object:
        """Return where a module is; the one that is changed is read from its tree."""
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin != self._path:
            return None
        loader, tree = spec.loader, self._tree
        loader.get_code = lambda _name: compile(tree, self._path, "exec", dont_inherit=True)
        return spec


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
