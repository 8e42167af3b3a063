"""Real models on two public-domain recordings, and the rebuilt checkpoint."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.speech.sounds import blocks, load, speech
from transcription.speech.batch import transcribe
from transcription.speech.engines.base import Engine, EngineOptions
from transcription.speech.engines.conversion import read_variables
from transcription.speech.engines.registry import load_engine
from transcription.speech.errors import ModelCorrupt, SpeechError, UnsupportedLanguage
from transcription.speech.metrics import word_errors
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, TranscribeOptions, Window

MODELS = Path(os.environ.get("SCRIPTA_MODELS") or Path(__file__).parents[3] / "data" / "models")
KENNEDY = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
KENNEDY_FIRST = " And so my fellow Americans, ask not what your country"
KENNEDY_REST = "can do for you, ask what you can do for your country."
PRINTING = (
    "Printing, in the only sense with which we are at present concerned, differs from most if not from all the arts "
    "and crafts represented in the Exhibition."
)


@pytest.fixture(scope="module")
def fast() -> Engine:
    return load_engine(EngineOptions(model="tiny.en", models_dir=MODELS))


@pytest.fixture(scope="module")
def multilingual() -> Engine:
    return load_engine(EngineOptions(model="base", models_dir=MODELS))


def test_load_unknown_engine_is_refused():
    with pytest.raises(SpeechError):
        load_engine(EngineOptions(name="parrot"))


@pytest.mark.model
def test_faster_whisper_batch_reads_every_window(fast):
    windows = [Window(3.0, speech()), Window(0.0, load("LJ001-0001.flac"))]
    hypotheses = fast.transcribe(windows, DecodeOptions(language="en"))
    assert [
        word_errors(text, each.text).errors <= 2 for text, each in zip((KENNEDY, PRINTING), hypotheses, strict=True)
    ]
    for window, hypothesis in zip(windows, hypotheses, strict=True):
        times = [time for word in hypothesis.words for time in (word.start, word.end)]
        assert times == sorted(times)
        assert window.start <= times[0] < times[-1] <= window.end
        assert "".join(word.text for word in hypothesis.words).strip() == hypothesis.text


@pytest.mark.model
def test_faster_whisper_english_model_refuses_other_languages(fast):
    assert fast.languages == {"en"}
    with pytest.raises(UnsupportedLanguage):
        fast.transcribe([Window(0.0, speech())], DecodeOptions(language="de"))


@pytest.mark.model
def test_faster_whisper_full_context_reads_the_same(multilingual):
    short, full = (
        multilingual.transcribe([Window(0.0, speech())], DecodeOptions(language="en", full_context=context))[0]
        for context in (False, True)
    )
    assert word_errors(full.text, short.text).errors <= 1


@pytest.mark.model
def test_faster_whisper_detects_the_language(multilingual):
    language, probability = multilingual.detect_language([Window(0.0, speech())])
    assert language == "en"
    assert probability > 0.8


@pytest.mark.model
def test_faster_whisper_prompt_never_comes_out_over_silence(multilingual):
    silence = np.zeros(20 * SAMPLE_RATE, dtype=np.float32)
    sound = np.concatenate([silence, speech(), silence])
    options = TranscribeOptions(language="en", vocabulary=("Scripta", "Valkey", "Procrastinate"))
    text = " ".join(s.text for c in transcribe(blocks(sound), multilingual, options) for s in c.segments)
    assert word_errors(KENNEDY, text).errors <= 1


@pytest.mark.model
@pytest.mark.timeout(600)  # numba compiles Whisper's time warping first
def test_openai_whisper_reads_as_faster_whisper_does(fast):
    # One thread: beside other busy processes the spinning threads of torch take ten times as long as one.
    openai = load_engine(EngineOptions(name="openai-whisper", model="tiny.en", models_dir=MODELS, threads=1))
    windows = [Window(0.0, speech()[: 6 * SAMPLE_RATE]), Window(0.0, load("LJ001-0001.flac")[: 6 * SAMPLE_RATE])]
    options = DecodeOptions(language="en", beam_size=2)
    for ours, theirs in zip(fast.transcribe(windows, options), openai.transcribe(windows, options), strict=True):
        assert word_errors(theirs.text, ours.text).errors <= 1
        assert abs(ours.words[-1].end - theirs.words[-1].end) < 0.3


def assert_goes_on(engine: Engine, *, beam_size: int) -> None:
    """Only what follows the prefix comes out, with the times it has without a prefix."""
    options = DecodeOptions(language="en", beam_size=beam_size)
    whole = engine.transcribe([Window(5.0, speech())], options)[0]
    rest = engine.transcribe([Window(5.0, speech(), prefix=KENNEDY_FIRST)], options)[0]
    assert word_errors(KENNEDY_REST, rest.text).errors <= 1
    assert "".join(word.text for word in rest.words).strip() == rest.text
    plain = [word for word in whole.words if word.start > rest.words[0].start - 0.3][-len(rest.words) :]
    assert [abs(a.start - b.start) < 0.3 for a, b in zip(plain, rest.words, strict=True)] == [True] * len(plain)
    # Given words cost nothing and count for nothing: what is left is no less likely than it was within the whole.
    assert -0.5 < rest.avg_logprob <= 0
    assert len(rest.tokens) < len(whole.tokens)


@pytest.mark.model
@pytest.mark.parametrize("beam_size", [1, 5])
def test_faster_whisper_goes_on_after_a_prefix(multilingual, beam_size):
    assert_goes_on(multilingual, beam_size=beam_size)


@pytest.mark.model
def test_faster_whisper_prefix_of_everything_leaves_a_word_at_most(multilingual):
    options = DecodeOptions(language="en", beam_size=1)
    whole = multilingual.transcribe([Window(0.0, speech())], options)[0]
    nothing = multilingual.transcribe([Window(0.0, speech(), prefix=f" {whole.text}")], options)[0]
    assert len(nothing.words) == len(nothing.text.split()) <= 1


@pytest.mark.model
def test_faster_whisper_long_prompt_and_prefix_leave_room_for_text(multilingual):
    window = Window(0.0, speech(), prompt="Ask your country. " * 200, prefix=KENNEDY_FIRST)
    found = multilingual.transcribe([window], DecodeOptions(language="en", beam_size=1))[0]
    assert word_errors(KENNEDY_REST, found.text).errors <= 1


@pytest.mark.model
@pytest.mark.timeout(600)
def test_openai_whisper_goes_on_after_a_prefix():
    openai = load_engine(EngineOptions(name="openai-whisper", model="tiny.en", models_dir=MODELS, threads=1))
    assert_goes_on(openai, beam_size=2)


def test_scripted_leaves_out_the_words_that_the_prefix_names():
    sound = np.full(2 * SAMPLE_RATE, 0.1, dtype=np.float32)
    window = Window(3.0, sound, prefix=" w5 w6 w7")
    found = load_engine(EngineOptions(name="scripted")).transcribe([window], DecodeOptions(language="en"))[0]
    assert (found.text, [word.start for word in found.words]) == ("w8 w9", [4.0, 4.5])


def test_conversion_of_another_file_is_refused(tmp_path):

    (tmp_path / "model.bin").write_bytes(b"not a model at all")
    with pytest.raises(ModelCorrupt):
        read_variables(tmp_path / "model.bin")
