"""Calls of ops in the configs of graphs, as Keras writes them: a class for each op, its tensors in the call, the rest in the config."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from keras_lite.engine.errors import invalid

# Where Keras has the classes that are not in `numpy`.
_MODULES = {name: module for module, names in {
    "core": "associative_scan cast cond fori_loop map saturate_cast scan scatter scatter_update slice slice_update stop_gradient switch "
            "unstack vectorized_map while_loop",
    "einops": "rearrange",
    "image": "affine_transform crop_images elastic_transform extract_patches gaussian_blur hsv_to_rgb map_coordinates pad_images "
             "perspective_transform resize rgb_to_grayscale rgb_to_hsv scale_and_translate sobel_edges ssim",
    "linalg": "cholesky cholesky_inverse det eig eigh inv jvp lstsq lu_factor matrix_rank norm pinv qr solve solve_triangular svd",
    "math": "cdist erf erfc erfinv extract_sequences fft fft2 ifft2 in_top_k irfft istft logdet logsumexp rfft rsqrt segment_max "
            "segment_min segment_prod segment_sum stft top_k view_as_complex view_as_real",
    "nn": "adaptive_average_pool adaptive_max_pool average_pool batch_normalization binary_crossentropy categorical_crossentropy celu conv "
          "conv_transpose ctc_decode ctc_loss depth_to_space depthwise_conv dot_product_attention elu fold gelu glu hard_shrink "
          "hard_sigmoid hard_silu hard_tanh layer_normalization leaky_relu log_sigmoid log_softmax max_pool moments multi_hot normalize "
          "one_hot polar psnr relu relu6 rms_normalization selu separable_conv sigmoid silu soft_shrink softmax softplus softsign "
          "space_to_depth sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparsemax squareplus tanh_shrink threshold unfold",
}.items() for name in names.split()}
# Classes that are not called after their op.
_ABBREVIATED = """RGBToGrayscale RGBToHSV HSVToRGB SSIM SVD JVP CDist FFT FFT2 IFFT2 RFFT IRFFT STFT ISTFT CTCLoss CTCDecode PSNR
                  AllClose IsIn SearchSorted"""
_CLASSES = {name.lower(): name for name in _ABBREVIATED.split()}
_CLASSES |= {"batchnormalization": "BatchNorm", "layernormalization": "LayerNorm", "rmsnormalization": "RMSNorm"}
_OPS = {"batchnorm": "batchnormalization", "layernorm": "layernormalization", "rmsnorm": "rmsnormalization", "truedivide": "divide"}
# Parameters that Keras passes in the call, but for these of some ops.
_ARGUMENTS = """a abs_ angle array atol axes_lengths b beta bias bins branches choicelist condition condlist constant_values
                coordinates data default depthwise_kernel elements elems end_points f false_fn fill_value fun gamma image1 image2
                images index indices init init_val inputs kernel key loop_vars mask mean offset operands output output_length
                output_shape pattern pointwise_kernel pred predictions primals q query rtol scale segment_ids sequence_lengths
                sorted_sequence start start_indices start_points step stop tangents target target_length targets tensor transform
                translation true_fn updates value values variable variance weights x x1 x2 xs y"""
_CALLED = frozenset(_ARGUMENTS.split())
_KEPT = {("trapezoid", "x"), ("squareplus", "b"), ("diagonal", "offset"), ("trace", "offset"), ("bincount", "weights"),
         ("histogram", "bins"), ("allclose", "rtol"), ("allclose", "atol"), ("unique", "fill_value")}


def op_config(node: Any) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]:
    """The config of a node that calls an op, and the arguments of its call."""
    record = node.operation.op
    bound = inspect.signature(node.operation).bind(*node.args, **node.kwargs).arguments
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    config: dict[str, Any] = {"name": node.name}
    for name, parameter in inspect.signature(node.operation).parameters.items():
        kept = _is_kept(record.public, name)
        if parameter.kind is parameter.VAR_KEYWORD:
            (config if kept else kwargs).update(bound.get(name, {}))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            args += bound.get(name, ())
        elif not kept:
            args.append(bound.get(name, parameter.default))
        elif name in bound:
            config[name] = bound[name]
    title = _CLASSES.get(record.public.replace("_", ""), "".join(part.capitalize() for part in record.public.split("_")))
    module = f"keras.src.ops.{_MODULES.get(record.public, 'numpy')}"
    return {"module": module, "class_name": title, "config": config, "registered_name": title}, tuple(args), kwargs


def is_op_config(row: dict[str, Any]) -> bool:
    """Whether a row of a graph's config is about an op: Keras's class, or the function."""
    module = row.get("module") or ""
    return module.endswith(".ops") or module.startswith("keras.src.ops.")


def called_op(row: dict[str, Any]) -> Callable[..., Any]:
    """A function that calls the op of a row with the arguments of one of its calls."""
    from keras_lite import ops
    from keras_lite.ops.table import TABLE
    from keras_lite.saving.serialization import deserialize_keras_object

    wanted = row["class_name"].replace("_", "").lower()
    wanted = _OPS.get(wanted, wanted)
    names = [record.public for record in TABLE.values() if record.public.replace("_", "").lower() == wanted]
    homes = (ops, ops.image, ops.linalg, ops.nn, ops.numpy)
    function = next((getattr(home, name) for name in names for home in homes if hasattr(home, name)), None)
    if function is None:
        raise invalid("config", f"{row['class_name']!r} is no op")
    given = {key: deserialize_keras_object(value) for key, value in row["config"].items() if key != "name"}

    signature = inspect.signature(function)

    def call(*args: Any, **kwargs: Any) -> Any:
        rest, bound = list(args), signature.bind_partial()
        for name, parameter in signature.parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                bound.arguments[name], rest = tuple(rest), []
            elif parameter.kind is parameter.VAR_KEYWORD:
                bound.arguments[name] = {key: value for key, value in kwargs.items() if key not in signature.parameters}
            elif name in kwargs or name in given:
                bound.arguments[name] = kwargs[name] if name in kwargs else given[name]
            elif rest and not _is_kept(names[0], name):
                bound.arguments[name] = rest.pop(0)
        if rest:
            raise invalid("config", f"{row['class_name']} is called with {len(rest)} arguments too many")
        if wanted == "getitem" and isinstance(bound.arguments["key"], list):  # a tuple that was written to JSON
            bound.arguments["key"] = tuple(bound.arguments["key"])
        return function(*bound.args, **bound.kwargs)

    return call


def _is_kept(op: str, parameter: str) -> bool:
    """Whether an argument stands in the config of an op, not in the calls."""
    return parameter not in _CALLED or (op, parameter) in _KEPT or (_MODULES.get(op) == "image" and parameter == "fill_value")
