"""Jobs by the API: listed, waited for, followed, cancelled, tried again."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection
from django.test import AsyncClient, Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import keys
from tests.factories import make_job, make_recording, make_user
from tests.transcription.api.conftest import problem, queries
from tests.web import Web
from transcription import job_watching
from transcription.api import jobs as views
from transcription.enums import JobState
from transcription.models import Job
from transcription.services import jobs

pytestmark = pytest.mark.django_db
URL = "/api/v1/jobs/"


def test_list_is_newest_first_and_narrowed(client: Client, owner: User):
    first, second = make_job(make_recording(owner)), make_job(make_recording(owner))
    jobs.cancel_job(job=first)
    make_job(make_recording(make_user()))
    for fields in ({"deleted_at": timezone.now()}, {"delete_after": timezone.now()}):
        hidden = make_job(make_recording(owner))
        type(hidden.recording).objects.filter(pk=hidden.recording_id).update(**fields)

    def listed(query: str = "") -> list[int]:
        return [row["id"] for row in client.get(f"{URL}{query}").json()["results"]]

    assert listed() == [second.pk, first.pk]
    assert listed("?state=cancelled") == [first.pk]
    assert listed(f"?recording={second.recording_id}") == [second.pk]
    own = client.get(f"/api/v1/recordings/{first.recording_id}/jobs/").json()
    assert ([row["id"] for row in own["results"]], own["next"]) == ([first.pk], None)
    page = client.get(f"{URL}?limit=1").json()
    assert [row["id"] for row in client.get(page["next"]).json()["results"]] == [first.pk]


@pytest.mark.parametrize("query", ["state=odd", "recording=odd", "recording=%00", "order=id", "cursor=", "limit=x"])
def test_query_that_means_nothing_is_refused(client: Client, query: str):
    assert problem(client.get(f"{URL}?{query}"))[0] == 400


def test_lists_make_as_many_queries_for_three_rows_as_for_one(client: Client, owner: User):
    counts = []
    for rows in (1, 2):
        recording = make_recording(owner)
        for _ in range(rows):
            jobs.cancel_job(job=make_job(recording))
        counts.append([queries(client, each) for each in (URL, f"/api/v1/recordings/{recording.pk}/jobs/")])
    assert counts[0] == counts[1]


def test_job_tells_how_far_it_is(client: Client, owner: User):
    job = make_job(make_recording(owner))
    Job.objects.filter(pk=job.pk).update(state=JobState.TRANSCRIBING, progress=0.25, seconds_left=30.0)
    answer = client.get(f"{URL}{job.pk}/")
    body = answer.json()
    assert set(body) == set(views.EXAMPLE)
    assert (body["state"], body["progress"], body["seconds_left"], body["place"]) == ("transcribing", 0.25, 30.0, 0)
    assert (body["error"], answer["ETag"]) == (None, f'"{job.pk}-transcribing-0-25-0"')
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error_code="no_audio", error_message="No sound.")
    assert client.get(f"{URL}{job.pk}/").json()["error"] == {"code": "no_audio", "message": "No sound."}


def test_job_is_cancelled_and_tried_again_once(client: Client, owner: User):
    address = f"{URL}{make_job(make_recording(owner)).pk}/"
    answers = [client.post(f"{address}{what}/") for what in ("retry", "cancel", "cancel", "retry", "retry")]
    assert [answer.status_code for answer in answers] == [409, 200, 409, 200, 409]
    assert [answers[n].json()["state"] for n in (1, 3)] == ["cancelled", "queued"]
    assert problem(answers[0]) == (409, "wrong_state")


@pytest.mark.parametrize("rest", ["", "events/"])
def test_job_of_another_does_not_exist(client: Client, rest: str):
    theirs = make_job(make_recording(make_user()))
    for pk in (theirs.pk, 2**63, 0):
        assert problem(client.get(f"{URL}{pk}/{rest}")) == (404, "not_found")
    assert problem(client.post(f"{URL}{theirs.pk}/cancel/")) == (404, "not_found")


@pytest.mark.parametrize("wait", ["-1", "61", "1.5", "", "9" * 30])
def test_wait_that_cannot_be_is_refused(client: Client, owner: User, wait: str):
    assert problem(client.get(f"{URL}{make_job(make_recording(owner)).pk}/?wait={wait}")) == (400, "bad_request")


# Waiting ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def job(transactional_db: None, owner: User) -> Job:
    return make_job(make_recording(owner))


class Program:
    """Asks as a web process is asked: through the ASGI application."""

    def __init__(self, key: str) -> None:
        self.key = {"Authorization": f"Bearer {key}"}

    async def get(self, address: str, **headers: str) -> Any:
        return await AsyncClient().get(address, headers=self.key | headers)


@pytest.fixture
def program(job: Job, owner: User) -> Program:
    return Program(keys.create_key(user=owner, name="program")[1])


async def body_of(answer: Any) -> Any:
    if not answer.streaming:
        return json.loads(answer.content)
    return json.loads(b"".join([piece async for piece in answer.streaming_content]))


async def update(job: Job, **fields: Any) -> None:
    await Job.objects.filter(pk=job.pk).aupdate(**fields)


@pytest.mark.django_db(transaction=True)
async def test_answer_waits_for_a_change(program: Program, job: Job):
    answer = await program.get(f"{URL}{job.pk}/?wait=60")
    assert (answer.status_code, answer.streaming, answer["Content-Type"]) == (200, True, "application/json")
    await update(job, state=JobState.DECODING)
    assert (await body_of(answer))["state"] == "decoding"
    answer = await program.get(f"{URL}{job.pk}/?wait=60")
    await update(job, state=JobState.TRANSCRIBING, progress=0.5)
    assert (await body_of(answer))["progress"] == 0.5


@pytest.mark.django_db(transaction=True)
async def test_answer_comes_when_the_time_is_over(program: Program, job: Job):
    assert (await body_of(await program.get(f"{URL}{job.pk}/?wait=1")))["state"] == "queued"


@pytest.mark.django_db(transaction=True)
async def test_who_knows_an_older_state_does_not_wait(program: Program, job: Job):
    known = {"If-None-Match": (await program.get(f"{URL}{job.pk}/"))["ETag"]}
    assert (await program.get(f"{URL}{job.pk}/?wait=60", **known)).streaming
    await update(job, progress=0.5)
    assert not (await program.get(f"{URL}{job.pk}/?wait=60", **known)).streaming
    await update(job, state=JobState.DONE)
    assert not (await program.get(f"{URL}{job.pk}/?wait=60")).streaming


@pytest.mark.django_db(transaction=True)
async def test_job_that_goes_away_ends_the_wait(program: Program, job: Job):
    answers = [await program.get(f"{URL}{job.pk}/{rest}") for rest in ("?wait=60", "events/")]
    await Job.objects.filter(pk=job.pk).adelete()
    assert (await body_of(answers[0]))["state"] == "queued"
    assert [name for name, _ in await events_of(answers[1])] == ["progress", "end"]


async def events_of(answer: Any) -> list[tuple[str, Any]]:
    text = b"".join([piece async for piece in answer.streaming_content]).decode()
    lines = [event.split("\n") for event in text.split("\n\n") if event and not event.startswith(":")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in lines]


@pytest.mark.django_db(transaction=True)
async def test_events_tell_each_change_and_the_end(program: Program, job: Job):
    answer = await program.get(f"{URL}{job.pk}/events/", Accept="text/event-stream")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    stream = answer.streaming_content
    pieces = [await anext(stream)]
    for fields in ({"state": JobState.TRANSCRIBING}, {"progress": 0.5}, {"state": JobState.DONE, "progress": 1.0}):
        await update(job, **fields)
        pieces.append(await anext(stream))
    pieces.append(await anext(stream))
    told = [piece.decode().split("\n") for piece in pieces]
    assert [line[0] for line in told] == ["event: progress"] * 4 + ["event: end"]
    bodies = [json.loads(line[1].removeprefix("data: ")) for line in told]
    assert [(body["state"], body["progress"]) for body in bodies] == [
        ("queued", 0.0),
        ("transcribing", 0.0),
        ("transcribing", 0.5),
        ("done", 1.0),
        ("done", 1.0),
    ]
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


@pytest.mark.django_db(transaction=True)
async def test_stream_is_kept_alive_and_ends_with_its_key(program: Program, job: Job, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job_watching, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(views, "KEEP_ALIVE_LOOKS", 2)
    monkeypatch.setattr(views, "RECHECK_LOOKS", 5)
    stream = (await program.get(f"{URL}{job.pk}/events/")).streaming_content
    pieces = [await anext(stream) for _ in range(7)]
    assert pieces[1:] == [b": still there\n\n"] * 6
    await ApiKey.objects.aupdate(revoked_at=timezone.now())
    rest = [piece async for piece in stream]
    assert (rest[-1].partition(b"\n")[0], len(rest) < 5) == (b"event: end", True)


@pytest.mark.django_db(transaction=True)
async def test_problems_of_a_stream_are_problems(program: Program):
    answer = await program.get(f"{URL}0/events/", Accept="text/event-stream")
    assert problem(answer) == (404, "not_found")


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_those_who_wait_hold_no_connection_and_go_with_their_clients(job: Job, owner: User, tmp_path: Path):
    """Forty streams and waits share one look at the database; the process answers others and forgets who hung up."""
    with Web(tmp_path / "log", SCRIPTA_LIVE="0") as web:
        session = web.session(owner)
        process = psutil.Process(web.process.pid)
        assert session.get(f"{web.url}{URL}{job.pk}/").status_code == 200
        files, held = process.num_fds(), _connections()
        headers = f"Host: 127.0.0.1:{web.port}\r\nCookie: sessionid={session.cookies['sessionid']}"
        with ExitStack() as stack:
            for rest in ["events/", "?wait=60"] * 20:
                client = stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
                client.sendall(f"GET {URL}{job.pk}/{rest} HTTP/1.1\r\n{headers}\r\n\r\n".encode())
                if rest == "events/":
                    assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
            # Those who wait for their whole answer have been let in when the database was asked for them.
            _wait_until(lambda: process.num_fds() >= files + 40)
            assert session.get(f"{web.url}/healthz").status_code == 200
            _wait_until(lambda: _connections() <= held + 3)
        _wait_until(lambda: process.num_fds() <= files + 5)
        assert session.get(f"{web.url}/healthz").status_code == 200


def _connections() -> int:
    """To the test's database, of all processes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
