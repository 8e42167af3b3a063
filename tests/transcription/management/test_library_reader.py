"""The measured way is the product's own: a job, its checkpoints, its rows."""

import pytest

from tests.factories import DATA
from transcription.management.benchmarks.library import library_reader
from transcription.models import Job
from transcription.speech.engines.base import EngineOptions


@pytest.mark.django_db
def test_reading_makes_a_job_and_returns_its_rows(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    read = library_reader(EngineOptions(name="scripted"), beam_size=1)
    result = read(DATA / "LJ001-0001.flac", "en")
    job = Job.objects.get()
    rows = job.transcript.segments.order_by("index").values_list("text", flat=True)
    assert (result.text, result.language) == (" ".join(rows), "en")
    assert result.audio_seconds == pytest.approx(9.655, abs=0.01)


@pytest.mark.django_db
def test_reading_a_file_that_fails_is_an_error(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "notes.flac").write_text("no sound")
    with pytest.raises(RuntimeError, match="failed: This file is not audio or video"):
        library_reader(EngineOptions(name="scripted"), beam_size=1)(tmp_path / "notes.flac", "en")
