"""A transcript that is corrected, and whose it is."""

from __future__ import annotations

import pytest

from tests.factories import make_transcript
from transcription.models import Transcript


@pytest.fixture
def transcript() -> Transcript:
    """Three passages, "word0.0 … word0.4" and so on, four seconds apart."""
    return make_transcript()


@pytest.fixture
def ada(transcript):
    return transcript.recording.owner
