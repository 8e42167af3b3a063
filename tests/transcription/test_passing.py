"""Recordings that go by themselves."""

import os
import shutil
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import DATA, make_recording
from transcription.enums import JobState
from transcription.models import Job, Recording, Webhook, WebhookDelivery
from transcription.services import attempts, passing, queue
from transcription.services.jobs import JobOptions
from transcription.speech.errors import EmptyMedia, MediaError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def send(owner, settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"

    def start(content: bytes | None = None, *, keep: bool = False) -> Job:
        path = passing.arrivals() / "file"
        if content is None:
            shutil.copyfile(DATA / "LJ001-0001.flac", path)
        else:
            path.write_bytes(content)
        return passing.submit(owner=owner, path=path, original_name="a b.flac", options=JobOptions(), keep=keep)

    return start


def files(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_submit_stores_the_file_and_puts_the_job_first(send, settings):
    job = send()
    recording = job.recording
    assert (job.state, job.priority, recording.state, recording.title) == ("queued", queue.URGENT, "ready", "a b")
    assert recording.delete_after > timezone.now()
    assert (files(settings.MEDIA_ROOT), files(settings.UPLOADS)) == (["media"], [])


def test_submit_to_keep_looks_into_the_file(send):
    recording = Recording.objects.get(pk=send(keep=True).recording_id)
    assert (recording.delete_after, recording.media_type, round(recording.duration)) == (None, "audio/flac", 10)


@pytest.mark.parametrize(("keep", "told"), [(True, ["recording.created"]), (False, [])])
def test_others_are_told_of_what_is_kept_alone(send, owner, keep, told):
    Webhook.objects.create(user=owner, url="https://example.org/", events=["recording.created"])
    send(keep=keep)
    assert list(WebhookDelivery.objects.values_list("event", flat=True)) == told


@pytest.mark.parametrize(("content", "error"), [(b"", EmptyMedia), (b"no sound" * 99, MediaError)])
def test_submit_to_keep_refuses_what_cannot_be_read(send, content, error, settings):
    with pytest.raises(error):
        send(content, keep=True)
    assert (Recording.objects.count(), files(settings.MEDIA_ROOT)) == (0, [])


def test_end_stops_the_work_and_leaves_nothing(send, settings):
    job = attempts.claim_job(job_id=send().pk, worker="here:1")
    passing.end(recording_id=job.recording_id)
    passing.end(recording_id=job.recording_id)
    assert (Recording.objects.count(), Job.objects.count()) == (0, 0)
    assert (files(settings.MEDIA_ROOT), attempts.is_current(job=job)) == ([], False)
    assert not any((settings.MEDIA_ROOT / "recordings").glob("*/*"))


def test_end_leaves_what_is_kept(send):
    job = send(keep=True)
    passing.end(recording_id=job.recording_id)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_sweep_deletes_only_what_is_over(send, owner):
    kept = make_recording(owner)
    passed = send().recording_id
    later = timezone.now() + 2 * passing.LIFE
    assert passing.sweep(now=timezone.now()) == 0
    assert passing.sweep(now=later) == 1
    assert list(Recording.objects.values_list("pk", flat=True)) == [kept.pk]
    assert passed != kept.pk


def test_prolong_keeps_a_recording_that_somebody_waits_for(send, owner):
    kept = make_recording(owner)
    waited_for = send().recording
    Recording.objects.filter(pk=waited_for.pk).update(delete_after=timezone.now() - timedelta(seconds=1))
    passing.prolong(recording_ids=[waited_for.pk, kept.pk])
    assert passing.sweep(now=timezone.now() + passing.LIFE / 2) == 0
    kept.refresh_from_db()
    assert kept.delete_after is None


def test_sweep_deletes_files_that_a_dead_process_left(send, settings):
    old, new = passing.arrivals() / "old", passing.arrivals() / "new"
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    past = time.time() - 2 * passing.STRAY_SECONDS
    os.utime(old, (past, past))
    passing.sweep(now=timezone.now())
    assert files(settings.UPLOADS) == ["new"]


def test_look_tells_how_jobs_stand(send):
    waiting = send()
    running = attempts.claim_job(job_id=send().pk, worker="here:1")
    gone = send()
    passing.end(recording_id=gone.recording_id)
    seen = passing.look(job_ids=[waiting.pk, running.pk, gone.pk])
    assert seen == {waiting.pk: passing.Seen("queued", 0), running.pk: passing.Seen("decoding", 0)}
