"""The same done to many recordings."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.factories import make_job, make_live, make_recording, make_user
from transcription.enums import JobState
from transcription.models import Job, Recording
from transcription.services import bulk, passing, uploads

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def test_trash_ends_work_and_incomplete_uploads(owner, settings, tmp_path):
    settings.UPLOADS = tmp_path
    waiting = make_job(make_recording(owner)).recording
    upload = uploads.create_upload(owner=owner, length=10, filename="a.mp3", fingerprint="", options={})
    outcome = bulk.move_to_trash(rows=Recording.objects.select_related("upload").order_by("created_at"))
    assert (outcome.done, dict(outcome.refused)) == ([waiting.pk, upload.recording_id], {})
    assert list(Recording.objects.trashed()) == list(Recording.objects.all()) == [waiting]
    assert Job.objects.get().state == JobState.CANCELLED
    assert bulk.restore(rows=Recording.objects.all()).done == [waiting.pk]
    assert Job.objects.get().state == JobState.QUEUED


def test_what_cannot_be_done_is_counted_by_its_reason(owner):
    kept = [make_recording(owner) for _ in range(2)]
    gone = make_recording(owner, deleted_at=timezone.now())
    outcome = bulk.restore(rows=Recording.objects.all())
    assert outcome.done == [gone.pk]
    assert dict(outcome.refused) == {"This recording is not in the trash.": len(kept)}


def test_purge_hides_at_once_and_a_worker_deletes(owner, settings, tmp_path):
    settings.UPLOADS = settings.MEDIA_ROOT = tmp_path
    kept = make_recording(owner)
    spoken = make_live(owner).recording
    rows = [make_recording(owner, deleted_at=timezone.now()), spoken]
    Recording.objects.filter(pk=spoken.pk).update(deleted_at=timezone.now())
    assert set(bulk.purge(rows=Recording.objects.all()).done) == {row.pk for row in rows}
    assert list(Recording.objects.listed()) == [kept]
    assert passing.sweep(now=timezone.now()) == 2
    assert list(Recording.objects.all()) == [kept]
