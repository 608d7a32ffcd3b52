"""Make sure that a server of Spark Connect runs as many tasks at once as a training has workers.

Classic Spark tells how many tasks it runs at a time. A server does not, and if a stage needs more,
some versions of Spark stop the server for all of its users.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.executor.failures import TOO_MANY_WORKERS
from tfspark_magic.executor.jobs import start

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_UNTIL_SUBMITTED = 20.0
"""Seconds until Spark counts as not submitting a stage; one that waits for free cores is submitted."""
_EVERY = 0.1


def check_at_once(spark: SparkSession, tasks: int) -> None:
    """Run tasks that do nothing, all at once, in a job that does not harm the server if it fails.

    Raises
    ------
    NotAvailableError
        If Spark cannot run so many tasks at once.
    """

    # Inside of a function it travels by value: nodes do not have this package.
    def unchanged(batches: Any) -> Any:
        yield from batches

    # As any query does, this one waits for the first executor of a server that has just started.
    spark.range(0, 1, 1, 1).toArrow()
    rows = spark.range(0, tasks, 1, tasks)
    job = start(lambda: rows.mapInArrow(unchanged, "id long", barrier=True).toArrow(), spark=spark)
    began = time.monotonic()
    while job.wait(_EVERY) == "running":
        if not job.progress.tasks and time.monotonic() - began > _UNTIL_SUBMITTED:
            job.cancel()
            raise NotAvailableError(TOO_MANY_WORKERS)
    if job.error is not None:
        raise job.error
