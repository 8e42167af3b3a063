"""OpenAI's own SDK, unchanged, against a web process with a real model."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import openai
import pytest
import soxr
from openai.types.websocket_reconnection import ReconnectingEvent

from accounts.services import keys
from tests.sounds import JFK, convert
from tests.speech.sounds import speech
from tests.web import Web
from transcription.speech.metrics import word_errors

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server, pytest.mark.model]

RATE = 24_000
SAID = (np.clip(soxr.resample(speech(), 16_000, RATE), -1, 1) * 32767).astype("<i2").tobytes()
SILENCE = bytes(2 * RATE)
TEXT = "And so my fellow Americans ask not what your country can do for you ask what you can do for your country"
INTENT = {"intent": "transcription"}
SPOKEN = "conversation.item.input_audio_transcription"


@pytest.fixture(scope="module")
def web(django_db_setup, tmp_path_factory) -> Iterator[Web]:
    path = tmp_path_factory.mktemp("openai") / "log"
    with Web(path, SCRIPTA_LIVE_SPEAKERS="4") as running:
        yield running
    assert "Traceback" not in path.read_text(), path.read_text()


@pytest.fixture
def key(owner) -> str:
    return keys.create_key(user=owner, name="sdk")[1]


@pytest.fixture
def client(web, key) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=key, base_url=f"{web.url}/v1") as client:
        yield client


def pieces(sound: bytes) -> Iterator[str]:
    for begin in range(0, len(sound), 9600):
        yield base64.b64encode(sound[begin : begin + 9600]).decode()


def session(**sound: Any) -> Any:
    transcription = {"model": "gpt-4o-transcribe", "language": "en"}
    return {"type": "transcription", "audio": {"input": {"transcription": transcription, **sound}}}


def read(connection: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Deltas and transcripts by item, of all that was said before."""
    connection.input_audio_buffer.clear()  # it is answered when all was heard
    deltas: dict[str, str] = {}
    done: dict[str, str] = {}
    committed, is_heard = 0, False
    for event in connection:
        assert event.type != "error", event
        committed += event.type == "input_audio_buffer.committed"
        is_heard = is_heard or event.type == "input_audio_buffer.cleared"
        if event.type == f"{SPOKEN}.delta":
            assert event.item_id not in done
            deltas[event.item_id] = deltas.get(event.item_id, "") + event.delta
        elif event.type == f"{SPOKEN}.completed":
            done[event.item_id] = event.transcript
        if is_heard and len(done) == committed:
            break
    return deltas, done


def test_server_vad_with_the_synchronous_client(client):
    with client.realtime.connect(extra_query=INTENT) as connection:
        assert connection.recv().type == "session.created"
        connection.session.update(session=session())
        updated = connection.recv()
        assert updated.type == "session.updated"
        assert updated.session.audio.input.turn_detection.type == "server_vad"
        assert updated.session.audio.input.transcription.model == "gpt-4o-transcribe"
        for audio in pieces(SAID + 2 * SILENCE):
            connection.input_audio_buffer.append(audio=audio)
        deltas, done = read(connection)
    assert deltas == done
    assert len(done) > 1
    assert word_errors(TEXT, " ".join(done.values())).rate < 0.1


async def test_manual_commit_with_the_asynchronous_client(web, key):
    kinds, deltas = [], ""
    async with (
        openai.AsyncOpenAI(api_key=key, base_url=f"{web.url}/v1") as client,
        client.realtime.connect(extra_query=INTENT) as connection,
        asyncio.timeout(60),
    ):
        manual = session(turn_detection=None, format={"type": "audio/pcm", "rate": RATE})
        await connection.session.update(session=manual)
        for audio in pieces(SAID):
            await connection.input_audio_buffer.append(audio=audio)
        await connection.input_audio_buffer.commit()
        async for event in connection:
            kinds.append(event.type)
            if event.type == f"{SPOKEN}.delta":
                deltas += event.delta
            if event.type == f"{SPOKEN}.completed":
                break
    assert [kind for kind in kinds if not kind.endswith(".delta")] == [
        "session.created",
        "session.updated",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        f"{SPOKEN}.completed",
    ]
    assert deltas == event.transcript
    assert event.usage.seconds == pytest.approx(11.0, abs=0.01)
    assert word_errors(TEXT, event.transcript).rate < 0.1


@pytest.mark.parametrize(("form", "encode"), [("audio/pcmu", "mulaw"), ("audio/pcma", "alaw")])
def test_sound_of_telephones(client, tmp_path, form, encode):
    options = ["-t", "3", "-ac", "1", "-ar", "8000", "-c:a", f"pcm_{encode}", "-f", encode]
    sound = convert(JFK, tmp_path / "sound.raw", *options)
    with client.realtime.connect(extra_query=INTENT) as connection:
        connection.session.update(session=session(turn_detection=None, format={"type": form}))
        connection.input_audio_buffer.append(audio=base64.b64encode(sound.read_bytes()).decode())
        connection.input_audio_buffer.commit()
        deltas, done = read(connection)
    assert deltas == done
    assert word_errors("And so my fellow Americans", " ".join(done.values())).rate <= 0.2


def test_a_clients_secret_opens_a_session(client, web):
    made = client.realtime.client_secrets.create(
        expires_after={"anchor": "created_at", "seconds": 60}, session=session(turn_detection=None)
    )
    assert made.session.type == "transcription"
    with openai.OpenAI(api_key=made.value, base_url=f"{web.url}/v1") as browser:
        with browser.realtime.connect(extra_query=INTENT) as connection:
            created = connection.recv()
            assert created.session.audio.input.transcription.language == "en"
            assert created.session.audio.input.turn_detection is None
        with pytest.raises(openai.AuthenticationError):
            browser.realtime.client_secrets.create()


def test_errors_reach_the_client_in_words(client, web):
    with pytest.raises(openai.BadRequestError) as refusal:
        client.realtime.client_secrets.create(expires_after={"anchor": "created_at", "seconds": 5})
    assert (refusal.value.code, refusal.value.param) == ("invalid_value", "expires_after.seconds")
    with client.realtime.connect(extra_query=INTENT) as connection:
        connection.recv()
        connection.response.create(event_id="mine")
        error = connection.recv()
        assert (error.type, error.error.event_id, error.error.param) == ("error", "mine", "type")
        connection.input_audio_buffer.clear()
        assert connection.recv().type == "input_audio_buffer.cleared"


def test_the_client_comes_back_by_itself_after_a_restart(client, web):
    """The web process ends with 1012, on which the SDK reconnects; a new session begins there."""
    codes: list[int] = []

    def reconnecting(event: ReconnectingEvent) -> None:
        codes.append(event.close_code)

    manager = client.realtime.connect(
        extra_query=INTENT, on_reconnecting=reconnecting, max_retries=30, initial_delay=0.5, max_delay=1.0
    )
    with manager as connection:
        assert connection.recv().type == "session.created"
        restarting = threading.Thread(target=restart, args=(web,))
        restarting.start()
        for event in connection:
            assert event.type == "session.created"
            break
        restarting.join()
        assert codes[0] == 1012
        connection.session.update(session=session(turn_detection=None))
        for audio in pieces(SAID[: 4 * RATE * 2]):
            connection.input_audio_buffer.append(audio=audio)
        connection.input_audio_buffer.commit()
        deltas, done = read(connection)
    assert deltas == done


def restart(web: Web) -> None:
    web.process.terminate()
    web.process.wait(15)
    web.start()
