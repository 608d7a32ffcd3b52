"""List the operations that are vectorized, and how; other operations are mapped row by row.

Each is in the table of the tests, which compare blocks of several sizes with the row alone.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.converters import OURS, Converter, theirs

_NAMES_EXACT = """
    Abs Acos Acosh Add AddN AddV2 AdjustContrastv2 AdjustHue AdjustSaturation All Angle Any
    ApproximateEqual ArgMax ArgMin Asin Asinh Assert Atan Atan2 Atanh AvgPool AvgPool3D
    AvgPoolGrad BatchMatMulV2 BatchToSpaceND BesselI0 BesselI0e BesselI1 BesselI1e BesselJ0
    BesselJ1 BesselK0 BesselK0e BesselK1 BesselK1e BesselY0 BesselY1 BiasAddGrad BitwiseAnd
    BitwiseOr BitwiseXor BroadcastTo Bucketize Ceil CheckNumerics Cholesky ClipByValue Complex
    ComplexAbs ConcatV2 Conj Conv2D Conv2DBackpropFilter Conv2DBackpropInput Cos Cosh Cross
    Cumprod Cumsum Dawsn DecodeCSV DepthToSpace Diag DiagPart Digamma Div DivNoNan Einsum Elu
    EluGrad EnsureShape Erf Erfc Erfinv Exp ExpandDims Expint Expm1 FFT FFT2D FFT3D Fill Floor
    FloorDiv FloorMod FresnelCos FresnelSin FusedBatchNormGradV3 Greater GreaterEqual
    IFFT IFFT2D IFFT3D IRFFT IRFFT2D IRFFT3D Identity IdentityN Igamma IgammaGradA Igammac Imag
    Inv Invert IsFinite IsInf IsNan LeakyRelu LeakyReluGrad LeftShift Less LessEqual Lgamma Log
    Log1p LogMatrixDeterminant LogSoftmax LogicalAnd LogicalNot LogicalOr LowerBound MatMul
    MatrixBandPart MatrixDiag MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2
    MatrixDiagV3 MatrixInverse MatrixSetDiag MatrixSetDiagV2 MatrixSetDiagV3 MatrixSolve
    MatrixTriangularSolve Max MaxPool MaxPool3D MaxPoolGrad MaxPoolV2 Maximum Mean Min Minimum Mod
    Mul MulNoNan Multinomial Ndtri Neg OneHot OnesLike Pack PartitionedCall Polygamma Pow Prod
    RFFT RFFT2D RFFT3D RandomGamma RandomPoissonV2 RandomStandardNormal RandomUniform
    RandomUniformInt Rank Real RealDiv Reciprocal ReciprocalGrad Relu Relu6 Relu6Grad ReluGrad
    Reshape ReverseV2 RightShift Rint Round Rsqrt RsqrtGrad Select SelectV2 SelfAdjointEigV2 Selu
    SeluGrad Shape ShapeN Sigmoid SigmoidGrad Sign Sin Sinh Softmax SoftmaxCrossEntropyWithLogits
    Softplus SoftplusGrad Softsign SoftsignGrad SpaceToBatchND SpaceToDepth
    SparseSoftmaxCrossEntropyWithLogits Spence Split SplitV Sqrt SqrtGrad Square SquaredDifference
    StatefulPartitionedCall StatelessWhile StopGradient StridedSliceGrad Sub Sum Tan Tanh TanhGrad
    TensorListConcatV2 TensorListFromTensor TensorListGetItem TensorListLength TensorListPopBack
    TensorListPushBack TensorListReserve TensorListStack TensorScatterUpdate
    Tile TruncateDiv TruncateMod TruncatedNormal Unpack UpperBound While Xdivy Xlog1py Xlogy
    ZerosLike Zeta
"""
_NAMES_LOOPED = """
    BandedTriangularSolve Betainc Bincount Bitcast CombinedNonMaxSuppression CropAndResize
    DenseBincount Dilation2D DrawBoundingBoxesV2 Eig ExtractImagePatches FakeQuantWithMinMaxArgs
    FakeQuantWithMinMaxVars Fingerprint FusedBatchNorm FusedBatchNormV2 GRUBlockCell
    HistogramFixedWidth InTopK InTopKV2 InvertPermutation L2Loss LRN LSTMBlockCell LinSpace Lu
    MatrixLogarithm MatrixSolveLs MaxPoolWithArgmax NthElement ParameterizedTruncatedNormal
    QuantizeAndDequantizeV2 RandomShuffle ReduceJoin ReverseSequence ScatterNd SparseToDense
    StatelessMultinomial StatelessParameterizedTruncatedNormal StatelessRandomBinomial
    StatelessRandomGammaV2 StatelessRandomGetKeyCounter StatelessRandomNormal
    StatelessRandomNormalV2 StatelessRandomPoisson StatelessRandomUniform
    StatelessRandomUniformFullInt StatelessRandomUniformFullIntV2 StatelessRandomUniformInt
    StatelessRandomUniformIntV2 StatelessRandomUniformV2 StatelessTruncatedNormal
    StatelessTruncatedNormalV2 StringFormat TensorScatterAdd TensorScatterMax TensorScatterMin
    TensorScatterSub TridiagonalMatMul TridiagonalSolve UnicodeTranscode UnravelIndex
    UnsortedSegmentJoin
"""

# TensorFlow's own converters, unchanged.
_EXACT = frozenset(_NAMES_EXACT.split())
LOOPED = frozenset(_NAMES_LOOPED.split())
"""Operations that are looped over the rows, while the other operations of the graph are not."""

VECTORIZABLE = _EXACT | OURS.keys() | LOOPED

_CONVERTERS: dict[str, Converter] = {
    **{op_type: theirs(op_type) for op_type in _EXACT},
    **OURS,
    **dict.fromkeys(LOOPED, internals.CONVERTER_BY_LOOP),
}


def exact_converters() -> AbstractContextManager[None]:
    """Let pfor use only these converters, and afterwards its own again."""
    return internals.converters(_CONVERTERS)
