"""Videos with captions in the picture, from the wish to the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_live, make_media, make_recording, make_transcript
from tests.server import ROOT
from tests.web import environment_for_process
from transcription.enums import RecordingState, VideoState
from transcription.errors import AlreadyRunning, CannotExport, QuotaExceeded, WrongState
from transcription.models import CaptionedVideo, Recording, TranscriptSegment
from transcription.services import captioned_videos, deletion, queue, recordings, room
from transcription.speech import audio
from transcription.speech.errors import MediaError

pytestmark = pytest.mark.django_db
LIMITS = audio.Limits(memory_bytes=4 << 30)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def talk(tmp_path: Path) -> Recording:
    recording = make_media(folder=tmp_path)
    make_transcript(recording, segments=2)
    return recording


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of FFmpeg: a file of three bytes."""

    def burn(path: Any, sink: int, overlay: audio.Overlay, **calls: Any) -> None:
        assert overlay.script.read_text().count("Dialogue: ") == 2
        calls["progress"](4.0)
        if calls["should_stop"]():
            raise captioned_videos.Cancelled
        with open(sink, "wb", closefd=False) as file:  # noqa: PTH123  (a descriptor)
            file.write(b"mp4")

    monkeypatch.setattr(audio, "burn_captions", burn)


def row() -> CaptionedVideo:
    return CaptionedVideo.objects.get()


def waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name=queue.MAKE_CAPTIONED_VIDEO, status="todo").count()


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "media").rglob("*") if path.is_file())


def test_wish_becomes_a_video(talk, tmp_path):
    made = captioned_videos.request_video(recording=talk)
    assert (made.state, made.transcript, waiting()) == (VideoState.QUEUED, talk.transcripts.get(), 1)
    captioned_videos.make_video(recording_id=talk.pk)
    assert (row().state, row().progress, row().file.size) == (VideoState.DONE, 1.0, row().size)
    info = audio.probe(row().file.path, limits=LIMITS)
    assert (info.video_codec, info.codec) == ("h264", "aac")
    assert info.duration == pytest.approx(talk.duration, abs=0.2)
    assert files(tmp_path) == ["captioned-1.mp4", "media"]


def test_video_is_replaced_when_the_next_is_there(talk, quick, tmp_path, django_capture_on_commit_callbacks):
    captioned_videos.request_video(recording=talk)
    captioned_videos.make_video(recording_id=talk.pk)
    captioned_videos.request_video(recording=talk, speakers=False)
    assert (row().state, row().speakers, row().file.name.endswith("captioned-1.mp4")) == ("queued", False, True)
    with django_capture_on_commit_callbacks(execute=True):
        captioned_videos.make_video(recording_id=talk.pk)
    assert (row().state, files(tmp_path)) == (VideoState.DONE, ["captioned-2.mp4", "media"])


def test_second_wish_waits_for_the_first(talk):
    captioned_videos.request_video(recording=talk)
    with pytest.raises(AlreadyRunning):
        captioned_videos.request_video(recording=talk)
    assert waiting() == 1


@pytest.mark.parametrize("fields", [{"media": ""}, {"deleted_at": timezone.now()}, {"state": RecordingState.CLOSING}])
def test_recording_that_cannot_have_one(talk, fields):
    Recording.objects.update(**fields)
    with pytest.raises(WrongState):
        captioned_videos.request_video(recording=talk)
    assert CaptionedVideo.objects.count() == 0


def test_recording_without_text_or_whose_sound_is_not_kept_gets_none(talk):
    with pytest.raises(WrongState):
        captioned_videos.request_video(recording=make_recording())
    spoken = make_live(keep_audio=False).recording
    make_transcript(spoken, version=2)
    Recording.objects.filter(pk=spoken.pk).update(state=RecordingState.READY, media="there")
    with pytest.raises(WrongState, match="not to be kept"):
        captioned_videos.request_video(recording=spoken)


