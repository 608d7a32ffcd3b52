"""A panel that runs one job at a time in the background, and always shows how it ended."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as W  # noqa: N812

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor import jobs
from tfspark_magic.executor.failures import one_sentence
from tfspark_magic.executor.jobs import Job, Progress
from tfspark_magic.notebook.front_end import outcome_of
from tfspark_magic.notebook.run_status import (
    done_words,
    end_html,
    end_words,
    failure_html,
    fraction_done,
    notice_html,
    running_html,
    spoken_html,
)
from tfspark_magic.notebook.stop_button import cancel_jobs_on_interrupt, leave_interrupts_alone
from tfspark_magic.notebook.training_curve import TrainingCurve
from tfspark_magic.notebook.waiting import has_computed, waits_for
from tfspark_magic.training.report import Report

_QUARTERS = 4


class RunPanel(W.VBox):
    """Runs an action in a thread, and shows its progress, a Cancel button, and always its end.

    >>> panel = RunPanel()                                          # doctest: +SKIP
    >>> panel.run("rows of scored", scored.count, spark,            # doctest: +SKIP
    ...           summary=lambda count: f"{count:,} rows")
    <Job running>

    Attributes
    ----------
    job
        The last job; None before the first.
    state
        `"idle"`, or the state of the job.
    status, cancel, notice, result
        The widgets: the bar or the end, the button, the text of a refusal, and the result of
        `show`.
    """

    def __init__(self, **traits: Any) -> None:
        self.job: Job | None = None
        self.status = W.HTML(layout=W.Layout(flex="1 1 auto", min_width="0"))
        self.cancel = W.Button(
            description="Cancel", tooltip="Cancel what runs",
            layout=W.Layout(width="auto", flex="0 0 auto", display="none"),
        )  # fmt: skip
        self.notice = W.HTML(layout=W.Layout(display="none"))
        self.result = W.VBox(layout=W.Layout(display="none"))
        self._spoken = W.HTML(layout=W.Layout(margin="0", height="0"))
        self._title = ""
        self._said = 0
        self._busy = False
        self._session: Any = None
        self._lock = threading.RLock()
        self.cancel.on_click(self._on_cancel)
        line = W.HBox(
            [self.status, self.cancel], layout=W.Layout(align_items="center", grid_gap="12px")
        )
        super().__init__([line, self.notice, self.result, self._spoken], **traits)
        # JupyterLab's boxes scroll; the text that is only heard would make this one a stop of Tab.
        self.layout.overflow = "visible"

    def __repr__(self) -> str:
        return f"RunPanel({self._title})"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        # Where nothing runs there is nothing to say.
        return {**super()._repr_mimebundle_(**options), "text/plain": ""}

    @property
    def state(self) -> str:
        """Return `"idle"`, or the state of the last job."""
        return self.job.state if self.job is not None else "idle"

    def announce(self, title: str) -> None:
        """Say that something is about to run."""
        self._notify("")
        self._clear()
        self.status.value = running_html(title, Progress())

    def run(
        self,
        title: str,
        action: Callable[[], Any],
        spark: Any = None,
        show: Callable[[Any], Any] | None = None,
        on_end: Callable[[Job], None] | None = None,
        *,
        summary: Callable[[Any], str] | None = None,
        left: Callable[[], str] | None = None,
        reports: Callable[[], Report | None] | None = None,
        picture: TrainingCurve | None = None,
        clear: bool = True,
    ) -> Job | None:
        """Start an action and return at once; None, with a notice, while another action runs.

        Parameters
        ----------
        title
            The name of the action, such as `"scored"`.
        action, spark
            As for `executor.jobs.start`.
        show
            Is called with the result. It returns a widget, or an object with an HTML or text form,
            which is shown below; or None to show nothing.
        on_end
            Is called with the job, after the panel shows its end.
        summary
            Is called with the result, and describes it: `"1,000,000 rows"`, `"written to ..."`.
        left
            Is called if the action was cancelled, and describes what is left: `"3 of 5 epochs"`.
        reports
            As for `executor.jobs.start`.
        picture
            Shows each report, from the start on.
        clear
            Whether to take away what the last job showed.
        """
        with self._lock:
            if self._busy:
                self._notify(f"{self._title} is still running: wait for it, or cancel it.")
                return None
            self._busy = True
        self._title, self._said = title, 0
        self._notify("")
        if clear:
            self._clear()
        if picture is not None:
            self._show(picture)
        self._session = spark
        self._draw(Progress())
        self.cancel.disabled = False
        self.cancel.tooltip = f"Cancel {title}"
        self.cancel.layout.display = ""
        self._say(f"{title}: started, {waits_for(Progress(), spark)}")

        def ended(job: Job) -> None:
            with self._lock:
                self.job = job
            self._end(job, show, summary, left)
            leave_interrupts_alone()
            if on_end is not None:
                on_end(job)

        try:
            with self._lock:
                job = self.job = jobs.start(
                    action, spark=spark, on_end=ended, reports=reports,
                    on_progress=lambda progress: self._on_progress(progress, picture),
                )  # fmt: skip
        except BaseException:
            self._busy = False
            self.cancel.layout.display = "none"
            self.status.value = ""
            raise
        cancel_jobs_on_interrupt()
        return job

    def finish(self, title: str, action: Callable[[], Any], spark: Any = None) -> Any:
        """Run an action to its end, which the cell waits for, and return its result or raise its error.

        An error is the cell's own, so that the panel does not show it, too. Parameters as for `run`.
        """
        job = self.run(title, action, spark)
        if job is None:
            raise NotAvailableError(f"{self._title} is still running: wait for it, or cancel it.")
        try:
            return outcome_of(job)
        except BaseException:
            self.status.value = ""
            raise

    def _on_cancel(self, _: Any) -> None:
        with self._lock:
            if self._busy and self.job is not None:
                self.job.cancel()
                self.cancel.disabled = True
                self.status.value = running_html(self._title, self.job.progress, cancelling=True)

    def _on_progress(self, progress: Progress, picture: TrainingCurve | None) -> None:
        # The job calls this about four times a second.
        if self.cancel.disabled:
            return
        self._draw(progress)
        if picture is not None and progress.report is not None:
            picture.show(progress.report)
        quarter = int(_QUARTERS * fraction_done(progress))
        if quarter > self._said:
            self._said = quarter
            self._say(f"{self._title}: {done_words(progress)}")

    def _draw(self, progress: Progress) -> None:
        waiting = waits_for(progress, self._session)
        self.status.value = running_html(self._title, progress, waiting=waiting)

    def _end(
        self,
        job: Job,
        show: Callable[[Any], Any] | None,
        summary: Callable[[Any], str] | None,
        left: Callable[[], str] | None,
    ) -> None:
        made = problem = ""
        try:
            if job.state == "done":
                made = summary(job.result) if summary is not None else ""
                self._show(show(job.result) if show is not None else None)
            elif job.state == "cancelled" and left is not None:
                made = left()
        except Exception as error:  # noqa: BLE001  (the panel must not stay as it is)
            problem = failure_html(
                f"It is done, but cannot be shown: {one_sentence(error)}",
                "".join(traceback.format_exception(error)),
            )
        finally:
            if job.progress.tasks_done:
                has_computed(self._session)
            with self._lock:
                self._busy = False
                self.status.value = end_html(self._title, job, made) + problem
            self.cancel.layout.display = "none"
            self._notify("")
            words = end_words(self._title, job, made)
            self._say(f"{words}. {job.sentence}" if job.sentence else words)

    def _show(self, shown: Any) -> None:
        if shown is None:
            return
        self.result.children = [shown if isinstance(shown, W.Widget) else W.HTML(html_of(shown))]
        self.result.layout.display = ""

    def _clear(self) -> None:
        old = self.result.children
        self.result.children = ()
        self.result.layout.display = "none"
        for child in old:
            if type(child) is W.HTML:
                child.close()

    def _notify(self, text: str) -> None:
        self.notice.value = notice_html(text)
        self.notice.layout.display = "" if text else "none"

    def _say(self, text: str) -> None:
        self._spoken.value = spoken_html(text)


def html_of(shown: Any) -> str:
    """Return an object's own HTML, or its text."""
    bundle: Any = getattr(shown, "_repr_mimebundle_", dict)()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    html = (data or {}).get("text/html")
    if html is None and hasattr(shown, "_repr_html_"):
        html = shown._repr_html_()
    style = "margin:0;line-height:1.4;white-space:pre-wrap;color:inherit"
    return html or f'<pre style="{style}">{escape(repr(shown))}</pre>'
