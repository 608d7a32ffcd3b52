"""Test that encoded Arrow arrays, such as categoricals of Polars and pandas, are read as their values."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pyarrow import ipc

import tfspark_magic as tfs
from tests.sources.test_files import table_of
from tfspark_magic.sources.schemas import decoded, plain_type

# Polars' types for pl.Categorical, pl.Enum, and lists and structs of them.
CATEGORIES = pa.array(["a", None, "b", "longer than twelve bytes"], pa.string_view())
INDICES = pa.array([0, 3, None, 2], pa.uint32())
CATEGORICAL = pa.DictionaryArray.from_arrays(INDICES, CATEGORIES)
VIEWS = pa.ListViewArray.from_arrays(
    pa.array([2, 0, 1, 0], pa.int32()), pa.array([1, 2, 2, 0], pa.int32()), pa.array([10, 20, 30])
)
STRUCT = pa.StructArray.from_arrays(
    [VIEWS, CATEGORICAL], ["a", "b"], mask=pa.array([False, True, False, False])
)
ARRAYS = {
    "categorical": CATEGORICAL,
    "large": pa.DictionaryArray.from_arrays(INDICES, CATEGORIES.cast(pa.large_string())),
    "bytes": pa.DictionaryArray.from_arrays(INDICES, CATEGORIES.cast(pa.binary_view())),
    "twice": pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1], pa.int8()), CATEGORICAL),
    "strings": CATEGORIES,
    "runs": pa.RunEndEncodedArray.from_arrays([1, 3, 4], [1, 2, 3]),
    "runs of categories": pa.RunEndEncodedArray.from_arrays([1, 3, 4], CATEGORICAL.slice(0, 3)),
    "views": VIEWS,
    "large views": pa.array([[1, 2], None, [], [3]], pa.large_list_view(pa.int32())),
    "lists": pa.ListArray.from_arrays([0, 2, 2, 3, 4], CATEGORICAL),
    "large lists": pa.LargeListArray.from_arrays([0, 2, 2, 3, 4], CATEGORICAL),
    "fixed lists": pa.FixedSizeListArray.from_arrays(pa.concat_arrays([CATEGORICAL] * 2), 2),
    "maps": pa.MapArray.from_arrays([0, 2, 3, 3, 3], ["k", "l", "m"], CATEGORICAL.slice(0, 3)),
    "struct": STRUCT,
    "tensors": pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.int8(), [2, 1]),
        pa.array([[1, 2], None] * 2, pa.list_(pa.int8(), 2)),
    ),
    "lists of structs": pa.ListArray.from_arrays([0, 2, 2, 3, 4], STRUCT),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_any_slice_of_an_encoded_array_is_decoded(array):
    for part in (array, array.slice(1), array.slice(1, 2), array.slice(2, 0)):
        plain = decoded(part).cast(plain_type(part.type))
        plain.validate(full=True)
        assert plain.to_pylist() == part.to_pylist()


def test_files_of_them_are_read_filtered_and_fed(tmp_path):
    path = tmp_path / "rows.arrow"
    names = [name for name in ARRAYS if name != "twice"]
    table = pa.table({name: ARRAYS[name] for name in names})
    with ipc.new_file(path, table.schema) as file:
        file.write_table(table)
    assert table_of(tfs.files(path)).to_pylist() == table.to_pylist()
    some = tfs.files(path, filters=[("categorical", "=", "b"), ("strings", "!=", "b")])
    assert table_of(some, ["runs"]).to_pydict() == {"runs": [3]}
    (batch,) = tfs.dataset(path, ["categorical", "lists"], 4, nulls={"categorical": "?"},
                           filters=[("runs", "!=", 2)])  # fmt: skip
    assert batch["categorical"].numpy().tolist() == [b"a", b"b"]
    assert batch["lists"].to_list() == [[b"a", b"longer than twelve bytes"], [b"b"]]
