"""What starts commands to be killed, and the stages on which that is done."""

from pathlib import Path

import lines
import pytest
from children import Children, children
from stages import PostgresStage, Stage, removed


@pytest.fixture(scope="module")
def crew():
    with children() as made:
        yield made


@pytest.fixture(scope="module")
def stage(crew: Children, tmp_path_factory) -> Stage:
    """A stage with ledgers in files."""
    return Stage(crew, tmp_path_factory.mktemp("stage"), lines.small(1))


@pytest.fixture(scope="module")
def postgres_stage(crew: Children, tmp_path_factory, postgres_server):
    """A stage with ledgers on PostgreSQL."""
    folder = tmp_path_factory.mktemp("stage")
    unique = folder.with_name(f"{folder.parent.name}-{folder.name}")
    Path(folder).rename(unique)
    with removed(PostgresStage(crew, unique, lines.small(2), postgres_server)) as made:
        yield made
