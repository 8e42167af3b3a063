from __future__ import annotations

import pytest
from django.conf import settings

from transcription.speech.engines.base import TEXT_CONTEXT
from transcription.speech.engines.prompts import PROMPT_TOKENS, count_tokens

NAMES = ["Scripta", "Dr Ångström", "Zagreb", "Łódź", "stenosis", "東京", "Nguyễn Thị Minh Khai", "K8s", "α-Synuclein"]


def test_prompt_and_its_mark_take_half_of_what_the_decoder_holds():
    assert PROMPT_TOKENS + 1 == TEXT_CONTEXT // 2


@pytest.mark.parametrize(("text", "count"), [("", 0), ("cat", 1), ("cats", 2), ("a, b", 3), ("ä", 1), ("東京", 4)])
def test_estimate_without_a_model(text, count):
    assert count_tokens(text) == count


@pytest.mark.model
def test_estimate_is_rather_too_high():
    tokenizer = settings.MODELS / "base" / "tokenizer.json"
    text = "".join(f" {name}," for name in NAMES)
    exact = count_tokens(text, tokenizer)
    assert exact <= count_tokens(text)
    assert exact == sum(count_tokens(f" {name},", tokenizer) for name in NAMES)
