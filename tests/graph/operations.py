"""Graphs of one row for each operation that is vectorized, and rows to run them on.

A group is one graph: the rows that feed it, and the results that it computes.
"""

from __future__ import annotations

import numpy as np

import tensorflow as tf

ROWS = 7
R = np.random.default_rng(11)
raw = tf.raw_ops

UNIT = R.uniform(0.05, 0.95, (ROWS, 4)).astype("float32")
REAL = np.vstack([R.normal(size=(ROWS - 1, 4)) * 3, [[np.nan, np.inf, -np.inf, 0]]]).astype(
    "float32"
)
PLAIN = R.normal(size=(ROWS, 4)).astype("float32")
SCALAR = R.normal(size=ROWS).astype("float32")
MATRIX = R.normal(size=(ROWS, 3, 4)).astype("float32")
SQUARE = R.normal(size=(ROWS, 3, 3))
POSITIVE = SQUARE @ SQUARE.transpose(0, 2, 1) + 3 * np.eye(3)
IMAGE = R.normal(size=(ROWS, 2, 6, 4, 2)).astype("float32")
VOLUME = R.normal(size=(ROWS, 1, 4, 4, 2, 2)).astype("float32")
COLOURS = R.uniform(0, 1, (ROWS, 5, 4, 3)).astype("float32")
INTS = R.integers(-5, 6, (ROWS, 4)).astype("int32")
INTS[INTS == 0] = 3
PLACES = R.integers(0, 4, (ROWS, 3)).astype("int32")
PLACE = R.integers(0, 3, ROWS).astype("int32")
BOOLS = R.integers(0, 2, (ROWS, 4)).astype(bool)
WORDS = np.array([["Spark", "a b"], ["", "X"], ["zürich", "1"], ["c", "cc"], ["d d", "e"], ["-", "+"],
                  ["Ω", "q"]], object)  # fmt: skip
WORD = WORDS[:, 0].copy()
NUMBERS = np.array(["1.5", "-2", "3e2", "0", "7", "1", "2"], object)
FLOAT_ROWS = {"x": PLAIN, "y": UNIT, "s": SCALAR, "m": MATRIX, "k": PLACES, "i": PLACE}

C4 = np.array([0.5, -1.5, 2.0, 0.25], "float32")
C34 = R.normal(size=(3, 4)).astype("float32")
C43 = R.normal(size=(4, 3)).astype("float32")


def unary(names):
    """Apply operations of one argument."""
    return {name: (lambda x, name=name: apply(name, x)) for name in names.split()}


def binary(names, constant, of="xy"):
    """Apply operations of two: both from the row, either constant, and of unequal ranks."""
    cases = {}
    for name in names.split():
        cases[name] = lambda name=name, **r: apply(name, r[of[0]], r[of[1]])
        cases[f"{name} left"] = lambda name=name, **r: apply(name, r[of[0]], constant)
        cases[f"{name} right"] = lambda name=name, **r: apply(name, constant, r[of[1]])
        cases[f"{name} ranks"] = lambda name=name, **r: apply(name, r[of[0]][0], constant[None])
        cases[f"{name} outer"] = lambda name=name, **r: apply(name, r[of[0]][:, None], r[of[1]])
    return cases


def apply(name, *values):
    """Make an operation with tensors for its inputs in their order."""
    make = getattr(raw, name)
    keywords = list(__import__("inspect").signature(make).parameters)
    tensors = [tf.convert_to_tensor(v) for v in values]
    return make(**dict(zip(keywords, tensors, strict=False)))


def gradient(function, *of):
    """Differentiate a sum of squares."""
    found = tf.gradients(tf.reduce_sum(function(*of) ** 2), of)
    return [tf.convert_to_tensor(gradient) for gradient in found]


def complex_of(x):
    return tf.complex(x, x[::-1])


def parts(z):
    return tf.math.real(z), tf.math.imag(z)


def loop(x):
    return tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s * 1.5 + x), [0, x])[1]


def loop_to(i, x):
    return tf.while_loop(lambda n, s: n < i, lambda n, s: (n + 1, s + x), [0, x])[1]


def called(x):
    return tf.function(lambda a: a * 2 + 1)(x)


def array_of(x):
    """Write to a TensorArray, read, gather, stack and concatenate it."""
    array = tf.TensorArray(tf.float32, 3, element_shape=[4])
    array = array.write(0, x).write(1, x * 2).write(-1 + 3, -x)
    more = tf.TensorArray(tf.float32, 3, element_shape=[4], clear_after_read=False).unstack(
        tf.stack([x, x, -x])
    )
    return (
        array.read(1),
        array.stack(),
        more.gather([2, 0]),
        tf.cast(array.size(), tf.float32) + x,
        more.concat(),
    )


def list_of(x):
    """Push to a list and pop from it."""
    handle = raw.TensorListReserve(
        element_shape=tf.constant([4]), num_elements=tf.constant(2), element_dtype=tf.float32
    )
    handle = raw.TensorListSetItem(input_handle=handle, index=0, item=x)
    handle = raw.TensorListSetItem(input_handle=handle, index=1, item=-x)
    handle = raw.TensorListPushBack(input_handle=handle, tensor=x * 3)
    handle = raw.TensorListScatterIntoExistingList(
        input_handle=handle, tensor=tf.stack([x + 1, x + 2]), indices=[1, 0]
    )
    length = tf.cast(raw.TensorListLength(input_handle=handle), tf.float32)
    handle, last = raw.TensorListPopBack(
        input_handle=handle, element_shape=tf.constant([4]), element_dtype=tf.float32
    )
    whole = raw.TensorListGather(
        input_handle=handle, indices=tf.constant([1, 0]), element_shape=tf.constant([4]),
        element_dtype=tf.float32,
    )  # fmt: skip
    return last * length, whole


def table_of(x):
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(["Spark", ""]), tf.constant([1, 2])), -1
    )
    return table.lookup(x)


def asserted(x):
    with tf.control_dependencies([tf.debugging.assert_less(x, 1e9)]):
        return tf.identity(x)


def normalized(x, training, layout="NHWC", of=2):
    # The other outputs are for gradients; without training, TensorFlow leaves them as memory was.
    ones = tf.ones([of])
    empty = tf.constant([], tf.float32)
    return list(raw.FusedBatchNormV3(
        x=x, scale=ones * 2, offset=ones, mean=empty if training else ones / 2,
        variance=empty if training else ones * 3, is_training=training, data_format=layout,
    ))[:3]  # fmt: skip


def example(n):
    return tf.train.Example(features=tf.train.Features(feature={
        "v": tf.train.Feature(float_list=tf.train.FloatList(value=[n, n + 1])),
        "w": tf.train.Feature(int64_list=tf.train.Int64List(value=[n])),
    })).SerializeToString()  # fmt: skip


EXAMPLES = np.array([example(n) for n in range(ROWS)], object)
FEATURES = {
    "v": tf.io.FixedLenFeature([2], tf.float32),
    "w": tf.io.FixedLenFeature([], tf.int64),
    "u": tf.io.FixedLenFeature([1], tf.float32, [9.0]),
}

