"""OpenAI's own client against the whole product with a real model."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
import srt
import webvtt

from tests.server import Server
from tests.sounds import JFK, speech, write_sound

SETTINGS = {
    "SCRIPTA_ENGINE": "faster-whisper",
    "SCRIPTA_MODEL": "base",
    "SCRIPTA_LIVE": "0",
    "SCRIPTA_HEARTBEAT_SECONDS": "0.5",
    "SCRIPTA_STALLED_SECONDS": "3",
    "SCRIPTA_API_KEY_RATE": "100",
}
pytestmark = [
    pytest.mark.server,
    pytest.mark.model,
    pytest.mark.parametrize("server", [SETTINGS], indirect=True),
]
SAID = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."
MAKE_KEY = """
from accounts.models import User
from accounts.services import keys
user = User.objects.get_or_create(email="program@example.org")[0]
print(keys.create_key(user=user, name="k", scopes={scopes!r})[1])
"""
TIMES = 8
"""So often is the speech said in the long file: work for some seconds."""


def make_key(server: Server, *scopes: str) -> str:
    code = MAKE_KEY.format(scopes=scopes or ("read", "write"))
    return server.manage("shell", "-v0", "-c", code).strip()


@pytest.fixture(scope="module")
def key(server) -> str:
    return make_key(server)


@pytest.fixture
def client(server, key) -> openai.OpenAI:
    return openai.OpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0, timeout=120)


@pytest.fixture(scope="module")
def long_file(tmp_path_factory) -> Path:
    return write_sound(tmp_path_factory.mktemp("long") / "long.flac", np.tile(speech(), TIMES))


@pytest.fixture
def aside() -> Iterator[Callable[..., Future[Any]]]:
    """Does something while the test goes on."""
    with ThreadPoolExecutor(2) as executor:
        yield executor.submit


def eventually(question: Callable[[], Any], *, seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


def jobs(server: Server) -> list[tuple[Any, ...]]:
    return server.query("SELECT state, progress > 0 FROM transcription_job")


def newest_job(server: Server) -> int:
    """Its number, also of one that was deleted since."""
    return int(server.query("SELECT last_value FROM transcription_job_id_seq")[0][0])


def outcome(server: Server, job: int) -> str:
    """Of its attempt; "" while it runs. A worker says so a moment after the job has ended."""
    log = (server.data / "logs" / "worker.log").read_text()
    lines = [line for line in log.splitlines() if "job ended" in line and re.search(rf"\bjob={job}\b", line)]
    found = re.findall(r"outcome='?([a-z ]+?)'? seconds", "\n".join(lines))
    return found[-1] if found else ""


def wait_until_nothing_is_left(server: Server) -> None:
    """Neither rows nor files."""
    eventually(lambda: server.query("SELECT count(*) FROM transcription_recording") == [(0,)])
    folders = (server.data / "media", server.data / "uploads")
    eventually(lambda: not [path for folder in folders for path in folder.rglob("*") if path.is_file()])


def test_each_format_holds_what_was_said(server, client):
    for format, read in {
        "json": lambda answer: answer.text,
        "text": str.strip,
        "srt": lambda text: " ".join(cue.content.replace("\n", " ") for cue in srt.parse(text)),
        "vtt": lambda text: " ".join(cue.text.replace("\n", " ") for cue in webvtt.from_buffer(io.StringIO(text))),
    }.items():
        answer = client.audio.transcriptions.create(file=JFK, model="whisper-1", response_format=format, language="en")
        assert read(answer) == SAID
    wait_until_nothing_is_left(server)


def test_verbose_answer_tells_times_and_how_it_was_decoded(server, client):
    answer = client.audio.transcriptions.create(
        file=JFK,
        model="base",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        language="English",
        temperature=0.3,
    )
    assert (answer.text, answer.language, round(answer.duration), answer.usage.type) == (
        SAID,
        "english",
        11,
        "duration",
    )
    assert [word.word for word in answer.words] == SAID.split()
    assert all(0 <= word.start < word.end <= 11 for word in answer.words)
    (segment,) = answer.segments
    assert (segment.text, segment.id, segment.seek, segment.temperature) == (f" {SAID}", 0, 0, 0.3)
    assert len(segment.tokens) > 20
    assert -1 < segment.avg_logprob < 0
    assert 1 < segment.compression_ratio < 2.4
    assert 0 < segment.no_speech_prob < 0.6


def test_segments_alone_come_without_words(server, client):
    answer = client.audio.transcriptions.create(file=JFK, model="whisper-1", response_format="verbose_json")
    assert (answer.words, [segment.temperature for segment in answer.segments]) == (None, [0])


def test_prompt_reaches_the_model(server, client):
    """It writes as it has seen it written."""
    prompt = "and so my fellow americans ask not what your country can do for you this is all in small letters"
    answer = client.audio.transcriptions.create(file=JFK, model="whisper-1", prompt=prompt)
    assert (answer.text != SAID, answer.text.lower().startswith("and so my fellow americans")) == (True, True)


def test_translation_is_english(server, client):
    answer = client.audio.translations.create(file=JFK, model="whisper-1", response_format="verbose_json")
    assert (answer.text, answer.language) == (SAID, "english")


def test_stream_adds_up_to_the_text(server, client, long_file):
    events = list(client.audio.transcriptions.create(file=long_file, model="gpt-4o-transcribe", stream=True))
    deltas = [event.delta for event in events if event.type == "transcript.text.delta"]
    assert [event.type for event in events][len(deltas) :] == ["transcript.text.done"]
    assert ("".join(deltas), len(deltas) > 2) == (events[-1].text, True)
    assert events[-1].text.count("ask not") == TIMES
    assert events[-1].usage.seconds == pytest.approx(11 * TIMES, abs=0.5)
    wait_until_nothing_is_left(server)


async def test_asynchronous_client_does_several_at_once(server, key):
    async with openai.AsyncOpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0) as client:
        answer = await client.audio.transcriptions.create(file=JFK, model="whisper-1")
        stream = await client.audio.transcriptions.create(file=JFK, model="whisper-1", stream=True)
        texts = [event.text async for event in stream if event.type == "transcript.text.done"]
        assert [answer.text, *texts] == [SAID, SAID]
        assert (await client.models.retrieve("whisper-1")).owned_by == "scripta"


def test_errors_are_the_client_s_own(server, client, key):
    def transcribe(options: dict[str, Any] | None = None, **fields: Any) -> Any:
        given = {"file": JFK, "model": "whisper-1"} | fields
        return client.with_options(**options or {}).audio.transcriptions.create(**given)

    with pytest.raises(openai.BadRequestError) as bad:
        transcribe(language="xx")
    assert (bad.value.param, bad.value.code) == ("language", "invalid_value")
    for options in ({}, {"stream": True}):
        with pytest.raises(openai.BadRequestError) as bad:
            transcribe(file=("talk.mp3", b"this is no sound" * 50), **options)
        assert (bad.value.param, bad.value.code) == ("file", "media_unreadable")
    with pytest.raises(openai.NotFoundError) as unknown:
        transcribe(model="gpt-9")
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        transcribe({"api_key": "scr_wrong"})
    with pytest.raises(openai.PermissionDeniedError):
        transcribe({"api_key": make_key(server, "read")})
    with pytest.raises(openai.APIStatusError) as large:
        transcribe(file=("talk.wav", bytes(28 * 2**20)))
    assert (large.value.status_code, large.value.code) == (413, "request_too_large")
    often = client.with_options(api_key=make_key(server, "read"))
    with pytest.raises(openai.RateLimitError) as limited:
        list(iter(often.models.list, None))
    assert int(limited.value.response.headers["Retry-After"]) <= 60
    wait_until_nothing_is_left(server)


def test_recording_stays_when_the_request_says_so(server, client):
    answer = client.audio.transcriptions.create(file=JFK, model="whisper-1", extra_headers={"X-Scripta-Keep": "1"})
    rows = server.query("SELECT title, round(duration), media_type, delete_after FROM transcription_recording")
    assert (answer.text, rows) == (SAID, [("jfk", 11, "audio/flac", None)])
    server.query("UPDATE transcription_recording SET delete_after = now() RETURNING id")
    wait_until_nothing_is_left(server)


async def hang_up(server: Server, key: str, file: Path, **fields: Any) -> None:
    """Ask, and close the connection while the work runs."""
    async with openai.AsyncOpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0) as client:
        asked = asyncio.create_task(client.audio.transcriptions.create(file=file, model="whisper-1", **fields))
        await asyncio.to_thread(eventually, lambda: "transcribing" in [state for state, _ in jobs(server)])
        if fields.get("stream"):
            await (await asked).close()
        asked.cancel()


@pytest.mark.parametrize("stream", [False, True])
async def test_hang_up_ends_the_work(server, key, long_file, stream):
    await hang_up(server, key, long_file, stream=stream)
    wait_until_nothing_is_left(server)
    assert eventually(lambda: outcome(server, newest_job(server))) == "given up"


async def test_hang_up_of_one_who_keeps_does_not_end_the_work(server, key, long_file):
    await hang_up(server, key, long_file, extra_headers={"X-Scripta-Keep": "1"})
    assert eventually(lambda: outcome(server, newest_job(server)), seconds=60) == "done"
    assert jobs(server) == [("done", True)]
    server.query("UPDATE transcription_recording SET delete_after = now() RETURNING id")
    wait_until_nothing_is_left(server)


def test_killed_worker_delays_the_answer_only(server, client, long_file, aside):
    asked = aside(client.audio.transcriptions.create, file=long_file, model="whisper-1")
    eventually(lambda: jobs(server) == [("transcribing", True)])
    server.processes()["worker"].kill()
    assert asked.result(120).text.count("ask not") == TIMES
    wait_until_nothing_is_left(server)


def test_killed_web_process_leaves_nothing(server, client, long_file, aside):
    asked = aside(client.audio.transcriptions.create, file=long_file, model="whisper-1")
    eventually(lambda: jobs(server) == [("transcribing", True)])
    os.kill(server.processes()["web"].pid, signal.SIGKILL)
    assert isinstance(asked.exception(20), openai.APIConnectionError)
    # Two minutes later:
    server.query("UPDATE transcription_recording SET delete_after = now() RETURNING id")
    wait_until_nothing_is_left(server)
    server.wait_until_ready()
    assert client.audio.transcriptions.create(file=JFK, model="whisper-1").text == SAID
