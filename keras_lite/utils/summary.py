"""The table that `model.summary()` prints."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_lite.engine.dtypes import numpy_dtype
from keras_lite.engine.errors import invalid, unknown_name
from keras_lite.state import tree
from keras_lite.utils.terminal import columns

_HEAVY = {"top": tuple("┏━┳┓"), "under": tuple("┡━╇┩"), "row": tuple("├─┼┤"), "end": tuple("└─┴┘")}


def print_summary(model: Any, line_length: int | None = None, positions: Any = None, print_fn: Callable[[str], Any] | None = None,
                  expand_nested: bool = False, show_trainable: bool = False, layer_range: Any = None) -> None:
    """Print a table of the layers of a model.

    Args:
        model: the model.
        line_length: width of the table; that of the terminal by default, 80 in a file.
        positions: share of the width at which each column ends, or its column.
        print_fn: gets the text; `print` by default.
        expand_nested: whether the layers of inner models get rows.
        show_trainable: whether there is a column for what is trained.
        layer_range: names of the first and the last layer to show.
    """
    if not model.built and not model.layers:
        raise invalid("summary", f"{model.name} has no layers yet")
    text = summary_text(model, line_length, positions, expand_nested, show_trainable, layer_range)
    (print_fn or _show)(text)


def _show(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(str.maketrans("┏━┳┓┡╇┩├─┼┤└┴┘┃│", "+=++++++-+++++||"))
    print(text)


def summary_text(model: Any, line_length: int | None = None, positions: Any = None, expand_nested: bool = False,
                 show_trainable: bool = False, layer_range: Any = None) -> str:
    """The text of `print_summary`."""
    branched = not _is_chain(model)
    head = ["Layer (type)", "Output Shape", "Param #", *(["Connected to"] if branched else []), *(["Trainable"] if show_trainable else [])]
    rows = [row for layer in _chosen(model, layer_range) for row in _rows(layer, model, branched, expand_nested, show_trainable, "")]
    widths = _widths(head, rows, columns() if line_length is None else line_length, positions)
    lines = [f'Model: "{model.name}"', _rule("top", widths), *_lines(head, widths, "┃"), _rule("under", widths)]
    for i, row in enumerate(rows):
        lines += ([_rule("row", widths)] if i else []) + _lines(row, widths, "│")
    return "\n".join([*lines, _rule("end", widths), *_totals(model)])


def _is_chain(model: Any) -> bool:
    """Whether each layer has one input, the output of the layer before."""
    if model._graph is None:
        return True
    nodes, last = model._graph.nodes, model._graph.inputs
    if len(last) != 1:
        return False
    for node in nodes:
        if len(node.parents) != 1 or node.parents[0] is not last[0]:
            return False
        last = node.outputs
    return True


def _chosen(model: Any, layer_range: Any) -> list[Any]:
    """The rows of the table: layers, and nodes that call ops."""
    from keras_lite.layers.input import layer_of
    from keras_lite.layers.layer import Layer
    from keras_lite.symbolic.spec import KerasTensor

    graph = model._graph
    if graph is None or not any(not isinstance(node.operation, Layer) for node in graph.nodes):
        layers = list(model.layers)
    else:
        items = [layer_of(item) if isinstance(item, KerasTensor) else item.operation if isinstance(item.operation, Layer) else item
                 for item in graph.order]
        layers = list({id(item): item for item in items}.values())
    if layer_range is None:
        return layers
    names = [layer.name for layer in layers]
    for name in layer_range:
        if name not in names:
            raise unknown_name("layer", name, names)
    return layers[names.index(layer_range[0]):names.index(layer_range[1]) + 1]


def _rows(layer: Any, model: Any, branched: bool, expand: bool, trainable: bool, indent: str) -> list[list[str]]:
    name = f"{indent}{layer.name} ({_kind(layer)})"
    built = getattr(layer, "built", True)
    count = f"{_count(getattr(layer, 'weights', [])):,}" if built else "0 (unbuilt)"
    row = [name, _output_shape(layer), count]
    if branched:
        row.append(",\n".join(_origins(layer, model)) or "-")
    if trainable:
        row.append("Y" if getattr(layer, "trainable_variables", []) else "N" if getattr(layer, "weights", []) else "-")
    rows = [row]
    if expand:
        for inner in getattr(layer, "layers", []):
            rows += _rows(inner, layer, branched, expand, trainable, indent + "  ")
    return rows


def _kind(layer: Any) -> str:
    """The class of a layer, or the name of an op in the same manner: "GetItem" for get_item."""
    return type(layer).__name__ if not hasattr(layer, "operation") else layer.operation.__name__.title().replace("_", "")


def _nodes_of(layer: Any) -> list[Any]:
    return [layer] if hasattr(layer, "operation") else layer._nodes


def _output_shape(layer: Any) -> str:
    outputs, graph = [x for node in _nodes_of(layer) for x in node.outputs], getattr(layer, "_graph", None)
    if not outputs and graph is not None:
        outputs = graph.outputs
    if outputs:
        shapes = list(dict.fromkeys(str(x.shape) for x in outputs))
        return ", ".join(shapes)
    try:
        shapes = tree.flatten(layer.compute_output_shape(*(layer._build_shapes or {}).values())) if layer.built else []
    except Exception:  # a summary must not fail because a user's layer can't tell its shape
        shapes = []
    if shapes and not isinstance(shapes[0], tuple):
        return str(tuple(shapes))
    return ", ".join(map(str, shapes)) or "?"


def _origins(layer: Any, model: Any) -> list[str]:
    """"name[node][tensor]" of each tensor that a layer is called on inside the model."""
    if getattr(model, "_graph", None) is None:
        return []
    inside = {id(node) for node in model._graph.nodes}
    out = []
    for node in _nodes_of(layer):
        if id(node) in inside:
            for x in node.parents:
                origin, index = x.history
                name = origin.name if origin is not None else x.name
                number = origin.operation._nodes.index(origin) if origin is not None and hasattr(origin.operation, "_nodes") else 0
                out.append(f"{name}[{number}][{index}]")
    return out


def _widths(head: list[str], rows: list[list[str]], line_length: int, positions: Any) -> list[int]:
    """How many characters each column takes."""
    if positions is not None:
        ends = [int(p * line_length) if p <= 1 else int(p) for p in positions][:len(head)]
        return [max(end - begin - 3, 4) for begin, end in zip([0, *ends], ends, strict=False)]
    natural = [max(len(line) for cell in column for line in cell.split("\n")) for column in zip(head, *rows, strict=True)]
    total = line_length - 3 * len(head) - 1
    share, rest = divmod(max(total - sum(natural), 0), len(natural))
    widths = [width + share for width in natural]
    widths[0] += rest
    while sum(widths) > total and max(widths) > 4:  # the widest ones give way
        widths[widths.index(max(widths))] -= 1
    return widths


def _rule(kind: str, widths: list[int]) -> str:
    left, fill, middle, right = _HEAVY[kind]
    return left + middle.join(fill * (width + 2) for width in widths) + right


def _lines(cells: list[str], widths: list[int], bar: str) -> list[str]:
    """The lines of a row: what is longer than its column goes on below."""
    wrapped = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for parts in itertools.zip_longest(*wrapped, fillvalue=""):
        padded = [part.rjust(width) if i == 2 else part.ljust(width) for i, (part, width) in enumerate(zip(parts, widths, strict=True))]
        lines.append(f"{bar} " + f" {bar} ".join(padded) + f" {bar}")
    return lines


def _wrapped(cell: str, width: int) -> list[str]:
    """The lines of a cell, none longer than `width`: broken between words where that goes, each indented as the first."""
    lines = []
    for line in cell.split("\n"):
        indent = " " * min(len(line) - len(line.lstrip()), width // 2)
        room, rest = width - len(indent), ""
        for word in line.split():
            if rest and len(rest) + 1 + len(word) > room:
                lines.append(indent + rest)
                rest = ""
            rest = f"{rest} {word}" if rest else word
            while len(rest) > room:
                lines.append(indent + rest[:room])
                rest = rest[room:]
        lines.append(indent + rest)
    return lines


def _count(variables: list[Any]) -> int:
    return sum(int(np.prod(v.shape)) for v in variables)


def _size(variables: list[Any]) -> str:
    size = float(sum(int(np.prod(v.shape)) * numpy_dtype(v.dtype).itemsize for v in variables))
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"


def _totals(model: Any) -> list[str]:
    optimizer = getattr(model, "optimizer", None)
    kept = optimizer.variables if optimizer is not None and optimizer.built else []
    rows = [("Total", [*model.weights, *kept]), ("Trainable", model.trainable_weights), ("Non-trainable", model.non_trainable_weights)]
    if kept:
        rows.append(("Optimizer", kept))
    return [f" {name} params: {_count(v):,} ({_size(v)})" for name, v in rows]
