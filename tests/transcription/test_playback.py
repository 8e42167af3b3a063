"""Copies for the player of files that browsers cannot play."""

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_media, make_recording
from tests.sounds import JFK, convert
from transcription.models import Recording
from transcription.services import playback, queue, recordings
from transcription.speech import audio

pytestmark = pytest.mark.django_db
LIMITS = audio.Limits()


@pytest.fixture
def arrived(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    return lambda source: make_media(source=source, folder=tmp_path)


def waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name=queue.MAKE_PLAYBACK, status="todo").count()


def test_file_that_browsers_play_needs_no_copy(arrived):
    recording = arrived(JFK)
    assert (recording.is_playable, recording.awaits_playback, waiting()) == (True, False, 0)


def test_file_that_browsers_do_not_play_gets_a_copy(arrived, client, tmp_path):
    source = convert(JFK, tmp_path / "radio.ac3")
    recording = arrived(source)
    assert (recording.is_playable, recording.awaits_playback, waiting()) == (False, True, 1)

    playback.make_playback(recording_id=recording.pk)
    recording = Recording.objects.get(pk=recording.pk)
    info = audio.probe(recording.playback.path, limits=LIMITS)
    assert (recording.awaits_playback, info.codec) == (False, "mp3")
    assert info.duration == pytest.approx(recording.duration, abs=0.2)

    client.force_login(recording.owner)
    url = f"/recordings/{recording.pk}/media/"
    played = client.get(url, headers={"Range": "bytes=0-9"})
    assert (played.status_code, played["Content-Type"]) == (206, "audio/mpeg")
    assert played["Content-Range"].endswith(f"/{recording.playback.size}")
    assert client.head(url, {"download": "1"})["Content-Length"] == str(source.stat().st_size)


def test_copy_is_made_once_and_goes_with_its_recording(arrived, tmp_path, django_capture_on_commit_callbacks):
    recording = arrived(convert(JFK, tmp_path / "radio.ac3"))
    playback.make_playback(recording_id=recording.pk)
    path = Recording.objects.get(pk=recording.pk).playback.path
    before = recording.playback.storage.get_modified_time(path)
    playback.make_playback(recording_id=recording.pk)
    assert recording.playback.storage.get_modified_time(path) == before
    with django_capture_on_commit_callbacks(execute=True):
        recordings.purge_recording(recording=Recording.objects.get(pk=recording.pk))
    assert [p for p in (tmp_path / "media").rglob("*") if p.is_file()] == []


def test_file_without_sound_gets_no_copy(arrived, tmp_path):
    (tmp_path / "notes.mp3").write_text("These are not sounds.")
    recording = arrived(tmp_path / "notes.mp3")
    Recording.objects.filter(pk=recording.pk).update(is_playable=False)
    playback.make_playback(recording_id=recording.pk)
    recording.refresh_from_db()
    assert (recording.playback.name, recording.awaits_playback) == ("", False)


def test_page_says_that_the_copy_is_on_its_way(arrived, client, tmp_path):
    recording = arrived(convert(JFK, tmp_path / "radio.ac3"))
    client.force_login(recording.owner)
    page = client.get(f"/recordings/{recording.pk}/").content.decode()
    assert ("is being made" in page, 'id="media"' in page) == (True, False)
    playback.make_playback(recording_id=recording.pk)
    page = client.get(f"/recordings/{recording.pk}/").content.decode()
    assert ("is being made" in page, '<audio id="media"' in page) == (False, True)


@pytest.mark.parametrize(("attempts", "status"), [(0, "todo"), (1, "todo"), (2, "failed")])
def test_copy_whose_worker_was_killed_is_begun_again_twice(attempts, status):
    number = queue.defer_playback(recording_id=make_recording().pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s", [attempts, number]
        )
    queue.take_back_lost_tasks(silence=10)
    assert ProcrastinateJob.objects.get(pk=number).status == status


def test_copy_that_a_living_worker_makes_is_left_to_it():
    number = queue.defer_playback(recording_id=make_recording().pk)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, number])
    queue.take_back_lost_tasks(silence=10)
    assert ProcrastinateJob.objects.get(pk=number).status == "doing"
