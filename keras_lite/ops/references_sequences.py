"""Answers in plain NumPy for ops on sequences: attention, and connectionist temporal classification."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np


def dot_product_attention(query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, scale: float | None = None,
                          is_causal: bool = False, flash_attention: bool | None = None,
                          attn_logits_soft_cap: float | None = None) -> Any:
    query, key, value = (np.asarray(x, np.result_type(x, "float64")) for x in (query, key, value))
    repeats = query.shape[2] // max(key.shape[2], 1)
    key, value = np.repeat(key, repeats, 2), np.repeat(value, repeats, 2)
    logits = np.einsum("btnh,bsnh->bnts", query, key) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if attn_logits_soft_cap is not None:
        logits = attn_logits_soft_cap * np.tanh(logits / attn_logits_soft_cap)
    allowed = np.ones(logits.shape, bool)
    if bias is not None:
        logits, allowed = logits + np.where(np.isneginf(bias), 0.0, bias), allowed & ~np.isneginf(bias)
    if mask is not None:
        allowed = allowed & np.asarray(mask, bool)
    if is_causal:
        allowed = allowed & np.tril(np.ones(logits.shape[-2:], bool))
    weights = np.exp(logits - np.max(logits, -1, keepdims=True, where=allowed, initial=-1e300)) * allowed if logits.size else logits
    total = weights.sum(-1, keepdims=True)
    weights = np.where(allowed.any(-1, keepdims=True), weights / np.where(total == 0, 1, total), 1 / max(logits.shape[-1], 1))
    return np.einsum("bnts,bsnh->btnh", weights, value)


# --- connectionist temporal classification, by listing all alignments ------------------------------------------------------


def _log_softmax(x: Any) -> np.ndarray:
    x = np.asarray(x, "float64")
    z = x - np.max(x, -1, keepdims=True, initial=-1e300)
    return z - np.log(np.sum(np.exp(z), -1, keepdims=True))


def collapsed(path: tuple[int, ...], blank: int) -> tuple[int, ...]:
    """The labels that an alignment stands for: repeated classes once, then no blanks."""
    return tuple(c for i, c in enumerate(path) if c != blank and (i == 0 or path[i - 1] != c))


def ctc(logits: Any, labels: Any, label_lengths: Any, frame_lengths: Any, blank: int) -> Any:
    losses = []
    for scores, row, count, frames in zip(_log_softmax(logits), labels, label_lengths, frame_lengths, strict=True):
        wanted, total = tuple(map(int, row[:count])), 0.0
        for path in itertools.product(range(scores.shape[1]), repeat=int(frames)):
            if collapsed(path, blank) == wanted:
                total += np.exp(sum(scores[t, c] for t, c in enumerate(path)))
        losses.append(-np.log(total))
    return np.array(losses, "float64")


def ctc_loss(target: Any, output: Any, target_length: Any, output_length: Any, mask_index: int = 0) -> Any:
    target, output = np.asarray(target), np.asarray(output)
    blank, frames = mask_index % output.shape[2], np.minimum(output_length, output.shape[1])
    losses = ctc(output, target, target_length, frames, blank)
    return np.where(np.asarray(target_length) > target.shape[1], np.inf, losses)


def ctc_decode(inputs: Any, sequence_lengths: Any, strategy: str = "greedy", beam_width: int = 100, top_paths: int = 1,
               merge_repeated: bool = True, mask_index: int | None = 0) -> Any:
    inputs = np.asarray(inputs, "float64")
    batch, length, classes = inputs.shape
    blank, greedy = (-1 if mask_index is None else mask_index) % classes, strategy == "greedy"
    labels, scores = np.full((1 if greedy else top_paths, batch, length), -1), np.full((batch, 1 if greedy else top_paths), -np.inf)
    for b, (frames, count) in enumerate(zip(inputs, sequence_lengths, strict=True)):
        if greedy:
            path = tuple(map(int, np.argmax(frames[:count], 1))) if length else ()
            row = collapsed(path, blank) if merge_repeated else tuple(c for c in path if c != blank)
            found = [(row, -float(np.sum(np.max(frames[:count], 1, initial=-np.inf))))]
        else:
            found = beam_search(_log_softmax(frames[:count]), beam_width, blank)[:top_paths]
        for i, (row, score) in enumerate(found):
            labels[i, b, :len(row)], scores[b, i] = row, score
    return labels.astype("int32"), scores


def beam_search(scores: np.ndarray, width: int, blank: int) -> list[tuple[tuple[int, ...], float]]:
    """(labels, log-probability), the best first, by dictionaries of sequences."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}
    for frame in scores:
        grown: dict[tuple[int, ...], list[float]] = {row: [-np.inf, -np.inf] for row in beams}
        for row, (with_blank, with_label) in beams.items():
            total = np.logaddexp(with_blank, with_label)
            grown[row][0] = np.logaddexp(grown[row][0], total + frame[blank])
            if row:
                grown[row][1] = np.logaddexp(grown[row][1], with_label + frame[row[-1]])
            for c in range(len(frame)):
                if c != blank:
                    entry = grown.setdefault((*row, c), [-np.inf, -np.inf])
                    entry[1] = np.logaddexp(entry[1], (with_blank if row and row[-1] == c else total) + frame[c])
        best = sorted(grown.items(), key=lambda item: -np.logaddexp(item[1][0], item[1][1]))[:width]
        beams = {row: (a, b) for row, (a, b) in best if max(a, b) > -np.inf}
    return [(row, float(np.logaddexp(a, b))) for row, (a, b) in beams.items()]
