from __future__ import annotations

import re
import sys
import threading
import time
from types import SimpleNamespace

import ipywidgets
import pytest

from tfspark_magic.executor import jobs
from tfspark_magic.executor.jobs import Progress
from tfspark_magic.notebook.run_panel import RunPanel
from tfspark_magic.notebook.run_status import running_html, seconds, steps
from tfspark_magic.notebook.waiting import has_computed, waits_for

LONG = 120
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def until(condition, seconds=LONG):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def panel():
    panel = RunPanel()
    yield panel
    until(lambda: not panel._busy and not jobs.running())


def idle(panel) -> None:
    until(lambda: not panel._busy)
    until(lambda: panel.cancel.layout.display == "none")


def test_done_says_what_was_made_and_shows_it(panel):
    ended = []
    job = panel.run(
        "scored", lambda: 1_000_000, show=lambda n: f"<{n}>", on_end=ended.append,
        summary=lambda n: f"{n:,} rows",
    )  # fmt: skip
    job.wait(LONG)
    assert (job.state, panel.state, ended) == ("done", "done", [job])
    assert "scored: 1,000,000 rows in 0." in panel.status.value
    assert "progressbar" not in panel.status.value
    assert panel.cancel.layout.display == "none"
    (shown,) = panel.result.children
    assert "&lt;1000000&gt;" in shown.value
    assert "role=" in panel._spoken.value


def test_without_a_summary_it_says_done(panel):
    panel.run("x", lambda: None).wait(LONG)
    assert "x: done in 0." in panel.status.value
    assert panel.result.layout.display == "none"


def test_a_widget_is_shown_as_it_is(panel):
    widget = ipywidgets.Button()
    panel.run("x", lambda: 1, show=lambda _: widget).wait(LONG)
    assert panel.result.children == (widget,)
    panel.run("x", lambda: 1).wait(LONG)
    assert panel.result.children == ()


def test_running_shows_a_bar_and_the_button(panel):
    go = threading.Event()
    job = panel.run("scored", go.wait)
    assert 'role="progressbar"' in panel.status.value
    assert panel.cancel.layout.display == ""
    assert panel.run("other", lambda: 1) is None
    assert "scored is still running" in panel.notice.value
    assert 'role="alert"' in panel.notice.value
    go.set()
    job.wait(LONG)
    assert panel.notice.value == ""
    assert panel.run("other", lambda: 1).wait(LONG) == "done"


def test_cancel(panel):
    job = panel.run("scored", lambda: [time.sleep(0.01) for _ in range(100_000)])
    panel.cancel.click()
    assert panel.cancel.disabled
    assert "cancelling" in panel.status.value
    assert job.wait(3) == "cancelled"
    assert "scored: cancelled after" in panel.status.value
    assert "progressbar" not in panel.status.value
    panel.cancel.click()
    assert panel.state == "cancelled"


def test_failed_has_a_sentence_and_the_whole_error_folded(panel):
    def fail():
        raise ValueError(HOSTILE)

    panel.run(HOSTILE, fail).wait(LONG)
    html = panel.status.value
    assert "failed after" in html
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("<details") == 1
    assert "<details open" not in html
    assert "Traceback (most recent call last)" in html.partition("<details")[2]
    assert "ValueError: &lt;script&gt;" in html.partition("<details")[0]


def test_a_result_that_cannot_be_shown_is_said(panel):
    panel.run("x", lambda: 1, show=lambda _: 1 / 0).wait(LONG)
    assert "x: done in" in panel.status.value
    assert "cannot be shown: ZeroDivisionError" in panel.status.value
    assert panel.run("x", lambda: 1).wait(LONG) == "done"


def test_the_end_of_one_may_start_the_next(panel):
    ends = []

    def after(job):
        if not ends:
            panel.run("second", lambda: 2, on_end=after)
        ends.append(job.result)

    panel.run("first", lambda: 1, on_end=after)
    until(lambda: ends == [1, 2])
    idle(panel)
    assert "second: done" in panel.status.value


def test_spark_is_followed(panel, spark):
    panel.run("rows", spark.range(0, 10_000, 1, 4).count, spark).wait(LONG)
    assert panel.job.result == 10_000
    assert panel.job.progress.tasks_done >= 4


def test_nothing_of_output_widgets(panel):
    assert repr(panel) == "RunPanel()"
    kinds = {type(widget).__name__ for widget in (*panel.children, *panel.children[0].children)}
    assert kinds == {"HBox", "HTML", "VBox", "Button"}


