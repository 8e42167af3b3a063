"""How much the decoder can be told before it reads: prompts are cut at the front where they are longer."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from transcription.speech.engines.base import MAX_TEXT_TOKENS
from transcription.speech.engines.tokens import load_tokenizer

PROMPT_TOKENS = MAX_TEXT_TOKENS - 1
"""223: half of what the decoder holds, less the mark that a prompt begins with."""
LETTERS_A_TOKEN = 3
"""Of names in Latin script: fewer than there are, so that what is said to fit does fit."""
_PIECE = re.compile(r"[A-Za-z0-9']+|\S")


def count_tokens(text: str, tokenizer: Path | None = None) -> int:
    """As the model counts, by its ``tokenizer.json``; without one, an estimate that is rather too high."""
    if tokenizer is not None:
        return len(_load(tokenizer).encode(text, add_special_tokens=False).ids)
    return sum(_estimate(piece) for piece in _PIECE.findall(text))


def _estimate(piece: str) -> int:
    return math.ceil(len(piece) / LETTERS_A_TOKEN) if piece.isascii() else len(piece.encode()) - 1


@lru_cache(maxsize=2)
def _load(tokenizer: Path) -> Any:
    return load_tokenizer(tokenizer)
