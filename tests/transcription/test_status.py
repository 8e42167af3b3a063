"""What administrators are told of the server, against the real queue's tables."""

import os
import socket
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.factories import make_job, make_live, make_recording, make_user
from transcription.enums import JobState, RecordingState
from transcription.errors import LiveOff
from transcription.models import Job, Live, Upload
from transcription.services import attempts, live
from transcription.services.status import (
    Failures,
    OwnerUse,
    StoredModel,
    disk_status,
    largest_owners,
    queue_status,
    server_status,
    speaker_status,
    stored_models,
    worker_status,
)

pytestmark = pytest.mark.django_db


def make_worker(*, silent_for: float = 0) -> int:
    with connection.cursor() as cursor:
        at = timezone.now() - timedelta(seconds=silent_for)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [at])
        return cursor.fetchone()[0]


def begin(job: Job, *, worker: int, process: str = "here:1") -> Job:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job.task_id]
        )
    claimed = attempts.claim_job(job_id=job.pk, worker=process)
    assert claimed is not None
    return claimed


def fail(job: Job, code: str) -> None:
    claimed = attempts.claim_job(job_id=job.pk, worker="here:1")
    assert claimed is not None
    attempts.fail_job(job=claimed, code=code, message="It failed.")


def make_upload(*, length: int, offset: int) -> Upload:
    recording = make_recording(state=RecordingState.UPLOADING, size=length)
    expires = timezone.now() + timedelta(hours=1)
    return Upload.objects.create(recording=recording, length=length, offset=offset, expires_at=expires)


def test_queue_when_nothing_happened_counts_every_state_as_none():
    status = queue_status(now=timezone.now())
    assert status.counts == dict.fromkeys(JobState, 0)
    assert (status.oldest_waiting, status.running, status.ended_today, status.failures) == (None, [], 0, [])


def test_queue_counts_states_and_names_the_longest_waiting():
    first, _, running = make_job(), make_job(), begin(make_job(), worker=make_worker())
    status = queue_status(now=timezone.now())
    assert status.counts == dict.fromkeys(JobState, 0) | {JobState.QUEUED: 2, JobState.DECODING: 1}
    assert (status.oldest_waiting, status.running) == (first.queued_at, [running])


def test_failures_are_grouped_by_code_and_old_ones_left_out():
    for code in ("media_empty", "worker_lost", "media_empty"):
        fail(make_job(), code)
    fail(old := make_job(), "model_error")
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=8))
    newest = dict(Job.objects.order_by("finished_at").values_list("error_code", "finished_at"))
    status = queue_status(now=timezone.now())
    assert status.failures == [
        Failures("media_empty", 2, newest["media_empty"]),
        Failures("worker_lost", 1, newest["worker_lost"]),
    ]
    assert (status.counts[JobState.FAILED], status.ended_today) == (4, 3)


def test_workers_show_what_they_do_and_who_fell_silent():
    at_work, silent = make_worker(), make_worker(silent_for=60)
    begin(make_job(), worker=at_work, process="here:42")
    told = [(w.number, w.process, w.queues, w.doing, w.is_silent) for w in worker_status(now=timezone.now())]
    assert told == [(at_work, "here:42", ["transcribe"], 1, False), (silent, "", [], 0, True)]


@pytest.mark.parametrize("count", [1, 3])
def test_workers_need_as_many_queries_for_many_as_for_one(count, django_assert_num_queries):
    for _ in range(count):
        begin(make_job(), worker=make_worker())
    with django_assert_num_queries(3):
        assert len(worker_status(now=timezone.now())) == count


@pytest.mark.parametrize(("silent_for", "warned"), [(0, False), (60, True)])
def test_waiting_jobs_without_a_living_worker_are_a_warning(silent_for, warned):
    make_job()
    make_worker(silent_for=silent_for)
    assert server_status().nobody_works is warned


def test_no_worker_is_no_warning_while_nothing_waits():
    assert server_status().nobody_works is False


def test_disk_counts_media_trash_and_unfinished_uploads_apart():
    make_recording(size=1000)
    make_recording(size=200, deleted_at=timezone.now())
    make_upload(length=5000, offset=1500)
    disk = disk_status()
    assert (disk.media, disk.trash, disk.uploads, disk.arrived, disk.expected) == (1200, 200, 1, 1500, 5000)
    assert 0 < disk.free < disk.total
    assert disk.database > 1_000_000


def test_stored_models_leaves_out_those_still_being_fetched(tmp_path):
    for name in ("base", ".small.partial", "notes"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "model.bin").write_bytes(b"12345")
    (tmp_path / "base" / "config.json").write_bytes(b"{}")
    (tmp_path / ".small.partial" / "model.bin").write_bytes(b"1")
    assert stored_models(tmp_path) == [StoredModel("base", 7)]
    assert stored_models(tmp_path / "missing") == []


def test_largest_owners_come_first():
    few, much = make_user("few@example.org"), make_user("much@example.org")
    make_recording(few, size=10, duration=None)
    make_recording(much, size=100, duration=1800.0)
    make_recording(much, size=1, duration=1800.0)
    owners = largest_owners()
    assert owners == [OwnerUse(much.pk, much.email, 2, 101, 3600.0), OwnerUse(few.pk, few.email, 1, 10, 0.0)]
    assert owners[0].hours == 1.0


def test_live_captions_are_told_of_the_process_that_answers(settings):
    settings.LIVE, settings.LIVE_MODEL = False, "/models/own"
    status = server_status()
    assert status.process == f"{socket.gethostname()}:{os.getpid()}"
    assert (status.model, status.live.name, status.live.reason) == ("own", "unavailable", LiveOff.message)
    assert (status.live.taken, status.live.percent) == (0, 0)


def test_speakers_are_counted_by_what_they_do():
    now = timezone.now()
    speaking, paused, away, closing, trashed = (make_live() for _ in range(5))
    Live.objects.filter(pk=paused.pk).update(paused_at=now, last_seen_at=now - timedelta(hours=1))
    Live.objects.filter(pk=away.pk).update(last_seen_at=now - timedelta(minutes=2))
    live.begin_closing(live_id=closing.pk, user=closing.recording.owner)
    live.discard(live_id=trashed.pk, user=trashed.recording.owner)
    status = speaker_status(now=now)
    assert (status.speaking, status.paused, status.waiting, status.closing) == (1, 1, 1, 1)
    assert [spoken.pk for spoken in status.newest] == [away.pk, paused.pk, speaking.pk]


def test_speakers_cost_two_queries(django_assert_num_queries):
    for _ in range(3):
        make_live()
    with django_assert_num_queries(2):
        assert [spoken.recording.owner.email for spoken in speaker_status(now=timezone.now()).newest]
