"""The tokenizer that comes with a model's weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FIRST_MERGE = ("Ġ", "t")
"""The first that Whisper's tokenizer learned: a space and a t. ``Ġ`` stands for the space."""


def load_tokenizer(path: Path) -> Any:
    """A ``tokenizers.Tokenizer`` that encodes as OpenAI's own does.

    The ``tokenizer.json`` that is passed around with the multilingual models lacks the first merge. So " the" and every
    other word in t is encoded as a bare space and the word, which no decoder saw in training; one that has such words
    forced on it writes bare spaces itself. Raises what ``tokenizers`` raises, for a file that it does not understand.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415  (a web process that never asks must not pay for it)

    tokenizer = Tokenizer.from_file(str(path))
    whole = tokenizer.token_to_id("".join(FIRST_MERGE))
    if whole is None or tokenizer.encode(" t", add_special_tokens=False).ids == [whole]:
        return tokenizer
    description = json.loads(path.read_bytes())
    merges = description["model"]["merges"]
    merges.insert(0, " ".join(FIRST_MERGE) if merges and isinstance(merges[0], str) else list(FIRST_MERGE))
    return Tokenizer.from_str(json.dumps(description))
