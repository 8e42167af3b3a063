"""Recordings: made, filled with media, renamed, thrown away, brought back."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import ApiKey, User
from transcription.enums import RecordingState
from transcription.errors import BadRequest, WrongState
from transcription.models import CaptionedVideo, Live, Recording, Waveform, media_name
from transcription.querysets import RecordingQuerySet
from transcription.services import events, partfiles, queue
from transcription.services.texts import clean_line as clean_line
from transcription.speech import audio
from transcription.speech.errors import SpeechError

LIVE_FOLDER = "live"
"""Below a recording's own: the chunks of its sound while it is spoken."""
_FOLDER = re.compile(r"[0-9a-f]{32}")
PROBE_LIMITS = audio.Limits(stall_seconds=5.0, cpu_seconds=5)
"""Somebody waits for the answer; what takes longer is left to the job."""


@transaction.atomic
def create_recording(
    *,
    owner: User,
    title: str,
    original_name: str,
    size: int,
    api_key: ApiKey | None = None,
    delete_after: datetime | None = None,
) -> Recording:
    """Make the row that a file will fill, and tell webhooks. The title falls back to the file's name without ending."""
    name = clean_line(PurePosixPath(original_name.replace("\\", "/")).name, limit=255)
    title = clean_line(title, limit=200) or clean_line(PurePosixPath(name).stem.replace("_", " "), limit=200)
    recording = Recording.objects.create(
        owner=owner,
        title=title or gettext("Recording"),
        original_name=name,
        size=size,
        api_key=api_key,
        delete_after=delete_after,
    )
    events.recording_created(recording=recording)
    return recording


def media_arrived(*, recording: Recording, path: Path, describe: bool = True) -> Recording:
    """Move the finished file at ``path`` into storage and note what it is.

    Without ``describe`` nobody looks into it before the job does.

    Enqueues a copy for the player when browsers cannot play the file itself. Safe to repeat: a second call after a
    crash finds the file moved and only completes the row. What cannot be read
    stays without length and type; the job that follows says why, and the owner can download the file again.
    """
    name = media_name(recording, recording.original_name)
    storage: Storage = recording.media.storage
    if path.exists():
        move_into_storage(storage, name, path)
    recording.media.name = name
    recording.size = storage.size(name)
    recording.state = RecordingState.READY
    if describe:
        describe_media(recording=recording)
    with transaction.atomic():
        recording.save(update_fields=["media", "size", "state", "duration", "has_video", "media_type", "is_playable"])
        if recording.awaits_playback:
            queue.defer_playback(recording_id=recording.pk)
    return recording


def fail_recording(*, recording: Recording, code: str, message: str) -> bool:
    """Its file will not arrive: note why, and tell webhooks. False if it is no longer awaited."""
    with transaction.atomic():
        awaited = Recording.objects.filter(pk=recording.pk, state=RecordingState.UPLOADING)
        failed = {"state": RecordingState.FAILED, "error_code": code, "error_message": message[:300], "size": 0}
        if not awaited.update(**failed):
            return False
        recording.refresh_from_db()
        events.recording_failed(recording=recording)
        return True


def describe_media(*, recording: Recording) -> None:
    """Fill in length and type from the content, as far as they can be read. Does not save."""
    with suppress(SpeechError), local_media(recording=recording) as path:
        describe_file(recording=recording, path=path)


def describe_file(*, recording: Recording, path: Path) -> None:
    """As ``describe_media``, of a file that is not in storage yet. Raises the ``MediaError``s of the speech core."""
    info = audio.probe(path, limits=PROBE_LIMITS)
    recording.duration, recording.has_video, recording.media_type = info.duration, info.video, info.media_type
    recording.is_playable = info.playable


def move_into_storage(storage: Storage, name: str, path: Path) -> None:
    """Give a file, whose content is durable, its place in storage. It replaces what is there."""
    try:
        target = Path(storage.path(name))
    except NotImplementedError:  # not on this machine's disk
        if storage.exists(name):
            storage.delete(name)
        with path.open("rb") as file:
            storage.save(name, File(file))
        path.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o600)
    _rename(path, target)
    partfiles.sync_folder(target.parent)