GROUPS = {
    "of numbers from 0 to 1": ({"x": UNIT}, unary(
        "Abs Acos Asin Atan Atanh BesselI0 BesselI0e BesselI1 BesselI1e BesselJ0 BesselJ1 BesselK0 "
        "BesselK0e BesselK1 BesselK1e BesselY0 BesselY1 Ceil Cos Cosh Dawsn Digamma Elu Erf Erfc Erfinv "
        "Exp Expint Expm1 Floor FresnelCos FresnelSin Inv IsFinite IsInf IsNan LeakyRelu Lgamma Log "
        "Log1p Ndtri Neg Reciprocal Relu Relu6 Rint Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus "
        "Softsign Spence Sqrt Square Tan Tanh Asinh Softmax LogSoftmax") | {
        "Softmax of a column": lambda x: tf.nn.softmax(tf.reshape(x, [2, 2])),
        "Acosh": lambda x: tf.acosh(x + 1), "CheckNumerics": lambda x: tf.debugging.check_numerics(x, ""),
    }),
    "of any number": ({"x": REAL}, unary(
        "Abs IsFinite IsInf IsNan Relu Relu6 Elu Selu Sigmoid Sign Tanh Floor Ceil Round Softsign Exp "
        "OnesLike ZerosLike Identity StopGradient L2Loss") | {
        "maximum": lambda x: tf.maximum(x, 0), "max": tf.reduce_max, "min": tf.reduce_min,
        "argmax": lambda x: tf.argmax(tf.where(tf.math.is_nan(x), 0.0, x)),
        "ClipByValue": lambda x: raw.ClipByValue(t=x, clip_value_min=-1.0, clip_value_max=1.0),
        "Bucketize": lambda x: raw.Bucketize(input=tf.where(tf.math.is_nan(x), 0.0, x), boundaries=[-1.0, 0.0, 1.0]),
        "Cast": lambda x: tf.cast(tf.clip_by_value(tf.where(tf.math.is_nan(x), 0.0, x), -9, 9), tf.int32),
        "IdentityN": lambda x: tf.identity_n([x, tf.constant(C4)]),
        "ApproximateEqual": lambda x: raw.ApproximateEqual(x=x, y=x * 1.0000001, tolerance=0.1),
        "EnsureShape": lambda x: tf.ensure_shape(x, [4]),
    }),
    "of two numbers": ({"x": PLAIN, "y": UNIT}, binary(
        "Add AddV2 Sub Mul RealDiv Div DivNoNan Maximum Minimum SquaredDifference Atan2 FloorDiv FloorMod "
        "TruncateMod MulNoNan Greater GreaterEqual Less LessEqual Equal NotEqual NextAfter Mod", C4)),
    "of two positive numbers": ({"x": UNIT, "y": UNIT[::-1].copy()}, binary(
        "Pow Igamma Igammac IgammaGradA Xdivy Xlog1py Xlogy", np.abs(C4)) | {
        "Zeta": lambda x, y: tf.math.zeta(x + 1.5, y), "Polygamma": lambda x, y: tf.math.polygamma(tf.round(x * 3) + 1, y),
        "Complex": lambda x, y: parts(tf.complex(x, C4) * tf.complex(y, x)),
        "Betainc": lambda x, y: tf.math.betainc(x, y, x),
        "ComplexAbs Angle Conj": lambda x, y: (tf.abs(tf.complex(x, y)), tf.math.angle(tf.complex(x, y)), tf.math.imag(tf.math.conj(tf.complex(x, y)))),
    }),
    "of integers": ({"x": INTS, "y": INTS[::-1].copy()}, binary(
        "BitwiseAnd BitwiseOr BitwiseXor TruncateDiv FloorDiv FloorMod Add Mul Maximum", np.array([1, 2, 3, 4], "int32")) | {
        "LeftShift": lambda x, y: raw.LeftShift(x=x, y=tf.abs(y)), "RightShift": lambda x, y: raw.RightShift(x=x, y=tf.abs(y)),
        "Invert": lambda x, y: raw.Invert(x=x), "PopulationCount": lambda x, y: tf.cast(raw.PopulationCount(x=x), tf.int32),
        "Mean": lambda x, y: tf.reduce_mean(x), "Bitcast": lambda x, y: tf.bitcast(x, tf.float32),
        "AsString": lambda x, y: tf.strings.as_string(x), "OneHot": lambda x, y: tf.one_hot(x, 4),
        "OneHot first": lambda x, y: tf.one_hot(x, 3, axis=0), "OneHot -1": lambda x, y: tf.one_hot(x[0], 3, 5.0, -1.0, axis=-1),
        "OneHot -2": lambda x, y: raw.OneHot(indices=x, depth=6, on_value=True, off_value=False, axis=1),
    }),
    "of bools": ({"x": BOOLS, "y": BOOLS[::-1].copy(), "m": MATRIX, "v": PLAIN, "s": SCALAR}, {
        "LogicalAnd": lambda x, y, **_: x & y, "LogicalOr": lambda x, y, **_: x | np.array([True, False, True, False]),
        "LogicalNot": lambda x, **_: ~x, "All": lambda x, **_: tf.reduce_all(x, -1), "Any": lambda x, **_: tf.reduce_any(x, 0, keepdims=True),
        "SelectV2": lambda x, v, **_: tf.where(x, v, C4), "SelectV2 of a scalar": lambda x, m, **_: tf.where(x[0], m, 0.0),
        "SelectV2 rank": lambda x, m, v, **_: tf.where(x, m, v), "SelectV2 constant": lambda v, s, **_: tf.where(np.array([True, False, True, False]), v, s),
        "Select": lambda x, v, **_: raw.Select(condition=x, x=v, y=tf.constant(C4)),
        "Select of a scalar": lambda x, m, **_: raw.Select(condition=x[0], x=m, y=-m),
        "Select of rows": lambda x, m, **_: raw.Select(condition=x[:3], x=m, y=-m),
        "Select of scalars": lambda x, s, **_: raw.Select(condition=x[0], x=s, y=-s),
        "Select of a matrix": lambda m, **_: raw.Select(condition=m > 0, x=m, y=-m),
        "Cast": lambda x, **_: tf.cast(x, tf.float32), "equal": lambda x, y, **_: tf.equal(x, y),
        "If": lambda x, v, **_: tf.cond(x[0], lambda: v * 2, lambda: -v),
        "If of a loop": lambda x, v, **_: tf.cond(x[0], lambda: loop(v), lambda: called(v)),
        "If in a branch": lambda x, v, **_: tf.cond(x[0], lambda: tf.cond(x[1], lambda: v, lambda: v * 2), lambda: tf.squeeze(v[None]) + tf.cast(tf.size(v), tf.float32)),
    }),
    "reductions": ({"x": PLAIN, "m": MATRIX, "s": SCALAR}, {
        f"{name} {axis} {keep}": (lambda x, m, s, f=f, axis=axis, keep=keep: f(m, axis=axis, keepdims=keep))
        for name, f in {"Sum": tf.reduce_sum, "Prod": tf.reduce_prod, "Max": tf.reduce_max, "Min": tf.reduce_min,
                        "Mean": tf.reduce_mean, "EuclideanNorm": tf.math.reduce_euclidean_norm}.items()
        for axis, keep in ((None, False), (0, True), (-1, False), ([-1, 0], False), ([1], True), ([], False))
    } | {
        "of a scalar": lambda x, m, s: tf.reduce_sum(s), "deviation": lambda x, m, s: tf.math.reduce_std(m, -1),
        "logsumexp": lambda x, m, s: tf.reduce_logsumexp(m, -1), "empty": lambda x, m, s: tf.reduce_sum(m[:, :0], -1),
        "empty max": lambda x, m, s: tf.reduce_max(m[:0], 0),
    } | {
        f"{name} {axis}": (lambda x, m, s, f=f, axis=axis: f(m, axis))
        for name, f in {"ArgMax": tf.argmax, "ArgMin": tf.argmin}.items() for axis in (0, 1, -1, -2)
    } | {
        f"{name} {axis} {how}": (lambda x, m, s, f=f, axis=axis, how=how: f(m, axis, *how))
        for name, f in {"Cumsum": tf.cumsum, "Cumprod": tf.math.cumprod, "CumulativeLogsumexp": tf.math.cumulative_logsumexp}.items()
        for axis, how in ((0, (False, False)), (-1, (True, False)), (-2, (False, True)), (1, (True, True)))
    }),
    "shapes": (FLOAT_ROWS, {
        "Reshape": lambda x, **_: tf.reshape(x, [2, -1]), "Reshape to a scalar": lambda x, **_: tf.reshape(x[:1], []),
        "Reshape of a scalar": lambda s, **_: tf.reshape(s, [-1]), "Reshape to a shape": lambda x, m, **_: tf.reshape(m, tf.concat([tf.shape(x), [-1]], 0)),
        "Reshape of nothing": lambda x, **_: tf.reshape(x[:0], [0, 3]),
        "Squeeze": lambda x, **_: tf.squeeze(x[None, :, None]), "Squeeze to a scalar": lambda x, **_: tf.squeeze(x[:1][None]),
        "Squeeze axes": lambda x, **_: tf.squeeze(x[None, :, None], [-1, 0]), "Squeeze of nothing": lambda x, **_: tf.squeeze(x),
        "Squeeze of a scalar": lambda s, **_: tf.squeeze(s), "Squeeze -3": lambda x, **_: tf.squeeze(x[None, :, None], -3),
        "ExpandDims": lambda x, **_: tf.expand_dims(x, 0), "ExpandDims -1": lambda x, **_: tf.expand_dims(x, -1),
        "ExpandDims -2": lambda x, **_: tf.expand_dims(x, -2), "ExpandDims of a scalar": lambda s, **_: tf.expand_dims(s, -1),
        "Transpose": lambda m, **_: tf.transpose(m), "Transpose perm": lambda m, **_: tf.transpose(m[None], [1, 2, 0]),
        "Transpose 1": lambda x, **_: tf.transpose(x), "Tile": lambda m, **_: tf.tile(m, [2, 1]),
        "ConjugateTranspose": lambda m, **_: parts(raw.ConjugateTranspose(x=tf.complex(m, m), perm=[1, 0])),
        "Fill": lambda s, **_: tf.fill([2, 3], s), "Fill a scalar": lambda s, **_: tf.fill([], s),
        "BroadcastTo": lambda x, **_: tf.broadcast_to(x, [3, 4]), "BroadcastTo of a scalar": lambda s, **_: tf.broadcast_to(s, [2, 2]),
        "Shape": lambda m, s, **_: tf.cast(tf.shape(m), tf.float32) * s, "ShapeN": lambda m, x, s, **_: [tf.cast(t, tf.float32) * s for t in tf.shape_n([m, x])],
        "Rank": lambda m, s, **_: tf.cast(raw.Rank(input=m), tf.float32) * s, "Size": lambda m, s, **_: tf.cast(raw.Size(input=m), tf.float32) * s,
        "Size in a branch": lambda m, s, **_: tf.cond(s > 1e9, lambda: tf.cast(raw.Size(input=m + s), tf.float32), lambda: s),
        "Pack": lambda x, y, **_: tf.stack([x, y, C4]), "Pack -1": lambda x, y, **_: tf.stack([x, y], -1),
        "Pack -2": lambda x, y, **_: tf.stack([x, C4], -2), "Pack scalars": lambda s, **_: tf.stack([s, 1.0, s]),
        "Unpack": lambda m, **_: tf.unstack(m), "Unpack -1": lambda m, **_: tf.unstack(m, axis=-1),
        "ConcatV2": lambda m, **_: tf.concat([m, C34], 0), "ConcatV2 -1": lambda m, **_: tf.concat([C34, m], -1),
        "Split": lambda m, **_: tf.split(m, 2, -1), "Split 0": lambda x, **_: tf.split(x, 2), "SplitV": lambda m, **_: tf.split(m, [1, -1], -2),
        "Pad": lambda m, **_: tf.pad(m, [[1, 0], [0, 2]]), "PadV2": lambda m, **_: tf.pad(m, [[1, 0], [0, 2]], constant_values=7.0),
        "MirrorPad": lambda m, **_: tf.pad(m, [[1, 0], [0, 2]], "REFLECT"), "MirrorPad edges": lambda x, **_: tf.pad(x, [[1, 2]], "SYMMETRIC"),
        "ReverseV2": lambda m, **_: tf.reverse(m, [-1]), "ReverseV2 0": lambda m, **_: tf.reverse(m, [0, 1]),
        "Roll": lambda m, **_: tf.roll(m, -1, -1), "Roll axes": lambda m, **_: tf.roll(m, [1, -2], [0, -1]), "Roll 1": lambda x, **_: tf.roll(x, -1, -1),
        "fftshift": lambda m, **_: tf.signal.fftshift(m, axes=-1),
        "Slice": lambda m, **_: tf.slice(m, [1, 0], [-1, 2]), "AddN": lambda x, y, **_: tf.add_n([x, y, tf.constant(C4)]),
        "Cross": lambda x, y, **_: tf.linalg.cross(x[:3], y[:3]), "Cross constant": lambda x, **_: tf.linalg.cross(x[:3], C4[:3]),
        "Rank of a loop": lambda x, **_: loop(x), "DepthToSpace": lambda m, **_: tf.nn.depth_to_space(m[:, None, None], 2),
        "SpaceToDepth": lambda m, **_: tf.nn.space_to_depth(tf.reshape(m, [1, 6, 2, 1]), 2),
        "BatchToSpaceND": lambda m, **_: tf.batch_to_space(tf.reshape(m, [4, 3, 1]), [2], [[1, 0]]),
        "SpaceToBatchND": lambda m, **_: tf.space_to_batch(m[:, :, None], [2], [[1, 1]]),
        "ScatterNd": lambda x, **_: tf.scatter_nd([[5], [1], [0], [5]], x, [7]), "InvertPermutation": lambda x, **_: tf.math.invert_permutation(tf.argsort(x)),
        "LinSpace": lambda s, **_: raw.LinSpace(start=0.0, stop=s, num=5), "ReverseSequence": lambda m, k, **_: tf.reverse_sequence(m, k, 1, 0),
        "SparseToDense": lambda x, **_: raw.SparseToDense(sparse_indices=[0, 2, 3, 5], output_shape=[6], sparse_values=x, default_value=-1.0),
        "UnravelIndex": lambda k, **_: raw.UnravelIndex(indices=k, dims=[2, 2]), "NthElement": lambda x, **_: raw.NthElement(input=x, n=1),
        "HistogramFixedWidth": lambda x, **_: tf.histogram_fixed_width(x, [-1.0, 1.0], 3),
    }),
    "slices": (FLOAT_ROWS, {
        text: eval(f"lambda x, m, i, k, **_: {text}")
        for text in ("m[1]", "m[-1]", "m[:, -1]", "m[..., 0]", "m[::-1]", "m[::-2, 1:]", "m[:, ::-1]", "m[..., None]", "m[None, ..., 1:3]",
                     "m[1:, None, :2]", "x[1:-1]", "x[-2:]", "x[3:1:-1]", "x[..., tf.newaxis]", "x[10:]", "m[-5:2]", "m[0, None, 1]",
                     "x[i]", "m[i]", "m[i, k[0]]", "x[i - 4]", "m[-i - 1, -1]", "tf.constant(C34)[i, 2]")
    } | {"StridedSliceGrad": lambda m, **_: gradient(lambda a: a[1:, ::-1], m),
         "StridedSliceGrad 0": lambda x, **_: gradient(lambda a: a[..., None, 1:2], x)}),
    "places": (FLOAT_ROWS, {
        "GatherV2": lambda x, k, **_: tf.gather(x, k), "GatherV2 -1": lambda m, k, **_: tf.gather(m, k, axis=-1),
        "GatherV2 constant": lambda k, **_: tf.gather(tf.constant(C43), k), "GatherV2 constant -1": lambda k, **_: tf.gather(tf.constant(C34), k, axis=-1),
        "GatherV2 axis 1": lambda k, **_: tf.gather(tf.constant(C34), k, axis=1), "GatherV2 of a scalar": lambda x, i, **_: tf.gather(x, i),
        "GatherV2 of constant places": lambda m, **_: tf.gather(m, [[2, 0]], axis=0), "GatherV2 batch": lambda m, k, **_: tf.gather(m, k[:, None], batch_dims=1),
        "GatherV2 batch constant": lambda k, **_: tf.gather(tf.constant(C34), k[:, None] * 0 + k[0], batch_dims=1),
        "GatherV2 batch axis": lambda m, k, **_: tf.gather(m[:, None], k[:, None], axis=-1, batch_dims=1),
        "GatherV2 batch -1": lambda m, k, **_: tf.gather(m, k[:, None], batch_dims=-1),
        "GatherNd": lambda x, k, **_: tf.gather_nd(x, k[:, None]), "GatherNd constant": lambda k, **_: tf.gather_nd(tf.constant(C43), k[:, None]),
        "GatherNd of constant places": lambda m, **_: tf.gather_nd(m, [[1, 2], [0, 0]]), "GatherNd of a place": lambda m, i, k, **_: tf.gather_nd(m, tf.stack([i, k[0]])),
        "TensorScatterUpdate": lambda x, s, **_: tf.tensor_scatter_nd_update(x, [[1], [3]], [s, 1.0]),
        "TensorScatterUpdate of places": lambda x, i, s, **_: tf.tensor_scatter_nd_update(x, i[None, None], s[None]),
        "TensorScatterUpdate of a matrix": lambda m, x, **_: tf.tensor_scatter_nd_update(m, [[1]], x[None]),
        "TensorScatterUpdate of constants": lambda s, **_: tf.tensor_scatter_nd_update(tf.constant(C4), [[2]], s[None]),
        "TensorScatterAdd": lambda x, k, **_: tf.tensor_scatter_nd_add(x, k[:, None], [1.0, 2.0, 3.0]), "TensorScatterSub": lambda x, k, **_: tf.tensor_scatter_nd_sub(x, k[:, None], [1.0, 2.0, 3.0]),
        "TensorScatterMin": lambda x, k, **_: tf.tensor_scatter_nd_min(x, k[:, None], [1.0, 2.0, 3.0]), "TensorScatterMax": lambda x, k, **_: tf.tensor_scatter_nd_max(x, k[:, None], [0.0, 1.0, 0.5]),
        "Switch": lambda i, x, **_: tf.switch_case(i, [lambda: x, lambda: -x, lambda: x * 2]),
        "TopKV2": lambda x, **_: tf.nn.top_k(x, 2), "TopKV2 of a matrix": lambda m, **_: tf.nn.top_k(m, 3), "sort": lambda m, **_: tf.sort(m, 0),
        "argsort": lambda x, **_: tf.argsort(x, direction="DESCENDING"),
        "LowerBound": lambda y, x, **_: tf.searchsorted(tf.sort(y), x), "UpperBound": lambda x, **_: tf.searchsorted([-1.0, 0.0, 1.0], x, side="right"),
        "LowerBound constant": lambda y, **_: tf.searchsorted(tf.sort(y), [0.3, 0.5]), "InTopK": lambda m, k, **_: tf.math.in_top_k(k, m, 2), "InTopKV1": lambda m, k, **_: raw.InTopK(predictions=m, targets=k, k=1),
        "DenseBincount": lambda k, **_: tf.ensure_shape(raw.DenseBincount(input=k, size=5, weights=tf.zeros([0])), [5]),
        "Bincount": lambda k, **_: tf.ensure_shape(raw.Bincount(arr=k, size=tf.constant(4), weights=tf.zeros([0])), [4]),
    } | {
        f"UnsortedSegment{name} {text}": (lambda m, k, name=name, ids=ids, **_: getattr(raw, f"UnsortedSegment{name}")(data=m, segment_ids=ids(k), num_segments=4))
        for name in ("Sum", "Prod", "Max", "Min")
        for text, ids in {"": lambda k: k, "dropped": lambda k: k - 2, "constant": lambda _: tf.constant([3, 3, 1])}.items()
    } | {"UnsortedSegmentSum of a constant": lambda k, **_: tf.math.unsorted_segment_sum(tf.constant(C34), k, 4)}),
    "products": ({"m": MATRIX, "n": R.normal(size=(ROWS, 4, 3)).astype("float32"), "x": PLAIN}, {
        "MatMul": lambda m, n, x: m @ n, "MatMul constant": lambda m, n, x: m @ C43, "MatMul of a constant": lambda m, n, x: C43 @ m,
        "MatMul transposed": lambda m, n, x: tf.matmul(m, n, transpose_a=True, transpose_b=True), "MatMul left": lambda m, n, x: tf.matmul(m, C34, transpose_b=True),
        "MatMul right": lambda m, n, x: tf.matmul(C34, m, transpose_b=True), "MatMul a": lambda m, n, x: tf.matmul(m, C34, transpose_a=True),
        "MatMul b": lambda m, n, x: tf.matmul(C34, m, transpose_a=True), "MatMul both": lambda m, n, x: tf.matmul(C43, m, transpose_a=True, transpose_b=True),
        "MatMul of one row": lambda m, n, x: x[None] @ C43, "MatMul of one column": lambda m, n, x: C34 @ x[:, None], "matvec": lambda m, n, x: tf.linalg.matvec(m, x),
        "BatchMatMulV2": lambda m, n, x: tf.matmul(m[None], n[None]), "BatchMatMulV2 broadcast": lambda m, n, x: tf.matmul(m[None, None], tf.stack([n, n])),
        "BatchMatMulV2 constant": lambda m, n, x: tf.matmul(tf.constant(np.stack([C34, C34])), n), "BatchMatMulV2 adjoint": lambda m, n, x: tf.matmul(m[None], m[None], adjoint_b=True),
        "Einsum": lambda m, n, x: tf.einsum("ij,jk->ik", m, n), "Einsum constant": lambda m, n, x: tf.einsum("ij,...j->...i", m, C34),
        "Einsum ellipsis": lambda m, n, x: tf.einsum("...ij,...jk->...ik", m[None], n), "Einsum 1": lambda m, n, x: tf.einsum("ij->j", m), "Einsum trace": lambda m, n, x: tf.einsum("ii->", m @ n),
        "tensordot": lambda m, n, x: tf.tensordot(m, C43, 1), "Dilation of rows": lambda m, n, x: tf.linalg.normalize(m, axis=-1)[0],
        "BiasAdd": lambda m, n, x: tf.nn.bias_add(m, C4), "BiasAdd of the row": lambda m, n, x: tf.nn.bias_add(m, x), "BiasAdd to a constant": lambda m, n, x: tf.nn.bias_add(tf.constant(C34), x),
        "BiasAdd channels first": lambda m, n, x: tf.nn.bias_add(m[..., None], C4, data_format="NC..."), "BiasAddGrad": lambda m, n, x: gradient(tf.nn.bias_add, m, x),
        "BiasAddGrad channels first": lambda m, n, x: raw.BiasAddGrad(out_backprop=m[None, :, :, None], data_format="NCHW"),
        "gradient of MatMul": lambda m, n, x: gradient(tf.matmul, m, n), "gradient of a broadcast": lambda m, n, x: gradient(lambda a, b: a * b, m, x),
        "SoftmaxCrossEntropyWithLogits": lambda m, n, x: raw.SoftmaxCrossEntropyWithLogits(features=m, labels=C34), "SoftmaxCrossEntropy of the row": lambda m, n, x: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(m), m),
        "SparseSoftmaxCrossEntropyWithLogits": lambda m, n, x: raw.SparseSoftmaxCrossEntropyWithLogits(features=m, labels=[0, 3, 1]),
        "GRUBlockCell": lambda m, n, x: tf.stack(raw.GRUBlockCell(x=m, h_prev=m[:, :2], w_ru=tf.ones([6, 4]) / 3, w_c=tf.ones([6, 2]) / 2, b_ru=tf.ones(4), b_c=tf.ones(2))[2:]),
        "LSTMBlockCell": lambda m, n, x: raw.LSTMBlockCell(x=m, cs_prev=m[:, :2], h_prev=m[:, 2:], w=tf.ones([6, 8]) / 3, wci=tf.ones(2), wcf=tf.ones(2), wco=tf.ones(2), b=tf.ones(8)).h,
    }),
    "matrices": ({"a": SQUARE, "p": POSITIVE, "m": MATRIX, "x": PLAIN}, {
        "Cholesky": lambda p, **_: tf.linalg.cholesky(p), "gradient of Cholesky": lambda p, **_: gradient(tf.linalg.cholesky, p), "MatrixDeterminant": lambda a, **_: tf.linalg.det(a), "LogMatrixDeterminant": lambda a, **_: tf.linalg.slogdet(a),
        "MatrixInverse": lambda a, **_: tf.linalg.inv(a), "MatrixInverse adjoint": lambda a, **_: tf.linalg.inv(a, adjoint=True), "MatrixSolve": lambda a, p, **_: tf.linalg.solve(p, a),
        "MatrixSolve constant": lambda p, **_: tf.linalg.solve(p, np.eye(3)), "MatrixSolve of a constant": lambda a, **_: tf.linalg.solve(np.eye(3) * 2, a), "MatrixTriangularSolve": lambda a, p, **_: tf.linalg.triangular_solve(p, a),
        "MatrixTriangularSolve constant": lambda p, **_: tf.linalg.triangular_solve(p, np.eye(3), lower=False, adjoint=True), "SelfAdjointEigV2": lambda p, **_: tf.linalg.eigvalsh(p), "SelfAdjointEigV2 vectors": lambda p, **_: tf.abs(tf.linalg.eigh(p)[1]),
        "Qr": lambda a, **_: tf.linalg.qr(a).r, "Qr of a row": lambda m, **_: tf.linalg.qr(m).r, "Svd": lambda a, **_: tf.linalg.svd(a, compute_uv=False), "Svd vectors": lambda a, **_: tf.abs(tf.linalg.svd(a)[1]),
        "expm": lambda a, **_: tf.linalg.expm(a / 3), "MatrixSquareRoot": lambda p, **_: tf.linalg.sqrtm(p), "MatrixLogarithm": lambda p, **_: tf.math.real(tf.linalg.logm(tf.cast(p, tf.complex128))),
        "MatrixSolveLs": lambda a, p, **_: tf.linalg.lstsq(p, a, fast=False), "Lu": lambda a, **_: tf.linalg.lu(a), "Eig": lambda p, **_: tf.sort(tf.math.real(tf.linalg.eigvals(p))),
        "MatrixBandPart": lambda m, **_: tf.linalg.band_part(m, 1, 0), "MatrixDiag": lambda x, **_: raw.MatrixDiag(diagonal=x), "MatrixDiagPart": lambda a, **_: raw.MatrixDiagPart(input=a),
        "MatrixSetDiag": lambda a, **_: raw.MatrixSetDiag(input=a, diagonal=tf.constant([1.0, 2, 3], tf.float64)), "MatrixDiagV3": lambda x, **_: tf.linalg.diag(x), "MatrixDiagV3 k": lambda x, **_: tf.linalg.diag(x, k=-1, padding_value=7.0),
        "MatrixDiagV2": lambda x, **_: raw.MatrixDiagV2(diagonal=x, k=1, num_rows=-1, num_cols=-1, padding_value=0.0), "MatrixDiagPartV2": lambda m, **_: raw.MatrixDiagPartV2(input=m, k=1, padding_value=0.0),
        "MatrixDiagPartV3": lambda m, **_: tf.linalg.diag_part(m, k=(-1, 1), padding_value=9.0), "MatrixSetDiagV2": lambda m, x, **_: raw.MatrixSetDiagV2(input=m, diagonal=x[:3], k=1), "MatrixSetDiagV3": lambda m, x, **_: tf.linalg.set_diag(m, x[:3]),
        "Diag": lambda x, **_: tf.linalg.tensor_diag(x), "DiagPart": lambda a, **_: tf.linalg.tensor_diag_part(a), "Diag of a matrix": lambda a, **_: tf.linalg.tensor_diag(a[:2, :2]),
        "TridiagonalSolve": lambda p, a, **_: tf.linalg.tridiagonal_solve(p, a[0]), "TridiagonalMatMul": lambda p, a, **_: tf.linalg.tridiagonal_matmul(p, a), "BandedTriangularSolve": lambda p, a, **_: tf.linalg.banded_triangular_solve(p[:2] + 2, a),
        "gradient of MatrixInverse": lambda p, **_: gradient(tf.linalg.inv, p),
    }),
    "images": ({"x": IMAGE, "f": R.normal(size=(ROWS, 2, 2, 2, 3)).astype("float32")}, {
        "Conv2D": lambda x, f: tf.nn.conv2d(x, tf.constant(R.normal(size=(2, 3, 2, 3)).astype("float32")), [1, 2], "SAME"), "Conv2D padded": lambda x, f: tf.nn.conv2d(x, tf.ones([2, 2, 2, 1]), 1, [[0, 0], [1, 2], [0, 1], [0, 0]]),
        "AvgPool": lambda x, f: tf.nn.avg_pool2d(x, 2, 2, "VALID"), "MaxPool": lambda x, f: raw.MaxPool(input=x, ksize=[1, 2, 2, 1], strides=[1, 1, 1, 1], padding="SAME"), "MaxPoolV2": lambda x, f: raw.MaxPoolV2(input=x, ksize=[1, 2, 2, 1], strides=[1, 2, 1, 1], padding="VALID"),
        "gradients": lambda x, f: gradient(lambda a: tf.nn.conv2d(a, tf.ones([2, 2, 2, 3]) / 3, 1, "SAME"), x) + gradient(lambda a: tf.nn.avg_pool2d(a, 2, 1, "SAME"), x) + gradient(lambda a: tf.nn.max_pool2d(a, 2, 1, "SAME"), x),
        "DepthwiseConv2dNative": lambda x, f: tf.nn.depthwise_conv2d(x, tf.constant(R.normal(size=(2, 2, 2, 3)).astype("float32")), [1, 1, 1, 1], "SAME"), "DepthwiseConv2dNative of the row": lambda x, f: tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "VALID"),
        "DepthwiseConv2dNative of a constant": lambda x, f: tf.nn.depthwise_conv2d(tf.ones([1, 3, 3, 2]), f, [1, 1, 1, 1], "SAME"),
        "FusedBatchNormV3": lambda x, f: normalized(x, False), "FusedBatchNormV3 training": lambda x, f: normalized(x, True), "gradient of FusedBatchNormV3": lambda x, f: gradient(lambda a: normalized(a, True)[0], x),
        "FusedBatchNorm": lambda x, f: raw.FusedBatchNorm(x=x, scale=tf.ones(2), offset=tf.ones(2), mean=tf.ones(2), variance=tf.ones(2), is_training=False).y, "FusedBatchNormV2": lambda x, f: raw.FusedBatchNormV2(x=x, scale=tf.ones(2), offset=tf.ones(2), mean=tf.ones(2), variance=tf.ones(2), is_training=False).y,
        "ResizeBilinear": lambda x, f: tf.image.resize(x, [3, 5]), "ResizeNearestNeighbor": lambda x, f: tf.image.resize(x, [3, 5], "nearest"), "ResizeBicubic": lambda x, f: tf.image.resize(x, [3, 5], "bicubic"), "ResizeArea": lambda x, f: tf.image.resize(x, [3, 5], "area"),
        "LRN": lambda x, f: tf.nn.local_response_normalization(x), "Dilation2D": lambda x, f: tf.nn.dilation2d(x, tf.ones([2, 2, 2]), [1, 1, 1, 1], "SAME", "NHWC", [1, 1, 1, 1]), "MaxPoolWithArgmax": lambda x, f: tf.nn.max_pool_with_argmax(x, 2, 2, "SAME").output,
        "CropAndResize": lambda x, f: tf.image.crop_and_resize(x, [[0.0, 0.1, 0.9, 1.0]], [1], [3, 2]), "ExtractImagePatches": lambda x, f: tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
        "SpaceToDepth": lambda x, f: tf.nn.space_to_depth(x, 2), "SpaceToBatchND": lambda x, f: tf.space_to_batch(x, [2, 2], [[0, 0], [1, 1]]), "BatchToSpaceND": lambda x, f: tf.batch_to_space(tf.concat([x, x], 0), [2, 2], [[0, 1], [1, 0]]),
        "DepthToSpace": lambda x, f: tf.nn.depth_to_space(tf.concat([x, x], -1), 2),
        "Conv2DBackpropFilter": lambda x, f: tf.nn.conv2d_transpose(x, tf.ones([2, 2, 3, 2]), [2, 12, 8, 3], 2), "filters": lambda x, f: raw.Conv2DBackpropFilter(input=tf.ones([2, 6, 4, 3]), filter_sizes=[2, 2, 3, 2], out_backprop=x, strides=[1, 1, 1, 1], padding="SAME"),
    }),
    "volumes": ({"x": VOLUME}, {
        "Conv3D": lambda x: tf.nn.conv3d(x, tf.ones([2, 2, 1, 2, 3]), [1] * 5, "SAME"), "AvgPool3D": lambda x: tf.nn.avg_pool3d(x, 2, 1, "SAME"), "MaxPool3D": lambda x: tf.nn.max_pool3d(x, 2, 2, "SAME"),
    }),
    "colours": ({"x": COLOURS}, {
        "AdjustContrastv2": lambda x: tf.image.adjust_contrast(x, 0.5), "AdjustHue": lambda x: tf.image.adjust_hue(x, 0.2), "AdjustSaturation": lambda x: tf.image.adjust_saturation(x, 0.7), "RGBToHSV": tf.image.rgb_to_hsv, "HSVToRGB": tf.image.hsv_to_rgb,
        "grey": tf.image.rgb_to_grayscale, "standard": tf.image.per_image_standardization, "flip": tf.image.flip_left_right, "resize": lambda x: tf.image.resize_with_pad(x, 4, 4), "yuv": tf.image.rgb_to_yuv, "crop": lambda x: tf.image.central_crop(x, 0.5),
        "DrawBoundingBoxesV2": lambda x: tf.image.draw_bounding_boxes(x[None], [[[0.1, 0.1, 0.9, 0.9]]], [[1.0, 0.0, 0.0]]), "CombinedNonMaxSuppression": lambda x: tf.image.combined_non_max_suppression(x[None, :, :1, :1] * [1.0, 1, 1, 1], x[None, :, 1, :1], 2, 2).nmsed_boxes,
        "FakeQuantWithMinMaxArgs": tf.quantization.fake_quant_with_min_max_args, "FakeQuantWithMinMaxVars": lambda x: tf.quantization.fake_quant_with_min_max_vars(x, 0.0, tf.reduce_max(x)), "QuantizeAndDequantizeV2": lambda x: raw.QuantizeAndDequantizeV2(input=x, input_min=0.0, input_max=1.0),
    }),
    "spectra": ({"x": R.normal(size=(ROWS, 2, 2, 4)).astype("float32")}, {
        name: (lambda x, f=f: parts(f(tf.complex(x, -x)))) for name, f in {"FFT": tf.signal.fft, "FFT2D": tf.signal.fft2d, "FFT3D": tf.signal.fft3d, "IFFT": tf.signal.ifft, "IFFT2D": tf.signal.ifft2d, "IFFT3D": tf.signal.ifft3d}.items()
    } | {name: (lambda x, f=f: parts(f(x))) for name, f in {"RFFT": tf.signal.rfft, "RFFT2D": tf.signal.rfft2d, "RFFT3D": tf.signal.rfft3d, "RFFT of 6": lambda x: tf.signal.rfft(x, [6])}.items()
    } | {name: (lambda x, f=f: f(tf.complex(x, -x))) for name, f in {"IRFFT": tf.signal.irfft, "IRFFT2D": tf.signal.irfft2d, "IRFFT3D": tf.signal.irfft3d}.items()
    } | {"Real Imag": lambda x: parts(complex_of(x) * 1j), "dct": tf.signal.dct}),
    "strings": ({"x": WORDS, "w": WORD, "n": NUMBERS, "i": PLACE}, {
        "StringUpper": lambda x, **_: tf.strings.upper(x), "StringLower": lambda x, **_: tf.strings.lower(x), "StringStrip": lambda x, **_: tf.strings.strip(x), "StringLength": lambda x, **_: tf.strings.length(x, "UTF8_CHAR"), "StringJoin": lambda x, w, **_: tf.strings.join([x, "-", w]), "StringJoin scalars": lambda w, **_: tf.strings.join(["<", w, ">"]),
        "StringJoin constant": lambda w, **_: tf.strings.join([w, ["a", "b", "c"]]), "StringJoin of one": lambda x, **_: tf.strings.join([x]), "Substr": lambda x, **_: tf.strings.substr(x, 0, 1), "Substr of the row": lambda w, i, **_: tf.strings.substr(w, i * 0, i), "Substr of places": lambda w, **_: tf.strings.substr(w, [0, 0], [1, 2]),
        "RegexReplace": lambda x, **_: raw.RegexReplace(input=x, pattern=tf.constant("[a-k]"), rewrite=tf.constant("*")), "StaticRegexReplace": lambda x, **_: tf.strings.regex_replace(x, "[a-k]", "*"), "RegexFullMatch": lambda x, **_: raw.RegexFullMatch(input=x, pattern=tf.constant(".*a.*")), "StaticRegexFullMatch": lambda x, **_: tf.strings.regex_full_match(x, ".*a.*"),
        "StringToHashBucketFast": lambda x, **_: tf.strings.to_hash_bucket_fast(x, 99), "StringToHashBucketStrong": lambda x, **_: tf.strings.to_hash_bucket_strong(x, 99, [1, 2]), "StringToHashBucket": lambda x, **_: raw.StringToHashBucket(string_tensor=x, num_buckets=99), "StringToNumber": lambda n, **_: tf.strings.to_number(n),
        "EncodeBase64": lambda x, **_: tf.io.encode_base64(x), "DecodeBase64": lambda x, **_: tf.io.decode_base64(tf.io.encode_base64(x)), "UnicodeScript": lambda i, **_: tf.strings.unicode_script(i + 1041), "LookupTableFindV2": lambda x, **_: table_of(x), "LookupTableFindV2 of a scalar": lambda w, **_: table_of(w),
        "DecodePaddedRaw": lambda w, **_: tf.io.decode_raw(w, tf.uint8, fixed_length=4), "DecodeCSV": lambda n, **_: tf.io.decode_csv(tf.strings.join([n, ",a,"]), [0.0, "b", "c"]), "DecodeCSV columns": lambda x, **_: tf.io.decode_csv(tf.strings.join(["1,", x]), [0, "b"], select_cols=[0, 1]), "equal": lambda x, w, **_: tf.equal(x, w),
        "StringFormat": lambda i, w, **_: tf.strings.format("{}: {}", (w, i)), "ReduceJoin": lambda x, **_: tf.strings.reduce_join(x), "UnicodeTranscode": lambda x, **_: tf.strings.unicode_transcode(x, "UTF-8", "UTF-16-BE"), "UnsortedSegmentJoin": lambda x, i, **_: tf.strings.unsorted_segment_join(x, tf.stack([0, 1 + i * 0]), 2),
        "Fingerprint": lambda x, **_: raw.Fingerprint(data=x, method=tf.constant("farmhash64")), "fill": lambda w, **_: tf.fill([2], w), "gather": lambda x, i, **_: tf.gather(x, i % 2), "concat": lambda x, w, **_: tf.concat([x, w[None]], 0), "where": lambda x, **_: tf.where(tf.equal(x, ""), "none", x), "add": lambda x, w, **_: x + w,
        "as_string": lambda n, **_: tf.strings.as_string(tf.strings.to_number(n), precision=2),
    }),
    "examples": ({"x": EXAMPLES}, {"ParseExampleV2": lambda x: list(tf.io.parse_single_example(x, FEATURES).values()), "ParseSingleExample": lambda x: raw.ParseSingleExample(serialized=x, dense_defaults=[tf.zeros([0])], num_sparse=0, sparse_keys=[], dense_keys=["v"], sparse_types=[], dense_shapes=[[2]]).dense_values}),
    "control flow": ({"x": PLAIN, "i": PLACE}, {
        "While": lambda x, i: loop(x), "While of the row's length": lambda x, i: loop_to(i, x), "PartitionedCall": lambda x, i: called(x), "Case": lambda x, i: tf.switch_case(i, [lambda: x, lambda: loop(x), lambda: called(x)]), "a Case beyond its branches": lambda x, i: tf.switch_case(i * 2 - 3, [lambda: x, lambda: -x, lambda: called(x)]),
        "a Case that has a state": lambda x, i: raw.Case(branch_index=i % 2, input=[x], Tout=[tf.float32], branches=BRANCHES)[0], "TensorArray": lambda x, i: array_of(x), "TensorList": lambda x, i: list_of(x), "Assert": lambda x, i: asserted(x), "map_fn": lambda x, i: tf.map_fn(lambda v: v * 2 + x[0], x), "scan": lambda x, i: tf.scan(lambda a, v: a + v, x),
        "While in a While": lambda x, i: tf.while_loop(lambda n, s: n < i, lambda n, s: (n + 1, loop_to(n, s)), [0, x])[1], "If in a While": lambda x, i: tf.while_loop(lambda n, s: n < 4, lambda n, s: (n + 1, tf.cond(n < i, lambda: s + x, lambda: s * 2)), [0, x])[1],
        "Squeeze in a While": lambda x, i: tf.while_loop(lambda n, s: n < i + 1, lambda n, s: (n + 1, tf.squeeze(s[None]) + tf.roll(x, -1, -1)), [0, x])[1],
        "Bidirectional": lambda x, i: tf.reverse(tf.scan(lambda a, v: a * v + 1, tf.reverse(x, [0])), [-1]),
    }),
}  # fmt: skip

