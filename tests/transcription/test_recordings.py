"""Recordings: names, the trash, and what is left on disk."""

import errno
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import DATA, make_job, make_media, make_recording, make_user
from transcription.enums import JobState, RecordingState
from transcription.errors import BadRequest, WrongState
from transcription.models import Recording
from transcription.services import jobs, recordings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("team_meeting 2026.m4a", "team meeting 2026"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\talk.wav", "talk"),
        ("a\0b\nc\x1b[31m.mp3", "a b c [31m"),
        ("\u202egnp.exe\u202c.mp3", "gnp.exe"),
        (".mp3", ".mp3"),
        ("", "Recording"),
        ("   ", "Recording"),
        ("日本語の会議.flac", "日本語の会議"),
        ("x" * 400 + ".wav", "x" * 200),
    ],
)
def test_title_comes_from_the_name_of_the_file(name, title):
    recording = recordings.create_recording(owner=make_user(), title="", original_name=name, size=1)
    assert recording.title == title


@given(st.text(max_size=300), st.integers(min_value=1, max_value=50))
def test_clean_line_is_one_printable_line(text, limit):
    cleaned = recordings.clean_line(text, limit=limit)
    assert len(cleaned) <= limit
    assert cleaned.splitlines() in ([], [cleaned])
    assert recordings.clean_line(cleaned, limit=limit) == cleaned


def test_media_arrived_moves_the_file_and_knows_it(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    recording = make_media(folder=tmp_path)
    stored = Recording.objects.get(pk=recording.pk)
    assert (stored.state, stored.media_type, stored.has_video) == (RecordingState.READY, "audio/flac", False)
    assert stored.duration == pytest.approx(9.655, abs=0.01)
    assert stored.media.read() == (DATA / "LJ001-0001.flac").read_bytes()
    assert not (tmp_path / f"{recording.id}.part").exists()


def test_media_arrived_again_after_a_crash_completes_the_row(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    recording = make_media(folder=tmp_path)
    Recording.objects.filter(pk=recording.pk).update(state=RecordingState.UPLOADING, media="", duration=None)
    again = recordings.media_arrived(recording=Recording.objects.get(pk=recording.pk), path=tmp_path / "gone.part")
    assert (again.state, again.size) == (RecordingState.READY, (DATA / "LJ001-0001.flac").stat().st_size)


def test_media_arrives_from_another_file_system(tmp_path, settings, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    rename = Path.replace

    def refuse_first(self, target):
        if self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", refuse_first)
    recording = make_media(folder=tmp_path)
    assert recording.media.read() == (DATA / "LJ001-0001.flac").read_bytes()
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["media"]


def test_rename_keeps_one_line():
    recording = make_recording()
    recordings.rename_recording(recording=recording, title="  Board\nmeeting ")
    assert Recording.objects.get(pk=recording.pk).title == "Board meeting"


@pytest.mark.parametrize("title", ["", " \t\n", "\0"])
def test_rename_to_nothing_is_refused(title):
    recording = make_recording(title="Kept")
    with pytest.raises(BadRequest):
        recordings.rename_recording(recording=recording, title=title)
    assert Recording.objects.get(pk=recording.pk).title == "Kept"


def test_trash_cancels_the_work_and_restore_brings_it_back():
    job = make_job()
    recording = job.recording
    jobs.trash_recording(recording=recording)
    job.refresh_from_db()
    assert (job.state, Recording.objects.kept().count()) == (JobState.CANCELLED, 0)
    jobs.restore_recording(recording=recording)
    job.refresh_from_db()
    assert (Recording.objects.kept().count(), job.state, job.error_code) == (1, JobState.QUEUED, "")


def test_restore_leaves_what_its_owner_cancelled():
    job = make_job()
    jobs.cancel_job(job=job)
    jobs.trash_recording(recording=job.recording)
    jobs.restore_recording(recording=job.recording)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_sweep_removes_only_files_whose_recording_is_gone(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    gone, kept = make_media(folder=tmp_path), make_media(folder=tmp_path)
    foreign = tmp_path / "media" / "recordings" / "notes"
    foreign.mkdir()
    (foreign / "mine.txt").write_text("kept")
    Recording.objects.filter(pk=gone.pk).delete()
    assert (recordings.sweep_media(), recordings.sweep_media()) == (1, 0)
    assert {p for p in (tmp_path / "media").rglob("*") if p.is_file()} == {Path(kept.media.path), foreign / "mine.txt"}


def test_restore_of_what_is_not_in_the_trash_is_refused():
    with pytest.raises(WrongState):
        recordings.restore_recording(recording=make_recording())


def test_trash_is_emptied_after_its_time(tmp_path, settings, django_capture_on_commit_callbacks):
    settings.MEDIA_ROOT = tmp_path / "media"
    old, fresh, kept = (make_media(folder=tmp_path) for _ in range(3))
    now = timezone.now()
    Recording.objects.filter(pk=old.pk).update(deleted_at=now - timedelta(days=31))
    Recording.objects.filter(pk=fresh.pk).update(deleted_at=now - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert recordings.purge_trash(older_than=now - timedelta(days=30)) == 1
    assert set(Recording.objects.values_list("pk", flat=True)) == {fresh.pk, kept.pk}
    assert len([p for p in (tmp_path / "media").rglob("*") if p.is_file()]) == 2


def test_what_is_restored_while_the_trash_is_emptied_stays(monkeypatch):
    purge = recordings.purge_recording

    def purge_while_the_other_is_restored(*, recording):
        purge(recording=recording)
        recordings.restore_recording(recording=Recording.objects.get())

    monkeypatch.setattr(recordings, "purge_recording", purge_while_the_other_is_restored)
    now = timezone.now()
    for _ in range(2):
        make_recording(deleted_at=now - timedelta(days=31))
    assert recordings.purge_trash(older_than=now - timedelta(days=30)) == 1
    assert Recording.objects.get().deleted_at is None


def test_visible_to_shows_nothing_of_others():
    mine, _ = make_recording(), make_recording()
    assert list(Recording.objects.visible_to(mine.owner)) == [mine]
