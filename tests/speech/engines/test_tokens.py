from __future__ import annotations

import json

import pytest
from django.conf import settings
from tokenizers import Tokenizer

from transcription.speech.engines.tokens import load_tokenizer

TEXTS = [
    " the",
    " Then they talked to the teacher, that Tuesday; it took ten minutes to tell.",
    " and t-shirts, tea, 't was, attic",
    " Das tut mir leid: ein Töpfer tanzt.",
    " 東京タワー, тихо, théâtre, ταξίδι",
]


@pytest.mark.model
@pytest.mark.parametrize("text", TEXTS)
def test_it_encodes_as_openai_does(text):
    from whisper.tokenizer import get_encoding

    tokenizer = load_tokenizer(settings.MODELS / "base" / "tokenizer.json")
    assert tokenizer.encode(text, add_special_tokens=False).ids == get_encoding("multilingual").encode(text)


@pytest.mark.model
def test_the_file_that_is_passed_around_would_not():
    """If it does one day, what repairs it can go."""
    tokenizer = Tokenizer.from_file(str(settings.MODELS / "base" / "tokenizer.json"))
    assert len(tokenizer.encode(" the", add_special_tokens=False).ids) == 2


@pytest.mark.parametrize("as_pairs", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_a_lost_first_merge_is_put_back(tmp_path, as_pairs, whole):
    merges = [["Ġ", "t"], ["Ġ", "a"], ["Ġt", "h"]][not whole :]
    file = _file(
        tmp_path,
        tokens=["Ġ", "t", "a", "h", "Ġt", "Ġa", "Ġth"],
        merges=merges if as_pairs else [" ".join(pair) for pair in merges],
    )
    assert load_tokenizer(file).encode(" th at").tokens == ["Ġth", "Ġa", "t"]


def test_a_vocabulary_without_that_token_is_left_alone(tmp_path):
    file = _file(tmp_path, tokens=["Ġ", "t"], merges=[])
    assert load_tokenizer(file).encode(" t").tokens == ["Ġ", "t"]


def _file(folder, tokens, merges):
    model = {"type": "BPE", "vocab": {token: number for number, token in enumerate(tokens)}, "merges": merges}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    file = folder / "tokenizer.json"
    file.write_text(json.dumps({"version": "1.0", "added_tokens": [], "pre_tokenizer": level, "model": model}))
    return file