def test_text_that_no_font_has_is_refused_at_once(talk):
    TranscriptSegment.objects.filter(index=0).update(text="𓀀", words=[])
    with pytest.raises(CannotExport):
        captioned_videos.request_video(recording=talk)
    assert (CaptionedVideo.objects.count(), waiting()) == (0, 0)


def test_cancelled_one_is_not_made(talk, quick, tmp_path):
    captioned_videos.request_video(recording=talk)
    captioned_videos.cancel_video(recording=talk)
    assert (row().state, waiting()) == (VideoState.CANCELLED, 0)
    captioned_videos.make_video(recording_id=talk.pk)
    assert (row().state, files(tmp_path)) == (VideoState.CANCELLED, ["media"])
    with pytest.raises(WrongState):
        captioned_videos.cancel_video(recording=talk)


@pytest.mark.parametrize("ending", ["cancel", "trash", "delete", "other attempt"])
def test_work_that_nobody_wants_any_more_ends_and_writes_nothing(talk, tmp_path, monkeypatch, ending):
    captioned_videos.request_video(recording=talk)

    def burn(path: Any, sink: int, overlay: Any, **calls: Any) -> None:
        if ending == "cancel":
            captioned_videos.cancel_video(recording=talk)
        elif ending == "trash":
            recordings.move_to_trash(recording=talk)
        elif ending == "delete":
            captioned_videos.delete_video(recording=talk)
        else:
            CaptionedVideo.objects.update(attempt=7)
        assert calls["should_stop"]()

    monkeypatch.setattr(audio, "burn_captions", burn)
    captioned_videos.make_video(recording_id=talk.pk)
    assert files(tmp_path) == ["media"]
    expected = {"cancel": ["cancelled"], "trash": ["running"], "delete": [], "other attempt": ["running"]}[ending]
    assert list(CaptionedVideo.objects.values_list("state", flat=True)) == expected


def test_worker_that_stops_gives_it_back(talk, quick):
    captioned_videos.request_video(recording=talk)
    captioned_videos.make_video(recording_id=talk.pk, should_stop=lambda: True)
    assert (row().state, row().idle_attempts, waiting()) == (VideoState.QUEUED, 0, 2)
    captioned_videos.make_video(recording_id=talk.pk)
    assert row().state == VideoState.DONE


def test_failure_says_why_and_can_be_tried_again(talk, monkeypatch):
    captioned_videos.request_video(recording=talk)
    with monkeypatch.context() as patch:
        patch.setattr(audio, "burn_captions", lambda *_, **__: (_ for _ in ()).throw(MediaError()))
        captioned_videos.make_video(recording_id=talk.pk)
    assert (row().state, row().error_code, row().error_message) == ("failed", MediaError.code, MediaError.message)
    captioned_videos.request_video(recording=talk)
    assert (row().state, row().error_code) == ("queued", "")


def test_video_goes_when_it_is_deleted_and_with_its_recording(
    talk, quick, tmp_path, django_capture_on_commit_callbacks
):
    for delete in (captioned_videos.delete_video, recordings.purge_recording):
        captioned_videos.request_video(recording=talk)
        captioned_videos.make_video(recording_id=talk.pk)
        assert len(files(tmp_path)) == 2
        with django_capture_on_commit_callbacks(execute=True):
            delete(recording=talk)
    assert (files(tmp_path), CaptionedVideo.objects.count()) == ([], 0)
    assert captioned_videos.delete_video(recording=make_recording()) is False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "function",
    [
        "transcription.speech.audio.burn_captions",
        "transcription.services.captioned_videos._keep",
        "django.core.files.storage.filesystem.FileSystemStorage.save",
    ],
)
def test_worker_that_is_killed_leaves_nothing_half(talk, quick, tmp_path, function):
    captioned_videos.request_video(recording=talk)
    command = [sys.executable, "-m", "tests.transcription.dying_video", str(talk.pk), function]
    done = subprocess.run(command, cwd=ROOT, env=environment_for_process(), capture_output=True, check=False)
    assert done.returncode == -9, done.stderr.decode()
    assert (row().state, row().attempt) == (VideoState.RUNNING, 1)
    queue.ProcrastinateJob.objects.all().delete()
    assert captioned_videos.resume_videos() == 1
    assert captioned_videos.resume_videos() == 0
    captioned_videos.make_video(recording_id=talk.pk)
    assert (row().state, row().attempt) == (VideoState.DONE, 2)
    assert files(tmp_path) == ["captioned-2.mp4", "media"]


