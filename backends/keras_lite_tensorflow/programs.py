"""Traced programs, called with as little Python as possible; training steps go through XLA where that is known to pay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_lite_tensorflow.kernels import plain_eager
from keras_lite_tensorflow.tensors import is_tensor

Tensors = list[tf.Tensor]
Step = Callable[[Tensors, Tensors, tf.Tensor], Tensors]
Steps = Callable[[Tensors, Tensors, Any, Any], Tensors]


class Program:
    """A function of a flat list of tensors, traced once for their shapes and dtypes.

    A `ConcreteFunction` binds its arguments to names at every call; the op that runs it does not.  Measured on one core, for a
    training step with 19 arguments and 14 results: 160 microseconds against 420, and 590 for the `tf.function` around it.
    """

    def __init__(self, fn: Callable[..., Tensors], specs: list[tf.TensorSpec]):
        self.concrete = tf.function(fn, input_signature=specs, autograph=False).get_concrete_function()
        self._dtypes = [output.dtype for output in self.concrete.outputs]
        self._has_gpu = bool(tf.config.list_logical_devices("GPU"))

    def __call__(self, tensors: Tensors) -> Tensors:
        if not self._dtypes or self._has_gpu or not plain_eager():
            return list(self.concrete(*tensors))  # the op has no gradient, and on a GPU it would move integers there and back
        args = [*tensors, *self.concrete.captured_inputs]
        return tf.raw_ops.StatefulPartitionedCall(args=args, Tout=self._dtypes, f=self.concrete)


def specs_of(tensors: Tensors) -> list[tf.TensorSpec]:
    return [tf.TensorSpec(t.shape, t.dtype) for t in tensors]


def steps_program(step: Step, carry: Tensors, source: Tensors) -> Steps:
    """What runs `step` for a range of indices, for tensors like these."""
    size, index = len(carry), tf.TensorSpec([], "int32")
    once = Program(lambda *ts: step(list(ts[:size]), list(ts[size:-1]), ts[-1]), [*specs_of(carry), *specs_of(source), index])
    if not pays_with_xla(once.concrete):
        return _called_in_a_loop(once)
    return _looping_in_xla(once, [*specs_of(carry), *specs_of(source), index, index], size)


def _called_in_a_loop(once: Program) -> Steps:
    def run(carry: Tensors, source: Tensors, start: Any, count: Any) -> Tensors:
        for index in range(int(start), int(start) + int(count)):
            carry = once([*carry, *source, _int32(index)])
        return carry

    return run


def _looping_in_xla(once: Program, specs: list[tf.TensorSpec], size: int) -> Steps:
    def loop(*tensors: tf.Tensor) -> Tensors:
        *values, start, count = tensors
        stop, source = start + count, values[size:]
        return tf.while_loop(lambda index, _: index < stop, lambda index, carry: (index + 1, once.concrete(*carry, *source, index)),
                             (start, values[:size]))[1]

    compiled = tf.function(loop, jit_compile=True, autograph=False)
    program = Program(lambda *tensors: compiled(*tensors), specs)  # the op that calls it does not see `jit_compile` of its own function
    chosen: list[Steps] = []

    def run(carry: Tensors, source: Tensors, start: Any, count: Any) -> Tensors:
        if chosen:
            return chosen[0](carry, source, start, count)
        try:
            result = in_xla(carry, source, start, count)
            chosen.append(in_xla)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):  # XLA wants something in it to be a constant
            chosen.append(_called_in_a_loop(once))
            return chosen[0](carry, source, start, count)
        return result

    def in_xla(carry: Tensors, source: Tensors, start: Any, count: Any) -> Tensors:
        return program([*carry, *source, _int32(start), _int32(count)])

    return run


def _int32(number: Any) -> tf.Tensor:
    return number if is_tensor(number) else tf.constant(number, "int32")


def pays_with_xla(concrete: Any) -> bool:
    """Whether XLA takes all ops of a program and is known to be quick at them; by what it contains, so that runs repeat."""
    kinds = operations(concrete)
    return kinds.total() - sum(map(kinds.__getitem__, NOTHING)) <= LARGEST and kinds.keys() <= XLA


def operations(concrete: Any) -> Counter[str]:
    """How often each kind of op stands in the graph of a concrete function and in the functions that it uses."""
    graph = concrete.graph.as_graph_def()
    functions = graph.library.function
    kinds = Counter(node.op for nodes in (graph.node, *(function.node_def for function in functions)) for node in nodes)
    for function in functions:
        del kinds[function.signature.name]  # a call
    return kinds


NOTHING = ("Const", "Identity", "NoOp", "Placeholder", "_Arg", "_Retval")  # ops that compute nothing
LARGEST = 4000  # others; XLA compiles about 500 a second on one core, and large steps gain the least: one of this size 40 % of its time
# Left out: convolutions and pooling (25 times slower than oneDNN on the CPU), sorting, cumulative sums, and scattering, on some
# dtypes of which XLA's compiler crashes.
_NAMES = """
    Case Const Identity IdentityN If NoOp PartitionedCall Placeholder PreventGradient StatefulPartitionedCall StatelessCase StatelessIf
    StatelessWhile StopGradient While _Arg _Retval
    Abs Acos Acosh Asin Asinh Atan Atan2 Atanh Ceil Cos Cosh Erf Exp Expm1 Floor Inv InvGrad IsFinite IsInf IsNan Log Log1p Neg
    Reciprocal ReciprocalGrad Rint Round Rsqrt RsqrtGrad Sigmoid SigmoidGrad Sign Sin Sinh Sqrt SqrtGrad Square Tan Tanh TanhGrad
    AddN AddV2 Div DivNoNan FloorDiv FloorMod Maximum Minimum Mul MulNoNan Pow RealDiv SquaredDifference Sub TruncateDiv TruncateMod Xdivy
    BitwiseAnd BitwiseOr BitwiseXor Invert LeftShift RightShift LogicalAnd LogicalNot LogicalOr
    Equal Greater GreaterEqual Less LessEqual NotEqual Select SelectV2 ClipByValue
    All Any ArgMax ArgMin Max Mean Min Prod Sum
    Bitcast BroadcastArgs BroadcastGradientArgs BroadcastTo Cast ConcatOffset ConcatV2 ExpandDims Fill InvertPermutation OneHot OnesLike
    Pack Pad PadV2 Range Rank Reshape ReverseV2 Shape ShapeN Size Slice Split SplitV Squeeze StatelessRandomUniformFullIntV2 StridedSlice
    StridedSliceGrad TensorStridedSliceUpdate Tile Transpose Unpack ZerosLike
    BatchMatMulV2 BiasAdd BiasAddGrad Einsum GatherV2 MatMul UnsortedSegmentSum
    Elu EluGrad LeakyRelu LeakyReluGrad LogSoftmax Relu Relu6 Relu6Grad ReluGrad Selu SeluGrad Softmax SoftmaxCrossEntropyWithLogits
    Softplus SoftplusGrad Softsign SoftsignGrad SparseSoftmaxCrossEntropyWithLogits
    EmptyTensorList TensorListElementShape TensorListFromTensor TensorListGetItem TensorListLength TensorListPopBack
    TensorListPushBack TensorListReserve TensorListSetItem TensorListStack
"""
XLA = frozenset(_NAMES.split())
