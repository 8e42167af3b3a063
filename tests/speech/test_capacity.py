import os
from pathlib import Path

import pytest

from transcription.speech import capacity
from transcription.speech.engines.base import EngineOptions
from transcription.speech.engines.registry import load_engine
from transcription.speech.engines.scripted import ScriptedEngine

MODELS = Path(os.environ.get("SCRIPTA_MODELS") or Path(__file__).parents[2] / "data" / "models")


@pytest.mark.parametrize(
    ("seconds", "speakers"),
    [(0.0, capacity.MOST_SPEAKERS), (0.001, capacity.MOST_SPEAKERS), (0.05, 18), (0.15, 6), (0.3, 3), (5.0, 1)],
)
def test_speakers_follow_from_the_time_of_a_reading(seconds, speakers):
    assert capacity.speakers(seconds) == speakers


def test_reading_seconds_counts_readings_side_by_side():
    """Two workers who take 0.2 s each give a reading every 0.1 s."""
    seconds = capacity.reading_seconds(ScriptedEngine(delay=0.2, workers=2), threads=1)
    assert 0.1 <= seconds < 0.19


def test_an_engine_that_takes_no_time_serves_as_many_as_a_process_can_receive():
    measured = [capacity.measure(ScriptedEngine(), threads=2) for _ in range(3)]  # others may need the processor
    assert max(measured) == capacity.MOST_SPEAKERS


@pytest.mark.model
def test_a_real_model_serves_several_speakers_on_each_thread():
    """On the processor's time, so that other work on this machine does not count."""
    engine = load_engine(EngineOptions(model="tiny.en", models_dir=MODELS, threads=2, workers=2))
    assert (engine.workers, engine.batch_size, engine.device) == (2, 1, "cpu")
    few, many = (capacity.measure(engine, threads=threads) for threads in (1, 8))
    assert 1 <= few < many
