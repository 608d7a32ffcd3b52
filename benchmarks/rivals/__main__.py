"""Compare this package with TensorFlow alone, Ray Data and Daft, over the same files.

make bench-rivals                                   # installs them in build/rivals, and runs all of it
build/rivals/bin/python -m benchmarks.rivals --scale 0.1 --only pictures

Each way runs in a process of its own. One that crashes, fails, gives wrong results or does not end is
a line of the table.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import psutil

from benchmarks.processor_time import ProcessorTime
from benchmarks.rivals.parts import PARTS, Part, cores

WAYS = {
    "tfs, in this process": "with_tfs.Here",
    "tfs, on Spark": "with_tfs.OnSpark",
    "TensorFlow alone": "with_tensorflow.Alone",
    "Ray Data": "with_ray.RayData",
    "Daft": "with_daft.Daft",
}
PACKAGES = ("tensorflow", "pyspark", "pyarrow", "ray", "daft")


Result = dict[str, Any]
"""The seconds and processor seconds of each run, and how it was done; or only why there are none."""


def main() -> None:
    """Parse the command line, and print a table for each part."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rivals",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be repeated")
    parser.add_argument("--scale", type=float, default=1.0, help="fraction of the rows")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each way")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where to keep the files")
    parser.add_argument("--minutes", type=float, default=30, help="the longest time for a way")
    parser.add_argument("--way", choices=WAYS, help="only this one, in this process; prints JSON")
    options = parser.parse_args()
    parts = options.only or list(PARTS)
    if options.way:
        part = PARTS[parts[0]](options.data.resolve(), options.scale)
        print(json.dumps(_measured(parts[0], part, options.way, options.runs)))
        return
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    print(f"{cores()} cores, Python {platform.python_version()}, {packages}")
    for name in parts:
        title = PARTS[name](options.data.resolve(), options.scale).title
        results = {way: _in_a_process(name, way, options) for way in WAYS}
        _report(f"{title} ({options.runs} runs)", {w: r for w, r in results.items() if r})


def _in_a_process(part: str, way: str, options: argparse.Namespace) -> Result | None:
    arguments = ["--only", part, "--way", way, "--data", str(options.data)]
    arguments += ["--scale", str(options.scale), "--runs", str(options.runs)]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.rivals", *arguments],
            stdout=said, stderr=errors, env=environment,
        )  # fmt: skip
        try:
            code = process.wait(60 * options.minutes)
        except subprocess.TimeoutExpired:
            _end(process)
            return {"why": f"did not end in {options.minutes:g} minutes"}
        lines, why = (_lines(file) for file in (said, errors))
    if code < 0:
        return {"why": f"crashed: {signal.Signals(-code).name}"}
    if code:
        return {"why": f"failed: {why[-1].strip()[:200] if why else f'exit code {code}'}"}
    found: Result | None = json.loads(lines[-1])
    return found


def _lines(file: IO[str]) -> list[str]:
    file.seek(0)
    return [line for line in file if line.strip()]


def _end(process: subprocess.Popen[bytes]) -> None:
    started = psutil.Process(process.pid).children(recursive=True)
    for one in (*started, process):
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()


def _measured(name: str, part: Part, way: str, runs: int) -> Result | None:
    """Check a way, run it once to warm up, then time it."""
    module, _, kind = WAYS[way].partition(".")
    ways = getattr(importlib.import_module(f"benchmarks.rivals.{module}"), kind)
    if not hasattr(ways, name):
        return None
    job = getattr(ways(), name)(part.work)
    part.check(job.results())
    job.run()
    result: Result = {"how": job.how, "seconds": [], "processor": []}
    for _ in range(runs):
        with ProcessorTime() as processor:
            start = time.perf_counter()
            job.run()
            result["seconds"].append(time.perf_counter() - start)
        result["processor"].append(processor.seconds)
    return result


def _report(title: str, results: dict[str, Result]) -> None:
    base = next((statistics.median(r["seconds"]) for r in results.values() if "seconds" in r), 1.0)
    first = next(iter(results))
    print(f"\n| {title} | median s | min | max | processor s | x {first} |")
    print("| --- | --- | --- | --- | --- | --- |")
    for way, result in results.items():
        if "why" in result:
            print(f"| {way} | {result['why']} | | | | |")
            continue
        seconds, processor = result["seconds"], statistics.median(result["processor"])
        median = statistics.median(seconds)
        print(
            f"| {way} | {median:.3f} | {min(seconds):.3f} | {max(seconds):.3f} | {processor:.2f} "
            f"| {median / base:.2f} |"
        )
    print()
    for way, result in results.items():
        if "how" in result:
            print(f"- {way}: {result['how']}")
    print(f"- load of the machine: {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
