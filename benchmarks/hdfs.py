"""Compare `tfs.dataset` over files in an HDFS on this machine with the same files on its disk.

python -m benchmarks.hdfs                      # with a NameNode and a DataNode, as in the tests
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import tfspark_magic as tfs
from benchmarks import data
from benchmarks.timing import Table, Way, report
from tests.hdfs.cluster import Hdfs
from tfspark_magic.sources.filesystem import open_filesystem

_BATCH = 8_192
_PIECE = 8 << 20


class FastHdfs(Hdfs):
    """Use Java's optimizing compiler, and the block size of a fast HDFS."""

    java_options = ("-XX:TieredStopAtLevel=4", "-Xmx1g")


def main() -> None:
    """Report the times of both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hdfs", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the rows")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each way")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where to keep the tables")
    options = parser.parse_args()
    numbers = data.numbers(options.data, int(10_000_000 * options.scale))
    vectors = data.vectors(options.data, int(1_000_000 * options.scale), 128)
    with tempfile.TemporaryDirectory() as folder:
        hdfs = FastHdfs(Path(folder), datanodes=1, settings={"dfs.blocksize": 128 << 20})
        try:
            for path, columns, what in (
                (numbers, ["x", "y", "a", "b", "c"], "rows of 5 numbers"),
                (vectors, ["features"], "vectors of 128 float32"),
            ):
                ways = _ways(str(path), _copied(path, hdfs.uri), columns)
                report(Table(f"{path.name}: {what}", "local disk", ways), options.runs)
        finally:
            hdfs.stop()


def _copied(path: Path, uri: str) -> str:
    """Copy a folder of files into HDFS, and return its path."""
    for file in sorted(path.glob("*.parquet")):
        filesystem, inside = open_filesystem(f"{uri}/{path.name}/{file.name}")
        with filesystem.open_output_stream(inside) as target, file.open("rb") as source:
            while piece := source.read(_PIECE):
                target.write(piece)
    return f"{uri}/{path.name}"


def _ways(local: str, remote: str, columns: list[str]) -> dict[str, Way]:
    shapes = {"features": 128} if columns == ["features"] else {}

    def loop(path: str) -> Callable[[], int]:
        return lambda: sum(1 for _ in tfs.dataset(path, columns, _BATCH, shapes=shapes))

    def raw() -> None:
        filesystem, inside = open_filesystem(remote)
        for name in sorted(Path(local).glob("*.parquet")):
            reader = filesystem.handler.client.read(f"{inside}/{name.name}")
            for _ in reader.read_range_stream(0, len(reader)):
                pass

    def plain() -> None:
        for name in sorted(Path(local).glob("*.parquet")):
            with name.open("rb", buffering=0) as file:
                while file.read(_PIECE):
                    pass

    return {
        "tfs.dataset, local disk": Way(loop(local)),
        "tfs.dataset, HDFS": Way(loop(remote)),
        "the bytes alone, local disk": Way(plain),
        "the bytes alone, HDFS (hdfs-native)": Way(raw),
    }


if __name__ == "__main__":
    main()
