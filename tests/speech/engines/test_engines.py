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


def test_conversion_of_another_file_is_refused(tmp_path):

    (tmp_path / "model.bin").write_bytes(b"not a model at all")
    with pytest.raises(ModelCorrupt):
        read_variables(tmp_path / "model.bin")