GRADIENTS = {"x": UNIT}, {
    name: (lambda x, f=f: gradient(f, x))
    for name, f in {
        "elu": tf.nn.elu, "leaky": tf.nn.leaky_relu, "relu6": tf.nn.relu6, "relu": tf.nn.relu, "rsqrt": tf.math.rsqrt, "selu": tf.nn.selu, "sigmoid": tf.sigmoid, "softplus": lambda x: raw.SoftplusGrad(gradients=x, features=x), "softsign": tf.nn.softsign, "sqrt": tf.sqrt,
        "tanh": tf.tanh, "reciprocal": tf.math.reciprocal, "softmax": tf.nn.softmax, "norm": tf.norm, "max": tf.reduce_max, "cumsum": tf.cumsum, "gather": lambda x: tf.gather(x, [0, 0, 1]), "mean": tf.reduce_mean,
    }.items()
}  # fmt: skip
GROUPS["gradients"] = GRADIENTS

SEED = [1, 2]
DRAWS = {"x": PLAIN, "i": INTS}, {
    "RandomUniform": lambda x, i: x + tf.random.uniform([4]), "RandomUniformInt": lambda x, i: i + tf.random.uniform([4], 0, 1000000, tf.int32), "RandomStandardNormal": lambda x, i: x + tf.random.normal([4]), "TruncatedNormal": lambda x, i: x + tf.random.truncated_normal([4]),
    "RandomGamma": lambda x, i: tf.random.gamma([2], tf.abs(x) + 1), "RandomPoissonV2": lambda x, i: tf.random.poisson([2], tf.abs(x) * 1e6), "RandomPoissonV2 constant": lambda x, i: x[:2] + tf.random.poisson([2], 1e6), "Multinomial": lambda x, i: tf.random.categorical(x[None], 20), "Multinomial constant": lambda x, i: tf.random.categorical([[0.1] * 40], 9) + tf.cast(i[0], tf.int64) * 0,
    "While": lambda x, i: tf.while_loop(lambda n, s: n < i[0] + 6, lambda n, s: (n + 1, s + tf.random.normal([4])), [0, x])[1], "Case": lambda x, i: tf.switch_case(i[0] % 2, [lambda: x + tf.random.normal([4]), lambda: tf.random.normal([4])]),
    "If": lambda x, i: tf.cond(x[0] > 0, lambda: x + tf.random.normal([4]), lambda: tf.random.normal([4])), "StatefulPartitionedCall": lambda x, i: tf.function(lambda a: a + tf.random.normal([4]))(x),
    "RandomShuffle": lambda x, i: tf.random.shuffle(tf.concat([x, x * 2, x * 3], 0)), "ParameterizedTruncatedNormal": lambda x, i: raw.ParameterizedTruncatedNormal(shape=[4], means=x[0], stdevs=1.0, minvals=-9.0, maxvals=9.0),
}  # fmt: skip
STATELESS = {"x": UNIT, "i": INTS}, {
    "StatelessRandomUniformV2": lambda x, i: tf.random.stateless_uniform([3], i[:2]), "StatelessRandomNormalV2": lambda x, i: tf.random.stateless_normal([3], i[:2]), "StatelessTruncatedNormalV2": lambda x, i: tf.random.stateless_truncated_normal([3], i[:2]), "StatelessRandomUniformIntV2": lambda x, i: tf.random.stateless_uniform([3], i[:2], 0, 99, tf.int32),
    "StatelessRandomUniformFullIntV2": lambda x, i: tf.random.stateless_uniform([3], i[:2], None, None, tf.int32), "StatelessMultinomial": lambda x, i: raw.StatelessMultinomial(logits=x[None], num_samples=3, seed=SEED), "StatelessRandomBinomial": lambda x, i: raw.StatelessRandomBinomial(shape=[4], seed=SEED, counts=10.0, probs=x, dtype=tf.float32),
    "StatelessRandomGammaV2": lambda x, i: raw.StatelessRandomGammaV2(shape=[4], seed=i[:2], alpha=x), "StatelessRandomNormal": lambda x, i: raw.StatelessRandomNormal(shape=[4], seed=i[:2]), "StatelessRandomPoisson": lambda x, i: raw.StatelessRandomPoisson(shape=[4], seed=SEED, lam=x, dtype=tf.float32), "StatelessRandomUniform": lambda x, i: raw.StatelessRandomUniform(shape=[4], seed=i[:2]),
    "StatelessRandomUniformInt": lambda x, i: raw.StatelessRandomUniformInt(shape=[4], seed=i[:2], minval=0, maxval=9), "StatelessRandomUniformFullInt": lambda x, i: raw.StatelessRandomUniformFullInt(shape=[4], seed=i[:2], dtype=tf.int32), "StatelessTruncatedNormal": lambda x, i: raw.StatelessTruncatedNormal(shape=[4], seed=i[:2]),
    "StatelessParameterizedTruncatedNormal": lambda x, i: raw.StatelessParameterizedTruncatedNormal(shape=[4], seed=SEED, means=x, stddevs=1.0, minvals=-9.0, maxvals=9.0),
    "drop-out": lambda x, i: tf.nn.experimental.stateless_dropout(x, 0.5, SEED),
}  # fmt: skip
GROUPS["random numbers of a seed"] = STATELESS