def _rename(path: Path, target: Path) -> None:
    """In one step, also when uploads and media lie on two file systems."""
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name("media.part")
        with path.open("rb") as source, beside.open("wb") as copy:
            shutil.copyfileobj(source, copy, 2**20)
            copy.flush()
            os.fsync(copy.fileno())
        beside.chmod(0o600)
        beside.replace(target)
        path.unlink()


@contextmanager
def local_media(*, recording: Recording) -> Iterator[Path]:
    """A path at which FFmpeg can read the media; storage elsewhere is copied to a temporary file for that time."""
    try:
        yield Path(recording.media.path)
        return
    except NotImplementedError:
        pass
    with tempfile.NamedTemporaryFile(dir=settings.DATA, prefix="media-") as copy, recording.media.open("rb") as media:
        for chunk in media.chunks(2**20):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def rename_recording(*, recording: Recording, title: str) -> None:
    """Raises BadRequest for a title that is empty once cleaned."""
    cleaned = clean_line(title, limit=200)
    if not cleaned:
        raise BadRequest(gettext("Please give the recording a name."))
    recording.title = cleaned
    recording.save(update_fields=["title"])


def save_waveform(*, recording_id: UUID, peaks: bytes, seconds: float) -> None:
    """Replace the recording's peaks."""
    Waveform.objects.update_or_create(recording_id=recording_id, defaults={"peaks": peaks, "seconds": seconds})


def move_to_trash(*, recording: Recording) -> None:
    """Mark as deleted; whoever speaks into it may write nothing more.

    Whoever calls this also ends work in progress: see ``jobs.trash_recording``.
    """
    with transaction.atomic():
        if Recording.objects.filter(pk=recording.pk, deleted_at=None).update(deleted_at=timezone.now()):
            Live.objects.filter(pk=recording.pk).update(epoch=F("epoch") + 1)
            events.live_changed(live_id=recording.pk)


def restore_recording(*, recording: Recording) -> None:
    """Bring back from the trash, with everything that belonged to it."""
    if not Recording.objects.filter(pk=recording.pk).exclude(deleted_at=None).update(deleted_at=None):
        raise WrongState(gettext("This recording is not in the trash."))


def purge_recording(*, recording: Recording) -> None:
    """Delete for good: the rows, and after they are gone the files."""
    storage = recording.media.storage
    videos = CaptionedVideo.objects.filter(pk=recording.pk).exclude(file="").values_list("file", flat=True)
    names = [*(file.name for file in (recording.media, recording.playback) if file.name), *videos]
    with transaction.atomic():
        was_live = Live.objects.filter(pk=recording.pk).exists()
        folder = recording_folder(recording.pk)
        recording.delete()
        for name in names:
            transaction.on_commit(partial(storage.delete, name), robust=True)
        if was_live:
            transaction.on_commit(partial(empty_folder, storage, f"{folder}/{LIVE_FOLDER}"), robust=True)


def purge_soon(*, rows: RecordingQuerySet) -> int:
    """Hide these from every page and list now, and let a worker delete them for good; how many."""
    return rows.order_by().filter(delete_after=None).update(delete_after=timezone.now())


def remove_sound(*, recording_id: UUID) -> bool:
    """The row forgets the sound at once, storage by a task that is enqueued with it; the text stays. False if none."""
    with transaction.atomic():
        held = Recording.objects.select_for_update(no_key=True).filter(pk=recording_id).exclude(media="")
        if held.values_list("pk").first() is None:
            return False
        forget_media(recording_id=recording_id, sound_removed_at=timezone.now())
    return True


def forget_media(*, recording_id: UUID, **more: object) -> None:
    """The row says that there is no sound, and a task deletes what there was. Call inside a transaction.

    The task is in the transaction that forgets: a crash cannot leave the sound behind.
    """
    nothing = {"media": "", "playback": "", "media_type": "", "size": 0, "has_video": False, "is_playable": True}
    Recording.objects.filter(pk=recording_id).update(**nothing, playback_size=0, **more)
    _forget_video(recording_id)
    Waveform.objects.filter(pk=recording_id).delete()
    queue.defer_forgetting(recording_id=recording_id)


