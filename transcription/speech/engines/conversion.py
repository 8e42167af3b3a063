"""Rebuilds OpenAI's checkpoint from CTranslate2's file, number for number.

CTranslate2's half-precision ``model.bin`` stores the same numbers as OpenAI's ``.pt``; only the names differ, and
projections that attend to the same input are stacked. Layout (little endian): uint32 version, the specification's name,
uint32 revision, uint32 count; then for each variable its name, uint8 rank, uint32 dimensions, uint8 type, uint32 bytes,
data. Strings are a uint16 length that counts the closing NUL.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from transcription.speech.errors import ModelCorrupt

Arrays = dict[str, NDArray[Any]]

_TYPES = (np.dtype("<f4"), np.dtype("<i1"), np.dtype("<i2"), np.dtype("<i4"), np.dtype("<f2"))
_HALF = 4
_NAMES = {
    "decoder/embeddings/weight": "decoder.token_embedding.weight",
    "decoder/position_encodings/encodings": "decoder.positional_embedding",
    "encoder/position_encodings/encodings": "encoder.positional_embedding",
    "decoder/layer_norm": "decoder.ln",
    "encoder/layer_norm": "encoder.ln_post",
}
_PARTS = {"gamma": "weight", "beta": "bias"}


def read_variables(path: Path) -> Arrays:
    """The variables of a ``model.bin`` by name. Raises ``ModelCorrupt`` for anything but half-precision weights."""
    with path.open("rb") as file:
        try:
            file.seek(4)
            specification = _string(file)
            _, count = struct.unpack("<2I", file.read(8))
            variables = dict(_variable(file) for _ in range(count))
        except (struct.error, ValueError, IndexError, UnicodeDecodeError) as exc:
            raise ModelCorrupt(detail=f"{path} is not a CTranslate2 model") from exc
    if specification != "WhisperSpec" or variables["encoder/conv1/weight"].dtype != _TYPES[_HALF]:
        raise ModelCorrupt("This model's weights cannot be converted for OpenAI's engine.", detail=str(path))
    return variables


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<H", file.read(2))
    return file.read(length)[:-1].decode()


def _variable(file: BinaryIO) -> tuple[str, NDArray[Any]]:
    name = _string(file)
    (rank,) = struct.unpack("<B", file.read(1))
    shape = struct.unpack(f"<{rank}I", file.read(4 * rank))
    kind, size = struct.unpack("<BI", file.read(5))
    return name, np.frombuffer(file.read(size), dtype=_TYPES[kind]).reshape(shape)


def dimensions(variables: Arrays) -> dict[str, int]:
    """The arguments of ``whisper.model.ModelDimensions``."""
    vocabulary, width = variables["decoder/embeddings/weight"].shape
    return {
        "n_mels": variables["encoder/conv1/weight"].shape[1],
        "n_audio_ctx": len(variables["encoder/position_encodings/encodings"]),
        "n_audio_state": width,
        "n_audio_head": int(variables["encoder/num_heads"]),
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": len(variables["decoder/position_encodings/encodings"]),
        "n_text_state": width,
        "n_text_head": int(variables["decoder/num_heads"]),
        "n_text_layer": _layers(variables, "decoder"),
    }


def _layers(variables: Arrays, side: str) -> int:
    return len({name.split("/")[1] for name in variables if name.startswith(f"{side}/layer_") and name.count("/") > 2})


def state_dict(variables: Arrays) -> Arrays:
    """The weights under OpenAI's names."""
    weights: Arrays = {}
    for name, array in variables.items():
        weights.update(_renamed(name, array))
    return weights


def _renamed(name: str, array: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    stem, _, part = name.rpartition("/")
    part = _PARTS.get(part, part)
    if name in _NAMES:
        yield _NAMES[name], array
    elif stem in _NAMES:
        yield f"{_NAMES[stem]}.{part}", array
    elif stem.startswith("encoder/conv"):
        yield f"{stem.replace('/', '.')}.{part}", array
    elif "/layer_" in stem:
        side, layer, *place = stem.split("/")
        prefix = f"{side}.blocks.{layer.removeprefix('layer_')}"
        for target, piece in _placed(place, part, array):
            yield f"{prefix}.{target}.{part}", piece


def _placed(place: list[str], part: str, array: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    """Where the pieces of a layer's variable belong. OpenAI's keys have no bias (CTranslate2 stores zeros)."""
    block, linear = place[0], place[1]
    if block == "ffn":
        return [({"linear_0": "mlp.0", "linear_1": "mlp.2", "layer_norm": "mlp_ln"}[linear], array)]
    attention = "attn" if block == "self_attention" else "cross_attn"
    if linear == "layer_norm":
        return [(f"{attention}_ln", array)]
    stacks = {
        ("attn", "linear_0"): ("query", "key", "value"),
        ("attn", "linear_1"): ("out",),
        ("cross_attn", "linear_0"): ("query",),
        ("cross_attn", "linear_1"): ("key", "value"),
        ("cross_attn", "linear_2"): ("out",),
    }
    names = stacks[attention, linear]
    pieces = zip(names, np.split(array, len(names)), strict=True)
    return [(f"{attention}.{name}", piece) for name, piece in pieces if (name, part) != ("key", "bias")]
