"""What all engines share."""

import numpy as np
import pytest

from transcription.speech.engines.base import batches, compression_ratio, context_seconds, token_cap
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Window


def window(seconds: float, prompt: str = "", prefix: str = "") -> Window:
    return Window(0.0, np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32), prompt, prefix)


@pytest.mark.parametrize(
    ("seconds", "full", "context"), [(1.0, False, 15.0), (13.0, False, 15.0), (13.1, False, 30.0), (1.0, True, 30.0)]
)
def test_context_is_short_for_short_windows(seconds, full, context):
    assert context_seconds(window(seconds), DecodeOptions(full_context=full)) == context


@pytest.mark.parametrize(
    ("options", "cap"),
    [
        (DecodeOptions(language="en"), 78),
        (DecodeOptions(language="th"), 168),
        (DecodeOptions(language="th", task="translate"), 78),
        (DecodeOptions(language="en", full_context=True), 224),
    ],
)
def test_token_cap_follows_the_script(options, cap):
    assert token_cap(10.0, options) == cap


def test_batches_keep_contexts_prompts_and_prefixes_apart():
    windows = [window(1), window(20), window(2), window(3, "Scripta"), window(3, "Scripta", " And")]
    assert batches(windows, DecodeOptions()) == [
        ((15.0, "", ""), [0, 2]),
        ((30.0, "", ""), [1]),
        ((15.0, "Scripta", ""), [3]),
        ((15.0, "Scripta", " And"), [4]),
    ]


def test_compression_ratio_of_a_loop_is_high():
    assert compression_ratio("") == 0.0
    assert compression_ratio("It was the best of times, it was the worst of times.") < 2.4
    assert compression_ratio("and again " * 20) > 2.4
