"""Requests while they wait: no worker runs here, the tests are it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async

from accounts.models import ApiKey
from accounts.services import keys
from tests.factories import DATA
from transcription.models import Job, Recording
from transcription.openai import work
from transcription.openai.waiting import room
from transcription.services import attempts, jobs
from transcription.speaking import threads
from transcription.speech.types import Checkpoint, Segment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    monkeypatch.setattr(work, "ALIVE_SECONDS", 0.2)
    monkeypatch.setattr(work, "CHECK_SECONDS", 0.1)


@pytest.fixture
def ask(program):
    """Begins a request, and goes on when its job is there."""

    async def start(**fields) -> tuple[asyncio.Task, Job]:
        with (DATA / "LJ001-0001.flac").open("rb") as file:
            request = program.post("/v1/audio/transcriptions", {"file": file, "model": "whisper-1"} | fields)
            asked = asyncio.create_task(request)
            await eventually(Job.objects.aexists)
        return asked, await Job.objects.select_related("recording").aget()

    return start


async def eventually(question: Callable[[], Awaitable[bool]]) -> bool:
    deadline = time.monotonic() + 10
    while not await question():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return True


async def nothing_is_left() -> bool:
    async def gone() -> bool:
        return not (room.admitted or await Recording.objects.aexists())

    return await eventually(gone)


async def say(job: Job, *texts: str, index: int = 0) -> None:
    """As a worker does: a checkpoint with these sentences."""
    segments = tuple(Segment(index + n, index + n, index + n + 1.0, text, "en") for n, text in enumerate(texts))
    checkpoint = Checkpoint(index + len(texts) + 0.0, segments, "en", 0.9)
    await sync_to_async(attempts.save_checkpoint)(job=job, checkpoint=checkpoint, progress=0.1, seconds_left=None)


async def claimed(job: Job) -> Job:
    taken = await sync_to_async(attempts.claim_job)(job_id=job.pk, worker="here:1")
    await sync_to_async(attempts.start_transcribing)(job=taken)
    return taken


async def events(answer) -> list[dict]:
    said = b"".join([part async for part in answer.streaming_content]).decode()
    return [json.loads(line.removeprefix("data: ")) for line in said.splitlines() if line.startswith("data: ")]


async def test_answer_comes_when_the_job_has_ended(ask):
    asked, job = await ask()
    taken = await claimed(job)
    await say(taken, "One.", "Two.")
    await sync_to_async(attempts.finish_job)(job=taken, duration=10.0)
    answer = await asked
    assert answer.json() == {"text": "One. Two.", "usage": {"type": "duration", "seconds": 10.0}}
    assert await nothing_is_left()


async def test_silence_is_an_empty_text(ask):
    asked, job = await ask(response_format="verbose_json")
    taken = await claimed(job)
    await sync_to_async(attempts.finish_job)(job=taken, duration=10.0, warning=jobs.NO_SPEECH)
    body = (await asked).json()
    assert (body["text"], body["segments"], body["language"]) == ("", [], "")


async def test_stream_tells_what_is_new_and_what_went_wrong(ask):
    asked, job = await ask(stream="true")
    taken = await claimed(job)
    await say(taken, "One.")
    answer = await asked
    reading = asyncio.create_task(events(answer))
    await say(taken, "Two.", index=1)
    await sync_to_async(attempts.fail_job)(job=taken, code="internal", message="Something went wrong.")
    *told, last = await reading
    assert "".join(event["delta"] for event in told) == "One. Two."
    error = {"message": "Something went wrong.", "type": "server_error", "param": None, "code": "internal"}
    assert last == {"type": "error", "error": error}
    assert (answer.status_code, answer["Content-Type"], await nothing_is_left()) == (
        200,
        "text/event-stream; charset=utf-8",
        True,
    )


async def test_job_that_fails_before_any_text_is_an_error_of_its_own_also_for_a_stream(ask):
    asked, job = await ask(stream="true")
    taken = await claimed(job)
    await sync_to_async(attempts.fail_job)(job=taken, code="media_no_audio", message="This file has no sound track.")
    answer = await asked
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")
    assert await nothing_is_left()


async def test_failure_of_the_server_is_told_as_such(ask):
    asked, job = await ask()
    await sync_to_async(attempts.fail_job)(job=await claimed(job), code="model_error", message="No model.")
    answer = await asked
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "server_error")


async def test_job_that_somebody_cancels_is_told(ask):
    asked, job = await ask()
    await sync_to_async(jobs.cancel_job)(job=job)
    answer = await asked
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "cancelled")
    assert await nothing_is_left()


async def test_recording_that_somebody_deletes_is_told(ask):
    asked, job = await ask()
    await sync_to_async(job.recording.delete)()
    answer = await asked
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "gone")


async def test_key_revoked_while_its_request_waits_ends_it(ask):
    asked, _ = await ask()
    await sync_to_async(keys.revoke)(row=await ApiKey.objects.aget())
    answer = await asyncio.wait_for(asked, 10)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
    assert await nothing_is_left()


async def test_key_revoked_mid_stream_ends_it(ask):
    asked, job = await ask(stream="true")
    await say(await claimed(job), "One.")
    answer = await asked
    await sync_to_async(keys.revoke)(row=await ApiKey.objects.aget())
    told = await asyncio.wait_for(events(answer), 10)
    assert [told[0]["delta"], told[-1]["error"]["code"]] == ["One.", "invalid_api_key"]
    assert await nothing_is_left()


async def test_request_given_up_while_it_waits_leaves_nothing(ask):
    asked, _ = await ask()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await nothing_is_left()


async def test_request_given_up_while_its_form_is_read_leaves_nothing(program, monkeypatch):
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    submit = work.passing.submit

    def slowly(**arguments):
        loop.call_soon_threadsafe(begun.set)
        time.sleep(0.3)
        return submit(**arguments)

    monkeypatch.setattr(work.passing, "submit", slowly)
    with (DATA / "LJ001-0001.flac").open("rb") as file:
        asked = asyncio.create_task(program.post("/v1/audio/transcriptions", {"file": file, "model": "whisper-1"}))
        await begun.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    assert threads._answering._work_queue.empty()
    assert await nothing_is_left()


async def test_request_is_waited_for_as_long_as_it_takes(ask, monkeypatch):
    monkeypatch.setattr("transcription.openai.waiting.PROLONG_SECONDS", 0.0)
    asked, job = await ask()
    assert await eventually(Recording.objects.filter(delete_after__gt=job.recording.delete_after).aexists)
    await sync_to_async(jobs.cancel_job)(job=job)
    assert (await asked).status_code == 409