def _forget_video(recording_id: UUID) -> None:
    """A video with captions holds the sound, too. Its file is in the folder that is emptied with it.

    A worker that makes one finds no row any more, and deletes what it has written.
    """
    for video in CaptionedVideo.objects.select_for_update().filter(pk=recording_id):
        queue.forget(task_id=video.task_id)
        video.delete()


def set_exempt(*, rows: RecordingQuerySet, is_exempt: bool) -> int:
    """Whether rules of retention leave these alone; how many were changed."""
    return rows.exclude(is_exempt=is_exempt).update(is_exempt=is_exempt)


def recording_folder(recording_id: UUID) -> str:
    """Where all files of a recording are, in the storage for media."""
    return f"recordings/{recording_id.hex[:2]}/{recording_id.hex}"


def empty_folder(storage: Storage, path: str) -> int:
    """Delete the files in it, then the folder itself where storage has such. How many there were."""
    if not storage.exists(path):
        return 0
    names = storage.listdir(path)[1]
    for name in names:
        storage.delete(f"{path}/{name}")
    with suppress(OSError):
        storage.delete(path)
    return len(names)


def forget_folder(*, recording_id: UUID) -> None:
    """Delete what lies in a recording's folder, and the folder, once the transaction that deletes it is committed."""
    folder = recording_folder(recording_id)
    transaction.on_commit(partial(empty_folder, default_storage, folder), robust=True)


def forget_sound(*, recording_id: UUID) -> None:
    """Delete the files of a recording that is kept as text only, and of one that is gone. Safe to repeat."""
    row = Recording.objects.filter(pk=recording_id).values_list("state", "media").first()
    if row in {None, (RecordingState.READY, "")}:
        folder = recording_folder(recording_id)
        empty_folder(default_storage, f"{folder}/{LIVE_FOLDER}")
        empty_folder(default_storage, folder)


def sweep_media() -> int:
    """Delete files whose rows are gone: a process died, or storage failed, between the rows and the files.

    Also sound of live recordings that is one file by now, or was not to be kept. Returns how many. Names that are not
    of our making are left alone.
    """
    storage: Storage = default_storage
    shelves = storage.listdir("recordings")[0] if storage.exists("recordings") else []
    return sum(_sweep_shelf(storage, f"recordings/{shelf}") for shelf in shelves)


def _sweep_shelf(storage: Storage, shelf: str) -> int:
    folders = {UUID(hex=name): name for name in storage.listdir(shelf)[0] if _FOLDER.fullmatch(name)}
    kept = set(Recording.objects.filter(pk__in=folders).values_list("pk", flat=True))
    ready = Recording.objects.filter(pk__in=folders, state=RecordingState.READY)
    closed = ready.filter(live__isnull=False, live__chunks=None)
    silent = closed.filter(media="") | ready.filter(media="", sound_removed_at__isnull=False)
    text_only = set(silent.values_list("pk", flat=True))
    gone = folders.keys() - kept
    count = 0
    for pk in gone | set(closed.values_list("pk", flat=True)):
        count += empty_folder(storage, f"{shelf}/{folders[pk]}/{LIVE_FOLDER}")
    for pk in gone | text_only:
        count += empty_folder(storage, f"{shelf}/{folders[pk]}")
    return count


def purge_trash(*, older_than: datetime) -> int:
    """Delete for good what has been in the trash since before ``older_than``; returns how many."""
    old = Recording.objects.filter(deleted_at__lt=older_than).values_list("pk", flat=True)
    return sum(_purge_trashed(pk, older_than) for pk in old.iterator())


@transaction.atomic
def _purge_trashed(pk: UUID, older_than: datetime) -> bool:
    """False if it was brought back meanwhile: emptying takes long. Its row is locked first, so that whoever restores it
    comes before this or after."""
    rows = Recording.objects.select_for_update(no_key=True)
    recording = rows.filter(pk=pk, deleted_at__lt=older_than).first()
    if recording is None:
        return False
    purge_recording(recording=recording)
    return True
