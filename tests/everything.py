"""Importing all of `cpod`, so that a copy of the process begins at once with whatever is asked."""

from importlib import import_module
from pkgutil import walk_packages

_LATE = ("pydantic.plugin._loader", "cryptography.hazmat.primitives.ciphers.aead", "psycopg")


def import_everything() -> None:
    """Import what commands import late: modules of our own, and the largest of others."""
    for package in ("ledger", "cli"):
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    for name in _LATE:
        import_module(name)
