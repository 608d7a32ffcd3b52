"""The stop button of a real kernel, while a cell waits for classic Spark."""

from __future__ import annotations

import threading

import pytest

LONG = 120

START = """
%load_ext tfspark_magic
import time
import tfspark_magic as tfs
from tfspark_magic.executor.jobs import start

spark = tfs.session("local[2]", spark_ui_enabled=False)

def slow(seconds):
    def wait(blocks):
        for block in blocks:
            time.sleep(seconds)
            yield block
    return spark.range(0, 1, 1, 1).mapInArrow(wait, "id long")

def active():
    return len(spark.sparkContext.statusTracker().getActiveJobsIds())

print(slow(0).count())
"""


@pytest.fixture(scope="module")
def kernel():
    manager = pytest.importorskip("jupyter_client.manager")
    kernel, client = manager.start_new_kernel()
    yield kernel, client
    client.stop_channels()
    kernel.shutdown_kernel(now=True)


def test_a_cell_that_is_stopped_stops_its_jobs_and_no_others(kernel):
    kernel, client = kernel
    printed: list[str] = []

    def run(code: str) -> dict:
        def on_output(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        printed.clear()
        reply = client.execute_interactive(code, timeout=LONG, output_hook=on_output)
        return reply["content"]

    assert run(START)["status"] == "ok"
    assert "".join(printed).split()[-1] == "1"
    for _ in range(3):
        pressing = threading.Timer(1.5, kernel.interrupt_kernel)
        pressing.start()
        assert run("slow(60).collect()")["ename"] == "KeyboardInterrupt"
        assert printed == []
        pressing.join()
        run("time.sleep(0.5); print(active())")
        assert printed == ["0\n"]

    run("kept = start(slow(10).count, spark=spark)")
    pressing = threading.Timer(2, kernel.interrupt_kernel)
    pressing.start()
    assert run("slow(60).count()")["ename"] == "KeyboardInterrupt"
    pressing.join()
    run("time.sleep(0.5); print(active(), kept.wait(60), kept.result)")
    assert printed == ["1 done 1\n"]
