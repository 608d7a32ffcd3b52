from __future__ import annotations

import threading

import pyarrow as pa
import pytest

from tfspark_magic.sources.prefetch import Prefetch


def batch(n):
    return pa.record_batch({"x": pa.array([n] * 100, pa.int64())})


def taken(prefetch):
    return [(number, found.column(0)[0].as_py()) for number, found in prefetch]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("limit", [1, 2000, 1 << 30])
def test_batches_come_in_order_whatever_may_wait(threads, limit):
    fragments = [lambda k=k: (batch(10 * k + n) for n in range(k)) for k in range(6)]
    with Prefetch(fragments, threads, limit) as prefetch:
        assert taken(prefetch) == [(k, 10 * k + n) for k in range(6) for n in range(k)]


def test_no_more_is_read_than_may_wait():
    read = []
    full = threading.Event()

    def fragment():
        for n in range(100):
            read.append(n)
            if n == 3:
                full.set()
            yield batch(n)

    size = batch(0).nbytes
    with Prefetch([fragment], 1, 3 * size) as prefetch:
        assert full.wait(30)
        # The fourth is read, and waits for room.
        assert read == [0, 1, 2, 3]
        assert len(taken(prefetch)) == 100


def test_an_error_is_raised_after_the_batches_before_it():
    def broken():
        yield batch(1)
        raise ValueError("broken")

    seen = []
    with (
        Prefetch([lambda: iter([batch(0)]), broken], 2) as prefetch,
        pytest.raises(ValueError, match="broken"),
    ):
        for _, found in prefetch:
            seen.append(found.column(0)[0].as_py())
    assert seen == [0, 1]


def test_closing_ends_the_threads():
    def endless():
        while True:
            yield batch(0)

    with Prefetch([endless, endless], 2, 1000) as prefetch:
        next(iter(prefetch))
    prefetch.join()
    assert not any(thread.is_alive() for thread in prefetch._threads)