def test_video_that_kills_its_workers_is_given_up(talk):
    captioned_videos.request_video(recording=talk)
    CaptionedVideo.objects.update(state="running", idle_attempts=captioned_videos.MOST_ATTEMPTS)
    captioned_videos.make_video(recording_id=talk.pk)
    assert row().state == VideoState.RUNNING
    queue.ProcrastinateJob.objects.all().delete()
    assert captioned_videos.resume_videos() == 1
    assert (row().state, row().error_code) == (VideoState.FAILED, "worker_lost")


def test_video_goes_with_the_sound(talk, quick, tmp_path, django_capture_on_commit_callbacks):
    captioned_videos.request_video(recording=talk)
    captioned_videos.make_video(recording_id=talk.pk)
    with django_capture_on_commit_callbacks(execute=True):
        recordings.remove_sound(recording_id=talk.pk)
    recordings.forget_sound(recording_id=talk.pk)
    assert (CaptionedVideo.objects.count(), files(tmp_path)) == (0, [])


def test_sound_that_goes_ends_the_making(talk, tmp_path, monkeypatch):
    def burn(path: Any, sink: int, overlay: audio.Overlay, **calls: Any) -> None:
        recordings.remove_sound(recording_id=talk.pk)
        with open(sink, "wb", closefd=False) as file:  # noqa: PTH123  (a descriptor)
            file.write(b"mp4")

    monkeypatch.setattr(audio, "burn_captions", burn)
    captioned_videos.request_video(recording=talk)
    captioned_videos.make_video(recording_id=talk.pk)
    assert (CaptionedVideo.objects.count(), files(tmp_path)) == (0, ["media"])
    recordings.forget_sound(recording_id=talk.pk)
    assert files(tmp_path) == []


def test_waiting_video_is_taken_out_of_the_queue_with_the_sound(talk):
    captioned_videos.request_video(recording=talk)
    recordings.remove_sound(recording_id=talk.pk)
    assert (CaptionedVideo.objects.count(), waiting()) == (0, 0)


def test_video_goes_with_account_and_recording(talk, quick, tmp_path, django_capture_on_commit_callbacks):
    captioned_videos.request_video(recording=talk)
    captioned_videos.make_video(recording_id=talk.pk)
    with django_capture_on_commit_callbacks(execute=True):
        deletion.delete_account(user=talk.owner)
        deletion.purge_account(user_id=talk.owner_id)
    assert (Recording.objects.count(), files(tmp_path)) == (0, [])


def test_video_counts_in_the_quota(talk, quick, tmp_path, settings):
    settings.USER_QUOTA = talk.size + 3
    captioned_videos.request_video(recording=talk)
    captioned_videos.make_video(recording_id=talk.pk)
    assert (row().state, row().size, Recording.objects.all().bytes_used()) == (VideoState.DONE, 3, settings.USER_QUOTA)
    assert room.owners_over_quota(owner_ids=[talk.owner_id]) == set()
    with pytest.raises(QuotaExceeded):
        captioned_videos.request_video(recording=talk)
    settings.USER_QUOTA -= 1
    assert room.owners_over_quota(owner_ids=[talk.owner_id]) == {talk.owner_id}


def test_video_for_which_there_turns_out_to_be_no_room_is_not_kept(talk, quick, tmp_path, settings):
    settings.USER_QUOTA = talk.size + 2
    captioned_videos.request_video(recording=talk)
    captioned_videos.make_video(recording_id=talk.pk)
    assert (row().state, row().error_code, row().size) == (VideoState.FAILED, "quota_exceeded", 0)
    assert files(tmp_path) == ["media"]