def test_progress_in_words():
    progress = Progress(
        2, 0, 8, 5, 2, 62_500, seconds=2.0, rows_per_second=31_250.0, seconds_left=1.4
    )
    assert steps(progress) == [
        "stage 1 of 2", "5 of 8 tasks", "62,500 rows", "31,250 rows/s", "2.0 s", "about 1.4 s left",
    ]  # fmt: skip
    html = running_html("a<b>", progress)
    assert "a&lt;b&gt;" in html
    assert 'aria-valuenow="62"' in html
    assert steps(Progress(1, 0, 2, 0, bytes_read=5 << 19, seconds=1))[2] == "2.5 MiB read"


def test_the_bar_is_empty_until_a_part_is_done():
    html = running_html("score", Progress(1, 0, 2, 0, 2, seconds=1.0), waiting="computing")
    assert re.findall(r"width:([\d.]+)%", html) == ["0.0"]
    assert "computing · stage 1 of 1 · 0 of 2 tasks · 1.0 s" in html
    html = running_html("score", Progress(1, 0, 2, 1, 1))
    assert re.findall(r"width:([\d.]+)%", html) == ["50.0"]


def test_what_it_waits_for(monkeypatch):
    class Session: ...

    session, nothing, tasks = Session(), Progress(), Progress(1, 0, 2, 0, 2)
    assert waits_for(nothing, None) == "computing in this process"
    assert waits_for(nothing, session) == "Spark plans the work"
    assert waits_for(Progress(1, 0, 2), session) == "waiting for a free core of Spark"
    workers = "Spark starts Python workers, which import TensorFlow, once in a session"
    assert waits_for(tasks, session) == workers
    has_computed(session)
    assert waits_for(tasks, session) == "computing"
    assert waits_for(tasks, Session()) == workers
    assert waits_for(Progress(1, 0, 2, 1, 1), session) == ""
    # The import of another thread, which is not at its end.
    spec = SimpleNamespace(_initializing=True)
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(__spec__=spec))
    for one in (None, session):
        assert waits_for(nothing, one) == "importing TensorFlow, once in a notebook"


def test_it_says_at_once_what_it_waits_for(panel, spark):
    go = threading.Event()
    panel.run("here", go.wait)
    assert "computing in this process · 0.0 s" in panel.status.value
    assert "here: started, computing in this process" in panel._spoken.value
    go.set()
    panel.job.wait(LONG)
    seen = []
    panel.status.observe(lambda change: seen.append(change["new"]), "value")
    panel.run("rows", spark.range(0, 100, 1, 4).count, spark).wait(LONG)
    assert "Spark plans the work · 0.0 s" in seen[0]


def test_times():
    assert [seconds(n) for n in (0.04, 9.94, 9.96, 59.4, 60, 3599, 3700)] == [
        "0.0 s", "9.9 s", "10 s", "59 s", "1 min 0 s", "59 min 59 s", "1 h 1 min",
    ]  # fmt: skip


KERNEL = """
import signal, time
from tfspark_magic.notebook.run_panel import RunPanel
panel = RunPanel()
started = panel.run("x", lambda: [time.sleep(0.01) for _ in range(100_000)])
"""


def test_an_interrupt_of_an_idle_kernel_cancels():
    manager = pytest.importorskip("jupyter_client.manager")
    kernel, client = manager.start_new_kernel()
    printed = []

    def run(code):
        def on_output(message):
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        printed.clear()
        client.execute_interactive(code, timeout=LONG, output_hook=on_output)
        return "".join(printed).strip()

    try:
        run(KERNEL)
        assert run("print(started.state, signal.getsignal(2) is signal.default_int_handler)") == (
            "running True"
        )
        # The first may come while the kernel is still busy with the end of the cell.
        until(lambda: kernel.interrupt_kernel() or run("print(started.wait(1))") == "cancelled")
        # The kernel has its own handler again: it ignores an interrupt, and lives on.
        kernel.interrupt_kernel()
        assert run(
            "import IPython; print(int(IPython.get_ipython().kernel.saved_sigint_handler))"
        ) == ("1")
        # A cell that waits is interrupted, and its job is cancelled.
        run("again = panel.run('y', lambda: [time.sleep(0.01) for _ in range(100_000)])")
        threading.Timer(1.5, kernel.interrupt_kernel).start()
        run("again.wait()")
        assert run("print(again.state)") == "cancelled"
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