# What fails for a row fails for its block, and is no value of another row.
FAILURES = {
    "UnsortedSegmentSum": ({"x": PLAIN, "k": INTS}, lambda x, k: tf.math.unsorted_segment_sum(x, tf.abs(k), 3)),
    "UnsortedSegmentMax": ({"x": PLAIN, "k": INTS}, lambda x, k: tf.math.unsorted_segment_max(x, tf.abs(k), 3)),
    "GatherV2": ({"x": PLAIN, "k": INTS}, lambda x, k: tf.gather(x, tf.abs(k))),
    "GatherNd": ({"x": PLAIN, "k": INTS}, lambda x, k: tf.gather_nd(x, tf.abs(k)[:, None])),
    "TensorScatterUpdate": ({"x": PLAIN, "k": INTS}, lambda x, k: tf.tensor_scatter_nd_update(x, tf.abs(k)[:, None], x)),
    "StridedSlice": ({"x": PLAIN, "k": INTS}, lambda x, k: x[k[0]]),
    "Assert": ({"x": PLAIN}, lambda x: asserted(x * 1e12)),
    "CheckNumerics": ({"x": REAL}, lambda x: tf.debugging.check_numerics(x, "")),
    "StringToNumber": ({"x": WORDS}, tf.strings.to_number),
    "Substr": ({"x": WORD, "i": PLACE}, lambda x, i: tf.strings.substr(x, 5 + i, 1)),
    "DecodeBase64": ({"x": np.array(["*"] * ROWS, object)}, tf.io.decode_base64),
    "SparseSoftmaxCrossEntropyWithLogits": ({"m": MATRIX, "k": PLACES}, lambda m, k: tf.nn.sparse_softmax_cross_entropy_with_logits(k + 9, m)),
}  # fmt: skip

