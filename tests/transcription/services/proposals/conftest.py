"""A talk whose passages are transcribed again, and the engine that hears them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.factories import make_media, make_transcript
from tests.sounds import speech, write_sound
from tests.transcription.services.proposals.asking import Listener
from transcription import whisper_service
from transcription.models import Transcript


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Listener:
    engine = Listener()
    monkeypatch.setattr(whisper_service, "get_engine", lambda **_: engine)
    return engine


@pytest.fixture
def talk(tmp_path: Path) -> Transcript:
    """Forty seconds of speech, in ten passages of three seconds, "word0.0 … word0.4" and so on."""
    sound = write_sound(tmp_path / "talk.wav", np.tile(speech(), 20)[: 40 * 16_000])
    return make_transcript(make_media(source=sound, folder=tmp_path), segments=10)


@pytest.fixture
def ada(talk: Transcript) -> Any:
    return talk.recording.owner
