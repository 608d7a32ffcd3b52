"""Test a hundred graphs, reductions and others, with rare rows in different parts of the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worker.reductions import aggregate, column, of_blocks, of_pairs, plan, reduce
from tfspark_magic.errors import NotAlgebraicError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.rounding import equal_but_rounding

F64, F32, I64, I32, TEXT, BOOL = "float64", "float32", "int64", "int32", "string", "bool"
I16, I8 = "int16", "int8"
NAN, INF = np.nan, np.inf
ROWS, BLOCK, PARTITIONS = 120, 25, 3
VERBS = ["reduce_blocks", pytest.param("aggregate", marks=pytest.mark.long)]

RNG = np.random.default_rng(7)
SMALL = RNG.uniform(0.5, 99.0, ROWS)
SIGNED = RNG.normal(0, 10, ROWS)
WHOLE = RNG.integers(1, 90, ROWS)
PLANE = np.stack([RNG.uniform(1, 9, ROWS), RNG.uniform(1, 9, ROWS)], 1)
WORDS = [f"w{i % 17}" for i in range(ROWS)]
STATES = np.stack([np.ones(ROWS), RNG.normal(5, 2, ROWS), np.zeros(ROWS)], 1)
TURNS = np.array([[[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]] for t in SIGNED])

total = lambda x: tf.reduce_sum(x, axis=0)
most = lambda x: tf.reduce_max(x, axis=0)
least = lambda x: tf.reduce_min(x, axis=0)
real = lambda x: tf.cast(x, tf.float64)
number = lambda x: tf.strings.to_number(x, tf.int64)
text = tf.strings.as_string


def chan(b):
    """Merge counts, means and squares (Chan, Golub and LeVeque, 1983)."""
    n, m, s = b[:, 0], b[:, 1], b[:, 2]
    count = total(n)
    centre = tf.math.divide_no_nan(total(n * m), count)
    return tf.stack([count, centre, total(s + n * (m - centre) ** 2)])


def gcd(b):
    def step(a, c):
        return tf.while_loop(
            lambda x, y: tf.not_equal(y, 0), lambda x, y: (y, tf.math.floormod(x, y)), (a, c)
        )[0]

    return tf.foldl(step, b)


def bits(operation):
    return lambda b: tf.foldl(operation, b)


def kth(k):
    return lambda b: tf.sort(b)[(tf.shape(b)[0] - 1) * k // 4]


def mode(b):
    values, _, counts = tf.unique_with_counts(b)
    return values[tf.argmax(counts)]


def rarest(b):
    values, _, counts = tf.unique_with_counts(b)
    return values[tf.argmin(counts)]


def saturating(dtype, wide):
    limits = tf.as_dtype(dtype).min, tf.as_dtype(dtype).max
    return lambda b: tf.cast(tf.clip_by_value(total(tf.cast(b, wide)), *limits), dtype)


# name: (graph of a block, dtype, usual rows, rare rows)
NONE: dict[str, tuple[Any, str, Any, Any]] = {
    "above": (lambda b: total(real(b > 1000)), F64, SMALL, [2e3, 3e3, 5e3]),
    "at most": (lambda b: total(real(b <= -5)), F64, SMALL, [-7.0, -9.0, -11.0]),
    "nan count": (lambda b: total(real(tf.math.is_nan(b))), F64, SMALL, [NAN] * 3),
    "not finite count": (lambda b: total(real(~tf.math.is_finite(b))), F64, SMALL, [NAN, INF, -INF]),
    "code": (lambda b: total(tf.cast(tf.equal(b, 137), tf.int64)), I64, WHOLE, [137] * 3),
    "codes": (lambda b: total(tf.where((b > 500) & (b < 600), tf.ones_like(b), tf.zeros_like(b))),
              I64, WHOLE, [555, 510, 599]),
    "negatives": (lambda b: total(real(b < 0)), F64, SMALL, [-1.0, -2.0, -3.0]),
    "zeros": (lambda b: total(tf.cast(tf.equal(b, 0), tf.int64)), I64, WHOLE, [0, 0, 0]),
    "count nonzero": (lambda b: tf.math.count_nonzero(b, axis=0), I64, WHOLE * 0, [5, 6, 7]),
    "any above": (lambda b: most(real(b > 1000)), F64, SMALL, [2e3, 3e3, 5e3]),
    "all below": (lambda b: least(real(b < 1000)), F64, SMALL * 0, [2e3, 3e3, 5e3]),
    "far square": (lambda b: total(tf.where(b > 1000, b * b, b)), F64, SMALL, [2e3, 3e3, 5e3]),
    "discount": (lambda b: total(tf.where(b > 1000, b * 0.9, b)), F64, SMALL, [2e3, 3e3, 5e3]),
    "penalty": (lambda b: total(tf.where(b < 0, b * 2, b)), F64, SMALL, [-4.0, -5.0, -6.0]),
    "leaky": (lambda b: total(tf.nn.leaky_relu(b, 0.1)), F64, SMALL, [-400.0, -5000.0, -600.0]),
    "clipped sum": (lambda b: total(tf.clip_by_value(b, 0.0, 100.0)), F64, SMALL, [300.0] * 3),
    "winsorized": (lambda b: total(tf.minimum(b, 1000.0)), F64, SMALL, [2e3, 3e3, 5e3]),
    "huber": (lambda b: total(tf.where(tf.abs(b) < 1000, b, 2 * b - 1000)), F64, SMALL, [2e3] * 3),
    "saturating": (lambda b: tf.minimum(total(b), 1000.0), F64, SIGNED, [2e3, -3e3, 5e3]),
    "relu of sum": (lambda b: tf.nn.relu(total(b)), F64, SMALL, [-2e5, -3.0, -5e5]),
    "mean of rare": (lambda b: tf.where(most(b) > 1000, tf.reduce_mean(b, axis=0), most(b)), F64,
                     SMALL, [2e3, 3e3, 5e3]),
    "mean where nan": (lambda b: total(tf.where(tf.math.is_nan(b), tf.ones_like(b) * 7, b * 0)), F64,
                       SMALL, [NAN, NAN, NAN]),
    "mean": (lambda b: tf.reduce_mean(tf.abs(b), axis=0), F64, SMALL, [1.0]),
    "geometric mean": (lambda b: tf.exp(tf.reduce_mean(tf.math.log(b), axis=0)), F64, SMALL, [1.0]),
    "harmonic mean": (lambda b: 1 / tf.reduce_mean(1 / b, axis=0), F64, SMALL, [1.0]),
    "root mean square": (lambda b: tf.sqrt(tf.reduce_mean(b * b, axis=0)), F64, SMALL, [1.0]),
    "deviation": (lambda b: tf.math.reduce_std(b, axis=0), F64, SMALL, [1.0]),
    "variance": (lambda b: tf.math.reduce_variance(b, axis=0), F64, SMALL, [1.0]),
    "third moment": (lambda b: tf.reduce_mean((b - tf.reduce_mean(b)) ** 3, axis=0), F64, SMALL, [1.0]),
    "squares": (lambda b: total(b * b), F64, SMALL, [1.0]),
    "squares of ones": (lambda b: total(b * b), I64, WHOLE * 0, [1, 1, 1]),
    "cubes": (lambda b: total(b ** 3), F64, SIGNED, [1.0]),
    "range": (lambda b: most(b) - least(b), F64, SMALL, [1.0]),
    "midrange": (lambda b: (most(b) + least(b)) / 2, F64, SMALL, [1.0]),
    "ratio": (lambda b: most(b) / least(b), F64, SMALL, [1.0]),
    "median": (kth(2), F64, SMALL, [1.0]),
    "lower quartile": (kth(1), F64, SMALL, [1.0]),
    "upper quartile": (kth(3), I64, WHOLE, [1]),
    "mode": (mode, I64, WHOLE, [1]),
    "mode of one value": (mode, I64, [5] * ROWS, [1, 2, 2]),
    "mode of points": (lambda b: tf.gather(b, tf.argmax(total(real(tf.reduce_all(tf.equal(
                       b[:, None], b), 2))))), (F64, (2,)),
                       [[5.0, 1.0]] * ROWS, [[1.0, 1.0], [2.0, 3.0], [2.0, 3.0]]),
    "rarest": (rarest, I64, [5] * ROWS, [1, 2, 2]),
    "of many rows": (lambda b: tf.where(tf.shape(b)[0] > 30, 2.0, 1.0) * tf.reduce_max(b), F32,
                     SMALL.astype(F32), [1.0]),
    "of some rows": (lambda b: tf.where((tf.shape(b)[0] > 90) & (tf.shape(b)[0] < 200), b[0] * 0, most(b)),
                     F64, SMALL, [1.0]),
    "saturating bytes": (saturating(I8, I32), I8, [1] * ROWS, [-1] * 30),
    "saturating shorts": (saturating(I16, I32), I16, [1] * ROWS, [-1] * 30),
    "saturating integers": (saturating(I32, I64), I32, [1] * ROWS, [-1] * 30),
    "discount of shorts": (lambda b: total(tf.where(b > 1000, b // 2, b)), I16, [1] * ROWS, [1200, 1400, 1300]),
    "second largest": (lambda b: tf.sort(tf.concat([b, b[:1]], 0))[-2], F64, SMALL, [1.0]),
    "index of largest": (tf.argmax, I64, WHOLE, [1000]),
    "distinct": (lambda b: tf.size(tf.unique(b)[0], tf.int64), I64, WHOLE, [1]),
    "count": (lambda b: tf.cast(tf.shape(b)[0], tf.int64), I64, WHOLE, [1]),
    "sum plus one": (lambda b: total(b) + 1, I64, WHOLE, [1]),
    "first less last": (lambda b: b[0] - b[-1], F64, SMALL, [1.0]),
    "alternating": (lambda b: total(b[::2]) - total(b[1::2]), F64, SMALL, [1.0]),
    "middle": (lambda b: b[tf.shape(b)[0] // 2], F64, SMALL, [1.0]),
    "rounded sum": (lambda b: tf.round(total(b)), F64, SMALL, [1.0]),
    "rounded up": (lambda b: tf.math.ceil(total(b)), F64, SMALL, [1.0]),
    "halved": (lambda b: total(b) // 2, I64, WHOLE, [1]),
    "remainders": (lambda b: total(tf.math.floormod(b, 7)), I64, WHOLE * 7, [8, 9, 10]),
    "digits": (lambda b: total(b % 10), I64, WHOLE * 10, [1, 2, 9]),
    "softmax": (lambda b: total(b * tf.nn.softmax(b)), F64, SIGNED, [1.0]),
    "sum of logs": (lambda b: total(tf.math.log(b)), F64, SMALL, [1.0]),
    "sum of sigmoids": (lambda b: total(tf.sigmoid(b)), F64, SIGNED, [1.0]),
    "tanh of sum": (lambda b: tf.tanh(total(b)), F64, SIGNED, [1.0]),
    "mean by hand": (lambda b: total(b) / real(tf.shape(b)[0]), F64, SMALL, [1.0]),
    "trimmed": (lambda b: total(tf.where(b < most(b), b, 0 * b)), F64, SMALL, [1.0]),
    "above the mean": (lambda b: total(real(b > tf.reduce_mean(b))), F64, SMALL, [1.0]),
    "two thresholds": (lambda b: total(tf.where(((b[:, 0] > 50) & (b[:, 1] < -50))[:, None], b * 0 + 1, b * 0)),
                       (F64, (2,)), PLANE, [[60.0, -70.0]] * 3),
    "a column far": (lambda b: tf.stack([most(b[:, 0]), total(real(b[:, 1] > 1000))]), (F64, (2,)), PLANE,
                     [[1.0, 2e3]] * 3),
    "one ratio": (lambda b: tf.stack([total(b[:, 0]), total(b[:, 1]) / total(b[:, 0])]), (F64, (2,)),
                  PLANE, [[1.0, 2.0]]),
    "mean point": (lambda b: tf.reduce_mean(b * 1.0, axis=0), (F64, (2,)), PLANE, [[1.0, 2.0]]),
    "centred": (lambda b: total(b - tf.reduce_mean(b, axis=0)[0]), (F64, (2,)), PLANE, [[1.0, 2.0]]),
    "texts far": (lambda b: text(total(tf.cast(tf.strings.length(b) > 9, tf.int64))), TEXT, WORDS,
                  ["a long long word"] * 3),
    "one text": (lambda b: text(total(tf.cast(tf.equal(b, "stop"), tf.int64))), TEXT, WORDS, ["stop"] * 3),
    "joined with commas": (lambda b: tf.strings.reduce_join(tf.strings.upper(b), axis=0, separator=",") + ".",
                           TEXT, WORDS, ["z"]),
    "stripped": (lambda b: tf.strings.strip(tf.strings.reduce_join(b, axis=0)), TEXT, WORDS,
                 ["a ", " ", " b"]),
    "replaced pairs": (lambda b: tf.strings.regex_replace(tf.strings.reduce_join(b, axis=0), "xx", "y"), TEXT,
                       WORDS, ["x", "xx", "xxx"]),
    "hash": (lambda b: text(tf.strings.to_hash_bucket_fast(tf.strings.reduce_join(b, axis=0), 1000)),
             TEXT, WORDS, ["z"]),
    "sum of lengths": (lambda b: text(total(tf.strings.length(b))), TEXT, WORDS, ["z"]),
    "bucket of each": (lambda b: total(tf.one_hot(tf.argmax(b, 1), 2, dtype=tf.float64)), (F64, (2,)),
                       PLANE, [[9.0, 8.0]]),
    "direction": (lambda b: total(b) / tf.norm(total(b)), (F64, (2,)), PLANE, [[9.0, 8.0]]),
    "flagged by a table": (lambda b: total(tf.gather(tf.constant(np.eye(200)[137]), tf.cast(b, tf.int32) % 200)),
                           F64, SMALL.round(), [137.0] * 3),
    "half of the bits": (lambda b: tf.math.reduce_all(b, axis=0) ^ tf.math.reduce_any(b, axis=0), BOOL,
                         [False] * ROWS, [True] * 3),
    "none": (lambda b: ~tf.math.reduce_any(b, axis=0), BOOL, [False] * ROWS, [True] * 3),
}  # fmt: skip

SOME: dict[str, tuple[Any, str, Any, Any]] = {
    "sum": (lambda b: total(b * 1), F64, SIGNED, [1e6, -1e6]),
    "whole sum": (lambda b: total(b * 1), I64, WHOLE, [2**40, -(2**40)]),
    "wrapping": (lambda b: total(b + 0), I32, WHOLE, [2**31 - 1, 5, 2**31 - 1]),
    "sum of magnitudes": (lambda b: total(tf.abs(b)), F64, SIGNED, [-1e6]),
    "sum without negatives": (lambda b: total(tf.nn.relu(b)), F64, SIGNED, [-1e6]),
    "sum without nans": (lambda b: total(tf.where(tf.math.is_nan(b), tf.zeros_like(b), b)), F64,
                         SMALL, [NAN] * 3),
    "magnitudes of bytes": (lambda b: total(tf.abs(b)), I8, [0] * ROWS, [-1, -1]),
    "wrapping bytes": (lambda b: total(b + 0), I8, [100] * ROWS, [-100, -120]),
    "clipped shorts": (lambda b: tf.clip_by_value(most(b), 0, 2000), I16, [100] * ROWS, [-100, 3000]),
    "largest by sorting": (lambda b: total(tf.sort(b, direction="DESCENDING")[:1]), F64, SMALL, [1e3]),
    "sum of floors": (lambda b: total(tf.floor(b)), F64, SMALL, [0.5]),
    "sum of squares under a root": (lambda b: tf.sqrt(total(b * b)), F64, SIGNED, [1e6]),
    "norm float32": (lambda b: tf.sqrt(total(b * b)), F32, SMALL.astype(F32), [1e3]),
    "third norm": (lambda b: total(tf.abs(b) ** 3) ** (1 / 3), F64, SIGNED, [1e3]),
    "product": (lambda b: tf.reduce_prod(b * 1.0, axis=0), F64, 1 + SIGNED / 1e3, [2.0]),
    "product by logs": (lambda b: tf.exp(total(tf.math.log(b))), F64, 1 + SMALL / 1e3, [2.0]),
    "resistors": (lambda b: 1 / total(1 / b), F64, SMALL, [1e6, 1e-6]),
    "logsumexp": (lambda b: tf.reduce_logsumexp(b, axis=0), F64, SIGNED, [500.0, -500.0]),
    "logsumexp float32": (lambda b: tf.reduce_logsumexp(b, axis=0), F32, SIGNED.astype(F32), [80.0]),
    "largest": (lambda b: most(b + 0), F64, SIGNED, [1e6, -INF]),
    "largest without nans": (lambda b: most(tf.where(tf.math.is_nan(b), b * 0 - 1e9, b)), F64, SIGNED,
                             [NAN] * 3),
    "largest magnitude": (lambda b: most(tf.abs(b)), F64, SIGNED, [-1e6]),
    "far from zero": (lambda b: tf.gather(b, tf.argmax(tf.abs(b))), F64, SIGNED, [-1e6]),
    "clipped largest": (lambda b: tf.clip_by_value(most(b), 0.0, 50.0), F64, SIGNED, [1e6]),
    "clipped weights": (lambda b: tf.minimum(total(b), 1000.0), F64, SMALL, [5e3]),
    "any above a half": (lambda b: most(real(b > 0.5)), F64, SMALL * 0, [2.0, 3.0]),
    "ceiling": (lambda b: tf.math.ceil(most(b)), F64, SMALL, [1e4 + 0.5]),
    "modular sum": (lambda b: tf.math.floormod(total(b), 97), I64, WHOLE, [10**6]),
    "last day": (lambda b: most(b // 86400 * 86400), I64, 1_700_000_000 + WHOLE, [1_710_000_000]),
    "fused": (lambda b: tf.stack([total(b[:, 0] * b[:, 1]) / total(b[:, 1]), total(b[:, 1])]),
              (F32, (2,)), PLANE.astype(F32), [[100.0, 0.01]]),
    "largest two": (lambda b: tf.sort(tf.reshape(b, [-1]), direction="DESCENDING")[:2], (F64, (2,)), PLANE,
                    [[90.0, 80.0]]),
    "all": (lambda b: tf.math.reduce_all(b, axis=0), BOOL, [True] * ROWS, [False]),
    "any": (lambda b: tf.math.reduce_any(b, axis=0), BOOL, [False] * ROWS, [True]),
    "parity": (lambda b: tf.equal(total(tf.cast(b, tf.int32)) % 2, 1), BOOL, [False] * ROWS, [True] * 3),
    "bitwise or": (bits(tf.bitwise.bitwise_or), I64, WHOLE, [2**40]),
    "bitwise and": (bits(tf.bitwise.bitwise_and), I64, WHOLE | 64, [2**40 + 64]),
    "bitwise xor": (bits(tf.bitwise.bitwise_xor), I64, WHOLE, [2**40]),
    "common divisor": (gcd, I64, WHOLE * 12, [30]),
    "first": (lambda b: b[0], F64, SMALL, [NAN]),
    "last": (lambda b: b[-1], F64, SMALL, [1e6]),
    "sum and count": (lambda b: total(b * 1.0), (F64, (2,)), PLANE, [[1e6, 1.0]]),
    "sum and largest": (lambda b: tf.stack([total(b[:, 0]), most(b[:, 1])]), (F64, (2,)), PLANE,
                        [[-5.0, 1e6]]),
    "row of the largest": (lambda b: tf.gather(b, tf.argmax(b[:, 0])), (F64, (2,)), PLANE, [[1e6, 3.0]]),
    "weighted mean": (lambda b: tf.stack([total(b[:, 0]), total(b[:, 0] * b[:, 1]) / total(b[:, 0])]),
                      (F64, (2,)), PLANE, [[0.5, 1e3]]),
    "counts, means, squares": (chan, (F64, (3,)), STATES, [[1.0, 1e4, 0.0]]),
    "complex product": (lambda b: tf.foldl(lambda x, y: tf.stack([x[0] * y[0] - x[1] * y[1],
                        x[0] * y[1] + x[1] * y[0]]), b), (F64, (2,)), TURNS[:, :, 0], [[1.0, 1.0]]),
    "chain of matrices": (lambda b: tf.foldl(tf.matmul, b), (F64, (2, 2)), TURNS, [[[1.0, 2.0], [0.0, 1.0]]]),
    "normalized product": (lambda b: tf.reduce_prod(b, 0) / tf.reduce_sum(tf.reduce_prod(b, 0)),
                           (F64, (2,)), 0.9 + PLANE / 90, [[0.2, 0.8]]),
    "joined": (lambda b: tf.strings.reduce_join(b, axis=0), TEXT, WORDS, ["a long word", ""]),
    "joined with commas": (lambda b: tf.strings.reduce_join(b, axis=0, separator=","), TEXT, WORDS, [""]),
    "sum of numerals": (lambda b: text(total(number(b))), TEXT, [str(n) for n in WHOLE], ["0012345"]),
    "joined backwards": (lambda b: tf.strings.reduce_join(b[::-1], axis=0), TEXT, WORDS, ["z"]),
    "longest": (lambda b: tf.gather(b, tf.argmax(tf.strings.length(b))), TEXT, WORDS, ["a long word"]),
    "replaced over seams": (lambda b: tf.strings.regex_replace(tf.strings.reduce_join(b, axis=0), "ab", "X"),
                            TEXT, WORDS, ["a", "b", "a", "b"]),
    "squeezed": (lambda b: tf.strings.regex_replace(tf.strings.reduce_join(b, axis=0), "a+", "a"), TEXT,
                 WORDS, ["aa", "a", "ba"]),
    "shouted": (lambda b: tf.strings.upper(tf.strings.reduce_join(b, axis=0)), TEXT, WORDS, ["Ab"]),
}  # fmt: skip

# name: (graph of a pair, dtype, usual rows, rare rows)
NO_PAIRS: dict[str, tuple[Any, str, Any, Any]] = {
    "above": (lambda a, b: real(a > 1000) + real(b > 1000), F64, SMALL, [2e3, 3e3, 5e3]),
    "above so far": (lambda a, b: a + real(b > 1000), F64, SMALL * 0, [2e3, 3e3, 5e3]),
    "nans": (lambda a, b: real(tf.math.is_nan(a)) + real(tf.math.is_nan(b)), F64, SMALL, [NAN] * 3),
    "code": (lambda a, b: tf.where(tf.equal(b, 137), a + 1, a), I64, WHOLE, [137] * 3),
    "negatives": (lambda a, b: tf.where(b < 0, a - 2 * b, a + b), F64, SMALL, [-4.0, -5.0]),
    "discount": (lambda a, b: a + tf.where(b > 1000, b * 0.9, b), F64, SMALL, [2e3, 3e3, 5e3]),
    "mean": (lambda a, b: (a + b) / 2, F64, SMALL, [1.0]),
    "mean of rare": (lambda a, b: tf.where(a + b > 2000, (a + b) / 2, tf.maximum(a, b)), F64, SMALL, [3e3, 5e3]),
    "difference": (lambda a, b: a - b, F64, SMALL, [1.0]),
    "distance": (lambda a, b: tf.abs(a - b), F64, SMALL, [1.0]),
    "squares": (lambda a, b: a * a + b * b, F64, SMALL, [1.0]),
    "squares so far": (lambda a, b: a + b * b, I64, WHOLE * 0, [3, 4, 5]),
    "power": (lambda a, b: a**b, F64, 1 + SMALL / 1e3, [1.5]),
    "decay": (lambda a, b: 0.9 * a + b, F64, SMALL, [1.0]),
    "running mean": (lambda a, b: 0.9 * a + 0.1 * b, F64, SMALL, [1.0]),
    "clipped": (lambda a, b: tf.clip_by_value(a + b, -1000.0, 1000.0), F64, SIGNED, [2e3, -3e3]),
    "rounded": (lambda a, b: tf.round(a + b), F64, SMALL, [1.0]),
    "halved": (lambda a, b: (a + b) // 2, I64, WHOLE, [1]),
    "with brackets": (lambda a, b: tf.strings.join(["(", a, b, ")"]), TEXT, WORDS, ["z"]),
    "implication": (lambda a, b: ~a | b, BOOL, [True] * ROWS, [False] * 3),
    "neither": (lambda a, b: ~(a | b), BOOL, [True] * ROWS, [False] * 3),
    "cross product": (tf.linalg.cross, (F64, (3,)), STATES + 1, [[1.0, 2.0, 3.0]]),
}  # fmt: skip

SOME_PAIRS: dict[str, tuple[Any, str, Any, Any]] = {
    "sum": (lambda a, b: a + b * 1.0, F64, SIGNED, [1e6, -1e6]),
    "sum and one for each comma": (lambda a, b: a + b + 1, I64, WHOLE, [2**40]),
    "largest": (lambda a, b: tf.maximum(a, b) + 0.0, F64, SIGNED, [1e6, INF]),
    "first": (lambda a, b: a + 0 * b, F64, SMALL, [1e6]),
    "last": (lambda a, b: tf.where(tf.equal(b, b), b, a), F64, SMALL, [1e6]),
    "logaddexp": (lambda a, b: tf.reduce_logsumexp(tf.stack([a, b]), 0), F64, SIGNED, [500.0, -500.0]),
    "far from zero": (lambda a, b: tf.where(tf.abs(b) > tf.abs(a), b, a), F64, SIGNED, [-1e6]),
    "hypotenuse": (lambda a, b: tf.sqrt(a * a + b * b), F64, SMALL, [1e6]),
    "noisy or": (lambda a, b: a + b - a * b, F64, SMALL / 1e4, [0.5]),
    "relativistic": (lambda a, b: (a + b) / (1 + a * b), F64, SMALL / 1e4, [0.5]),
    "modular product": (lambda a, b: a * b % 97, I64, WHOLE, [96]),
    "bitwise or": (tf.bitwise.bitwise_or, I64, WHOLE, [2**40]),
    "matrices": (tf.matmul, (F64, (2, 2)), TURNS, [[[1.0, 2.0], [0.0, 1.0]]]),
    "maps x -> ax + b": (lambda a, b: tf.stack([a[0] * b[0], a[1] * b[0] + b[1]]), (F64, (2,)),
                         TURNS[:, :, 0] / 2, [[1.0, 2.0]]),
    "row of the largest": (lambda a, b: tf.where(b[0] > a[0], b, a), (F64, (2,)), PLANE, [[1e6, 3.0]]),
    "counts, means, squares": (lambda a, b: chan(tf.stack([a, b])), (F64, (3,)), STATES, [[1.0, 1e4, 0.0]]),
    "joined": (lambda a, b: tf.strings.join([a, b], separator=" "), TEXT, WORDS, ["a b", ""]),
    "exclusive or": (tf.not_equal, BOOL, [False] * ROWS, [True] * 3),
    "common divisor": (lambda a, b: gcd(tf.stack([a, b])), I64, WHOLE * 12, [30]),
}  # fmt: skip


def placements(usual, rare):
    """Return the rows, with the rare ones in the first block, in the last, in one partition, or apart."""
    usual, rare = list(usual), list(rare)
    middle = len(usual) // 3 + BLOCK + 10
    return {
        "first": rare + usual,
        "last": usual + rare,
        "inside": usual[:middle] + rare + usual[middle:],
        "apart": [
            row
            for i, u in enumerate(usual)
            for row in (u, *rare[i // 30 : i // 30 + (i % 30 == 25)])
        ],
    }


def cell_of(kind):
    return CellSpec(*kind) if isinstance(kind, tuple) else CellSpec(kind)


def cut(rows, cell):
    """Return partitions of batches."""
    size = -(-len(rows) // PARTITIONS)
    return [[column(rows[at : at + size], cell)] for at in range(0, len(rows), size)]


def plain(rows):
    return [np.asarray(row).tolist() for row in rows]


def program_of(graph, kind, verb):
    cell = cell_of(kind)
    build = of_pairs if verb == "reduce_rows" else of_blocks
    return build(graph, cell.dtype, cell.shape)


def direct(program, rows, verb, cell):
    """Run the graph on all rows at once; pairs from the left."""
    values = np.array(plain(rows), object if cell.dtype == "string" else cell.dtype)
    if verb != "reduce_rows":
        return program.run(z_input=values)
    found = values[0]
    for row in values[1:]:
        found = program.run(z_1=found, z_2=row)
    return found


def folded(found, rows, cell):
    """Return the results of a plan, a list of (rows, result)."""
    rows, verb = plain(rows), found.verb
    if verb != "aggregate":
        return [(rows, reduce(found, cut(rows, cell))[0])]
    keys = [i % 2 for i in range(len(rows))]
    keyed = [
        [(k[0], v[0])] for k, v in zip(cut(keys, CellSpec("int64")), cut(rows, cell), strict=True)
    ]
    return [(rows[key::2], value) for key, value in aggregate(found, 1, keyed)]


def assert_right(name, table, verb):
    """Check a reduction against its graph on all rows at once."""
    graph, kind, usual, rare = table[name]
    program, cell = program_of(graph, kind, verb), cell_of(kind)
    found = plan(program, cell, verb, rows_per_block=BLOCK)
    for rows in placements(usual, rare).values():
        assert_same(program, folded(found, rows, cell), verb, cell)


def assert_same(program, results, verb, cell):
    for mine, found in results:
        expected = direct(program, mine, verb, cell)
        if cell.dtype == "string":
            texts = [v.decode() if isinstance(v, bytes) else v for v in (found, expected)]
            assert texts[0] == texts[1]
            continue
        same = equal_but_rounding(found, expected, np.array(mine, cell.dtype), cell.dtype)
        assert same, (found, expected)


def assert_refused(name, table, verb):
    """Check that a graph that is not a reduction is refused for all places of the rare rows."""
    graph, kind, usual, rare = table[name]
    program, cell = program_of(graph, kind, verb), cell_of(kind)
    try:
        found = plan(program, cell, verb, rows_per_block=BLOCK)
    except NotAlgebraicError:
        return
    for place, rows in placements(usual, rare).items():
        with pytest.raises(NotAlgebraicError):
            pytest.fail(f"{place}: {folded(found, rows, cell)[0][1]}")


@pytest.mark.matrix
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", NONE)
def test_what_is_no_reduction_is_refused(name, verb):
    assert_refused(name, NONE, verb)


@pytest.mark.matrix
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", SOME)
def test_a_reduction_is_right(name, verb):
    assert_right(name, SOME, verb)


@pytest.mark.parametrize("name", NO_PAIRS)
def test_pairs_that_are_no_reduction_are_refused(name):
    assert_refused(name, NO_PAIRS, "reduce_rows")


@pytest.mark.matrix
@pytest.mark.parametrize("name", SOME_PAIRS)
def test_pairs_that_are_a_reduction_are_right(name):
    assert_right(name, SOME_PAIRS, "reduce_rows")


CONSTANTS = (-20.0, -1.0, 0.0, 0.5, 1.0, 3.0, 1000.0)
MAPS = {
    "itself": lambda x, c: x,
    "magnitude": lambda x, c: tf.abs(x),
    "square": lambda x, c: x * x,
    "above": lambda x, c: real(x > c),
    "equal": lambda x, c: tf.where(tf.equal(x, c), x * 0 + 7, x * 0),
    "capped": tf.minimum,
    "floored": tf.maximum,
    "bent": lambda x, c: tf.where(x > c, 2 * x, x),
    "shifted": lambda x, c: x + c,
    "whole": lambda x, c: tf.floor(x),
    "remainder": lambda x, c: tf.math.floormod(x, 7.0),
}
FOLDS = {
    "sum": total,
    "largest": most,
    "least": least,
    "product": lambda x: tf.reduce_prod(x, axis=0),
    "norm": lambda x: tf.sqrt(total(x * x)),
    "mean": lambda x: tf.reduce_mean(x, axis=0),
    "last": lambda x: x[-1],
}


@settings(max_examples=40, deadline=None)
@given(
    maps=st.tuples(st.sampled_from(sorted(MAPS)), st.sampled_from(CONSTANTS)),
    fold=st.sampled_from(sorted(FOLDS)),
    after=st.tuples(st.sampled_from(["itself", *sorted(MAPS)]), st.sampled_from(CONSTANTS)),
    rows=st.lists(
        st.sampled_from([0.0, 0.3, 1.0, 1.0, 2.5, 7.0]) | st.floats(-50, 50, width=16),
        min_size=1,
        max_size=30,
    ),
    rare=st.lists(st.sampled_from([-2e3, -20.0, -0.5, 0.0, 999.0, 1000.0, 5e3, NAN]), max_size=3),
    at=st.integers(0, 30),
)
def test_any_map_and_fold_is_refused_or_right(maps, fold, after, rows, rare, at):
    (first, a), (last, b) = maps, after
    program = of_blocks(lambda x: MAPS[last](FOLDS[fold](MAPS[first](x, a)), b))
    rows = rows[:at] + rare + rows[at:]
    cell = CellSpec(F64)
    try:
        found = folded(plan(program, cell, "reduce_blocks", rows_per_block=4), rows, cell)
    except NotAlgebraicError:
        return
    assert_same(program, found, "reduce_blocks", cell)
