"""A table of any size is converted in bounded memory, in the order of the file or sorted."""

import tracemalloc

import pytest
from tables import PROFILE

from ledger.convert.conversion import Conversion
from ledger.convert.profile import read_profile
from ledger.convert.table import Table

ROWS = 60_000


@pytest.mark.deep
@pytest.mark.parametrize("order, limit", [("file", 8 * 2**20), ("time", 48 * 2**20)])
def test_a_long_table_takes_no_more_memory_than_a_short_one(tmp_path, order, limit):
    path = tmp_path / "t.csv"
    with path.open("w") as file:
        file.write("Id,At,N\n")
        file.writelines(f"{n},2025-01-10 0{n % 9}:00,{n % 7}\n" for n in range(ROWS))
    profile = read_profile(f'order = "{order}"\n{PROFILE}'.encode(), "p.toml")
    tracemalloc.start()
    try:
        conversion = Conversion(profile, Table(str(path), profile.file))
        made = sum(1 for _ in conversion.run())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made + conversion.misfit_rows == ROWS
    assert peak < limit