# Not exact however they are converted, and so mapped.
MAPPED = {
    "SparseSegmentSum": ({"x": PLAIN, "k": PLACES}, lambda x, k: tf.sparse.segment_sum(x, k, tf.sort(k), 4)),
    "SparseSegmentMean": ({"x": PLAIN, "k": PLACES}, lambda x, k: tf.sparse.segment_mean(x, k, [0, 0, 1], 4)),
    "features of unequal length": ({"x": EXAMPLES}, lambda x: tf.io.parse_single_example(x, {"v": tf.io.FixedLenSequenceFeature([], tf.float32, allow_missing=True)})["v"]),
    "sparse features": ({"x": EXAMPLES}, lambda x: tf.reduce_sum(tf.io.parse_single_example(x, {"v": tf.io.VarLenFeature(tf.float32)})["v"].values)),
    "Roll by the row": ({"x": PLAIN, "k": INTS}, lambda x, k: tf.roll(x, k[0], -1)),
    "Slice from the row": ({"x": PLAIN, "i": PLACE}, lambda x, i: tf.slice(x, i[None], [1])),
    "TopKV2 of the row": ({"x": PLAIN, "i": PLACE}, lambda x, i: tf.reduce_sum(tf.nn.top_k(x, i).values)),
    "Where": ({"x": PLAIN}, lambda x: tf.where(x > 0)),
    "an Assert of a function": ({"x": PLAIN}, tf.function(lambda x: (tf.debugging.assert_positive(x), x * 2)[1])),
    "BiasAdd of the row, channels first": ({"m": MATRIX, "x": PLAIN}, lambda m, x: tf.nn.bias_add(m[None], x[:3], data_format="NCW")),
    "an If of a number": ({"x": PLAIN}, lambda x: raw.If(cond=x[0], input=[x], Tout=[tf.float32], then_branch=BRANCHES[0], else_branch=BRANCHES[1])[0]),
}  # fmt: skip
BRANCHES = [
    tf.function(branch).get_concrete_function(tf.TensorSpec([4]))
    for branch in (lambda x: x * 2, lambda x: -x)
]
