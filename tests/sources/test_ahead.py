from __future__ import annotations

import threading

import pyarrow as pa
import pytest

from tfspark_magic.sources.ahead import ReadAhead


def batch(n):
    return pa.record_batch({"x": pa.array([n] * 100, pa.int64())})


def taken(ahead):
    return [(number, found.column(0)[0].as_py()) for number, found in ahead]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("limit", [1, 2000, 1 << 30])
def test_batches_come_in_order_whatever_may_wait(threads, limit):
    pieces = [lambda k=k: (batch(10 * k + n) for n in range(k)) for k in range(6)]
    with ReadAhead(pieces, threads, limit) as ahead:
        assert taken(ahead) == [(k, 10 * k + n) for k in range(6) for n in range(k)]


def test_no_more_is_read_than_may_wait():
    read = []
    full = threading.Event()

    def piece():
        for n in range(100):
            read.append(n)
            if n == 3:
                full.set()
            yield batch(n)

    size = batch(0).nbytes
    with ReadAhead([piece], 1, 3 * size) as ahead:
        assert full.wait(30)
        # The fourth is read, and waits for room.
        assert read == [0, 1, 2, 3]
        assert len(taken(ahead)) == 100


def test_an_error_is_raised_after_the_batches_before_it():
    def broken():
        yield batch(1)
        raise ValueError("broken")

    seen = []
    with (
        ReadAhead([lambda: iter([batch(0)]), broken], 2) as ahead,
        pytest.raises(ValueError, match="broken"),
    ):
        for _, found in ahead:
            seen.append(found.column(0)[0].as_py())
    assert seen == [0, 1]


def test_closing_ends_the_threads():
    def endless():
        while True:
            yield batch(0)

    with ReadAhead([endless, endless], 2, 1000) as ahead:
        next(iter(ahead))
    ahead.join()
    assert not any(thread.is_alive() for thread in ahead._threads)
