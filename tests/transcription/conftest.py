"""Who the tests of pages are about, and what recognises live speech."""

import pytest
from django.test import Client

from tests.factories import make_recording, make_user
from transcription import whisper_service
from transcription.speech.engines.base import EngineOptions


@pytest.fixture(autouse=True)
def _live_without_a_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins a live recording has the model loaded in the background: a scripted one, except where the test is
    about that."""
    if "service" not in request.fixturenames:
        monkeypatch.setattr(whisper_service, "_live_options", lambda: EngineOptions(name="scripted"))


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def client_of_owner(owner) -> Client:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def recording(owner):
    return make_recording(owner, title="A talk")
