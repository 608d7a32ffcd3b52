"""Filters of rows, and what statistics of row groups do not tell."""

from __future__ import annotations

import math

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.sources.test_files import table_of


@pytest.mark.parametrize(
    "filters", [[("x", "!=", 1.0)], ~(pc.field("x") == 1.0), ~(pc.field("x") < 2)]
)
def test_a_row_group_with_nan_is_read_where_nan_passes(tmp_path, filters):
    pq.write_table(pa.table({"x": [1.0, 1.0, math.nan]}), tmp_path / "a.parquet")
    found = table_of(tfs.files(tmp_path, filters=filters))
    assert [math.isnan(x) for x in found["x"].to_pylist()] == [True]


@pytest.mark.parametrize(("value", "wanted"), [(0.0, 1), (-0.0, 1), (math.nan, 1), (1.5, 0)])
def test_a_row_group_of_zeros_or_nan_is_read_where_a_list_has_them(tmp_path, value, wanted):
    """Its least zero is -0.0 by its statistics, and for a list that is no 0.0."""
    pq.write_table(pa.table({"x": [0.0, -0.0, math.nan]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [3.0]}), tmp_path / "b.parquet")
    for filters in ([("x", "in", [value])], pc.field("x").isin([value])):
        found = table_of(tfs.files(tmp_path, filters=filters))
        assert found.num_rows == wanted
        expected = pq.read_table(tmp_path / "a.parquet").filter(pq.filters_to_expression(filters))
        assert str(found["x"].to_pylist()) == str(expected["x"].to_pylist())


def test_a_row_group_without_rows_is_left_out(tmp_path):
    pq.write_table(pa.table({"x": [1.0, 2.0, 9.0, 8.0]}), tmp_path / "a.parquet", row_group_size=2)
    for filters in ([("x", ">", 5.0)], [[("x", ">", 5.0)], [("x", "==", 7.0)]]):
        assert len(tfs.files(tmp_path, filters=filters).fragments()) == 1


def test_long_lists_are_different_filters(tmp_path):
    pq.write_table(pa.table({"x": range(100)}), tmp_path / "a.parquet")
    lists = [range(40), [*range(20), 99, *range(21, 40)]]
    said = [tfs.files(tmp_path, filters=pc.field("x").isin(list(one))).filtered_by for one in lists]
    assert said[0] != said[1]
    again = tfs.files(tmp_path, filters=pc.field("x").isin(list(lists[0])))
    assert again.filtered_by == said[0]
