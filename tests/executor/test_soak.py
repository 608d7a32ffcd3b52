"""Run many programs, queries and users: no resource grows. `benchmarks/soak.py` is a longer run."""

from __future__ import annotations

import pytest

from benchmarks import soak
from tests.cluster.nodes import until


@pytest.fixture
def nothing_grows(spark):
    """Everything that is kept is loaded before; afterwards, the resources grow no more than by noise."""
    soak.users(spark, 6, 1, first=90_000)
    before = soak.held(soak.local_workers)
    yield

    def same() -> bool:
        after = soak.held(soak.local_workers)
        return (
            after.threads <= before.threads + 4
            and after.files <= before.files + 16
            and after.temporary <= before.temporary
            and after.memory <= before.memory + 200
            # The largest, which may be one that has begun since.
            and after.workers_memory <= before.workers_memory + 400
        )

    # Threads and sockets that wait for the next user end in their own time.
    until(same)


@pytest.mark.long
@pytest.mark.usefixtures("nothing_grows")
def test_programs_queries_and_users(spark):
    soak.programs(spark, 8)
    soak.queries(spark, 16)
    assert soak.users(spark, 4, 3, first=50_000) == 4
