"""Compile the catalogues whenever cpod is built, so that an installed one speaks every language."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCatalogues(build_py):
    """Builds the modules; the catalogues are compiled first, beside their sources."""

    def run(self) -> None:
        """Compile, then build."""
        for source in Path("cli").rglob("*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))
        super().run()


setup(cmdclass={"build_py": BuildWithCatalogues})
