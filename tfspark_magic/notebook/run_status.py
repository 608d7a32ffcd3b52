"""Write the status of a run panel's job, as HTML and as text, while it runs and at its end."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tfspark_magic.notebook.styles import FAINT
from tfspark_magic.words import bytes_text, count

if TYPE_CHECKING:
    from tfspark_magic.executor.jobs import Job, Progress
    from tfspark_magic.training.report import Report

_FONT = (
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);"
    "font-size:var(--jp-ui-font-size1,13px);line-height:1.5;"
)
_BAR = (
    "height:6px;border-radius:3px;background:rgba(127,127,127,0.25);overflow:hidden;display:flex;"
)
_DONE = "background:var(--jp-brand-color1,#1976d2);transition:width 0.25s;"
_PRE = (
    "margin:4px 0 0;padding:8px;max-height:280px;overflow:auto;white-space:pre-wrap;"
    "overflow-wrap:anywhere;background:rgba(127,127,127,0.12);font-size:12px;line-height:1.4;"
    "font-family:var(--jp-code-font-family,ui-monospace,monospace);color:inherit;"
)
_HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);"
_GOOD, _BAD = "var(--jp-success-color1,#388e3c)", "var(--jp-error-color1,#d32f2f)"
_LONGEST_DETAILS = 20_000
_MINUTE, _HOUR, _TENTHS = 60, 3600, 10


def seconds(count: float) -> str:
    """Write a time.

    >>> seconds(3.21), seconds(42.3), seconds(125), seconds(3700)
    ('3.2 s', '42 s', '2 min 5 s', '1 h 1 min')
    """
    if count < _TENTHS - 0.05:
        return f"{count:.1f} s"
    whole = round(count)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def steps(progress: Progress) -> list[str]:
    """Describe the progress of a job, in short parts.

    >>> steps(Progress(1, 0, 8, 5, rows=62500, seconds=2, rows_per_second=31250))  # doctest: +SKIP
    ['stage 1 of 1', '5 of 8 tasks', '62,500 rows', '31,250 rows/s', '2.0 s']
    """
    if progress.report is not None:
        return _training_steps(progress.report, progress.seconds)
    said = []
    if progress.tasks:
        now = min(progress.stages_done + 1, progress.stages)
        said += [f"stage {now} of {progress.stages}"]
        said.append(done_words(progress))
    if progress.rows:
        said.append(f"{progress.rows:,} rows")
    elif progress.bytes_read:
        said.append(f"{bytes_text(progress.bytes_read)} read")
    return said + _pace(progress, progress.seconds)


def fraction_done(progress: Progress) -> float:
    """Return how much of the known work is done, from 0 to 1."""
    if progress.report is not None:
        return progress.report.fraction
    return progress.tasks_done / max(1, progress.tasks)


def done_words(progress: Progress) -> str:
    """Say how much is done: `"5 of 8 tasks"`, `"2 of 5 epochs"`."""
    report = progress.report
    if report is not None:
        return f"{report.epoch:,} of {count(report.epochs, 'epoch')}"
    return f"{progress.tasks_done:,} of {progress.tasks:,} tasks"


def _training_steps(report: Report, elapsed: float) -> list[str]:
    now = min(report.epoch + 1, report.epochs)
    step = "validating" if report.is_validating else f"step {report.step:,} of {report.steps:,}"
    return [f"epoch {now:,} of {report.epochs:,}", step, *_pace(report, elapsed)]


def _pace(of: Progress | Report, elapsed: float) -> list[str]:
    rate = [f"{of.rows_per_second:,.0f} rows/s"] if of.rows_per_second else []
    left = of.seconds_left
    end = [] if left is None else [f"about {seconds(max(1.0, left))} left"]
    return [*rate, seconds(elapsed), *end]


def running_html(
    title: str, progress: Progress, *, cancelling: bool = False, waiting: str = ""
) -> str:
    """Draw the bar, and the progress below it; it is empty until a part is done.

    Parameters
    ----------
    title, progress
        The name of the job, and its progress.
    cancelling
        Whether it is being cancelled.
    waiting
        What it waits for, if nothing is done yet.
    """
    done = 100 * fraction_done(progress)
    is_known = progress.tasks or progress.report is not None
    pieces = ["cancelling…"] if cancelling else steps(progress)
    if waiting and not cancelling:
        pieces.insert(0, waiting)
    said = " · ".join(pieces)
    name = escape(title)
    value = f' aria-valuenow="{done:.0f}"' if is_known else ""
    return (
        f'<div style="{_FONT}"><b>{name}</b>'
        f'<div role="progressbar" aria-label="{name}" aria-valuemin="0" aria-valuemax="100"{value} '
        f'aria-valuetext="{escape(said)}" style="{_BAR}margin:4px 0">'
        f'<div style="{_DONE}width:{done:.1f}%"></div></div>'
        f'<div style="{FAINT}font-variant-numeric:tabular-nums">{escape(said)}</div></div>'
    )


def end_words(title: str, job: Job, summary: str) -> str:
    """Say how a job ended, in one line."""
    time = seconds(job.progress.seconds)
    if job.state == "done":
        return f"{title}: {summary or 'done'} in {time}"
    if job.state == "cancelled":
        return f"{title}: cancelled after {time}" + (f", {summary}" if summary else "")
    return f"{title}: failed after {time}"


def end_html(title: str, job: Job, summary: str) -> str:
    """Draw the end: done, cancelled, or failed with the reason and the folded details."""
    sign, colour = {
        "done": ("✓", _GOOD), "cancelled": ("■", "inherit"), "failed": ("✗", _BAD)
    }[job.state]  # fmt: skip
    line = (
        f'<span aria-hidden="true" style="color:{colour};font-weight:bold">{sign}</span>&ensp;'
        f"{escape(end_words(title, job, summary))}"
    )
    if job.state != "failed":
        return f'<div style="{_FONT}">{line}</div>'
    return f'<div style="{_FONT}">{line}{failure_html(job.sentence, job.details)}</div>'


def failure_html(sentence: str, details: str) -> str:
    """Draw a sentence, and below it the folded text of Spark's error."""
    if len(details) > _LONGEST_DETAILS:
        half = _LONGEST_DETAILS // 2
        details = f"{details[:half]}\n…\n{details[-half:]}"
    folded = (
        f'<details style="margin-top:2px"><summary style="cursor:pointer;{FAINT}">'
        f'The whole error</summary><pre tabindex="0" style="{_PRE}">{escape(details)}</pre></details>'
    )
    style = f"color:{_BAD};white-space:pre-wrap;overflow-wrap:anywhere"
    return f'<div style="{style}">{escape(sentence)}</div>{folded if details else ""}'


def notice_html(text: str) -> str:
    """Draw a line that asks for attention."""
    return f'<div style="{_FONT}{FAINT}" role="alert">{escape(text)}</div>' if text else ""


def spoken_html(text: str) -> str:
    """Return invisible text for screen readers."""
    return f'<div role="status" aria-live="polite" style="{_HIDDEN}">{escape(text)}</div>'
