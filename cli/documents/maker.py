"""What makes the pages of a PDF: this program, to the byte, and the libraries that set them."""

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

import cli

_LIBRARIES: Final = ("typst", "babel", "tzdata")
_PACKAGES: Final = ("cli", "ledger")
_SUFFIXES: Final = frozenset({".py", ".typ", ".mo"})
_DIGITS: Final = 16


def maker() -> str:
    """Return what makes pages here; where two say the same, a report has the same bytes.

    The version is not enough: it stays the same while the program is changed. Raises ImportError
    where a library is missing.
    """
    libraries = (f"{name} {version(name)}" for name in _LIBRARIES)
    return ", ".join((f"cpod {cli.__version__} ({_fingerprint()})", *libraries))


@cache
def _fingerprint() -> str:
    """Return the beginning of the SHA-256 over every file of the program that can change a page."""
    root = Path(cli.__file__).parents[1]
    found = sha256()
    for file in sorted(file for name in _PACKAGES for file in (root / name).rglob("*")):
        if file.suffix in _SUFFIXES:
            found.update(f"{file.relative_to(root)}\0".encode())
            found.update(sha256(file.read_bytes()).digest())
    return found.hexdigest()[:_DIGITS]
