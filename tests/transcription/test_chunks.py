"""The sound of live recordings: durable before it counts, one connection at a time, one speaker's trouble alone."""

from __future__ import annotations

import errno
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from tests.factories import make_user
from tests.transcription.spoken_sound import append, pcm, sound, speak
from transcription.enums import RecordingState
from transcription.errors import (
    BadRequest,
    DamagedSound,
    PositionMismatch,
    QuotaExceeded,
    StaleEpoch,
    StorageFull,
    TooLong,
)
from transcription.models import Live, LiveChunk, Recording
from transcription.services import chunkfiles, chunks, jobs, live, room, stored_sound
from transcription.services.chunks import PendingChunk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def files(live_id: UUID, settings: Any) -> list[str]:
    folder = Path(settings.MEDIA_ROOT) / chunkfiles.folder(live_id)
    return sorted(f"{chunkfiles.folder(live_id)}/{path.name}" for path in folder.glob("*"))


def outcome(results: list[chunks.AppendResult]) -> list[tuple[int | None, type | None]]:
    return [(result.received, type(result.error) if result.error else None) for result in results]


def test_what_is_appended_is_there(settings):
    connection = speak()
    before = timezone.now()
    assert append(connection, 0, pcm(100)) == chunks.AppendResult(100)
    assert append(connection, 100, pcm(50, value=7)) == chunks.AppendResult(150)
    stored = Live.objects.get()
    assert (stored.received, stored.first_audio_at >= before) == (150, True)
    assert stored.last_seen_at > stored.first_audio_at
    assert Recording.objects.get().size == 300
    assert [(c.position, c.length) for c in LiveChunk.objects.order_by("position")] == [(0, 100), (100, 50)]
    assert files(connection.live_id, settings) == sorted(LiveChunk.objects.values_list("name", flat=True))
    assert sound(connection.live_id) == pcm(100) + pcm(50, value=7)


def test_files_are_readable_for_their_owner_only(settings):
    connection = speak()
    append(connection, 0, pcm(1))
    [name] = files(connection.live_id, settings)
    path = Path(settings.MEDIA_ROOT) / name
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(("encoding", "width"), [("pcm_f32le", 4), ("mulaw", 1), ("webm", 1)])
def test_positions_count_samples_or_bytes(encoding, width):
    connection = speak(encoding=encoding)
    assert append(connection, 0, b"abcd" * 10) == chunks.AppendResult(40 // width)
    assert sound(connection.live_id, 4, 6) == (b"abcd" * 10)[4 * width : 6 * width]


def test_sound_is_read_from_any_position_to_any(monkeypatch):
    monkeypatch.setattr(stored_sound, "ROWS_AT_ONCE", 2)
    connection = speak(encoding="webm")
    whole = bytes(range(250))
    for position in range(0, 250, 10):
        append(connection, position, whole[position : position + 10])
    for start, end in [(0, None), (0, 250), (5, 7), (9, 11), (10, 20), (33, 190), (249, None), (240, 250)]:
        assert sound(connection.live_id, start, end) == whole[start:end]
    assert (sound(connection.live_id, 250), sound(connection.live_id, 9999), sound(connection.live_id, 7, 7)) == (
        b"",
        b"",
        b"",
    )


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"\1\0\1\0\2\0"), lambda path: path.unlink()])
def test_damaged_sound_is_noticed(settings, damage):
    connection = speak()
    append(connection, 0, pcm(3))
    damage(Path(settings.MEDIA_ROOT) / LiveChunk.objects.get().name)
    with pytest.raises(DamagedSound):
        sound(connection.live_id)


def test_one_batch_serves_many_speakers_and_several_chunks_of_one(settings):
    speakers = [speak() for _ in range(5)]
    batch = [PendingChunk(one, position, pcm(10, value=n)) for position in (0, 10) for n, one in enumerate(speakers)]
    assert chunks.append_chunks(batch) == [chunks.AppendResult(20)] * 10
    for n, one in enumerate(speakers):
        assert sound(one.live_id) == pcm(20, value=n)


@pytest.mark.parametrize("number", [1, 5])
def test_a_batch_costs_the_same_queries_for_one_and_many(number, django_assert_num_queries):
    speakers = [speak() for _ in range(number)]
    with django_assert_num_queries(6):  # of which two are the savepoint that tests need
        chunks.append_chunks([PendingChunk(one, 0, pcm(10)) for one in speakers])


def test_only_the_current_connection_counts(settings):
    owner = make_user()
    old = speak(owner)
    append(old, 0, pcm(10))
    new = live.connect(live_id=old.live_id, user=owner)
    batch = [PendingChunk(old, 10, pcm(5, value=9)), PendingChunk(new, 10, pcm(5, value=2))]
    assert outcome(chunks.append_chunks(batch)) == [(None, StaleEpoch), (15, None)]
    assert sound(old.live_id) == pcm(10) + pcm(5, value=2)
    assert len(files(old.live_id, settings)) == 2


@pytest.mark.parametrize("state", [RecordingState.CLOSING, RecordingState.READY])
def test_what_has_ended_takes_no_sound(state, settings):
    connection = speak()
    Recording.objects.filter(pk=connection.live_id).update(state=state)
    assert outcome([append(connection, 0, pcm(10))]) == [(None, StaleEpoch)]
    assert (LiveChunk.objects.count(), files(connection.live_id, settings)) == (0, [])


def test_what_is_in_the_trash_takes_no_sound(settings):
    connection = speak()
    jobs.trash_recording(recording=Recording.objects.get())
    assert outcome([append(connection, 0, pcm(10))]) == [(None, StaleEpoch)]
    assert files(connection.live_id, settings) == []


def test_another_position_is_refused(settings):
    connection = speak()
    append(connection, 0, pcm(10))
    assert outcome([append(connection, 11, pcm(5))]) == [(10, PositionMismatch)]
    gap = [PendingChunk(connection, 10, pcm(5)), PendingChunk(connection, 16, pcm(5))]
    assert outcome(chunks.append_chunks(gap)) == [(15, None), (None, PositionMismatch)]
    assert len(files(connection.live_id, settings)) == 2


def test_what_is_there_already_is_a_success(settings):
    connection = speak()
    append(connection, 0, pcm(10))
    assert append(connection, 0, pcm(10)) == chunks.AppendResult(10)
    assert sound(connection.live_id) == pcm(10)
    assert (len(files(connection.live_id, settings)), Recording.objects.get().size) == (1, 20)


@pytest.mark.parametrize("data", [b"", b"abc"])
def test_half_samples_are_refused(data):
    assert outcome([append(speak(), 0, data)]) == [(None, BadRequest)]


def test_a_full_disk_harms_only_its_speaker(settings, monkeypatch):
    unlucky, lucky = speak(), speak()
    write = chunkfiles._write

    def fill(path: Path, data: bytes) -> None:
        write(path, data)
        if unlucky.live_id.hex in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(chunkfiles, "_write", fill)
    batch = [PendingChunk(one, 0, pcm(10)) for one in (unlucky, lucky)]
    assert outcome(chunks.append_chunks(batch)) == [(None, StorageFull), (10, None)]
    assert (files(unlucky.live_id, settings), sound(lucky.live_id)) == ([], pcm(10))
    monkeypatch.undo()
    assert append(unlucky, 0, pcm(10)) == chunks.AppendResult(10)


def test_the_spare_room_of_the_disk_is_left_alone(settings, monkeypatch):
    connection = speak()
    monkeypatch.setattr(room, "free_bytes", lambda: room.SPARE_BYTES - 1)
    assert outcome([append(connection, 0, pcm(10))]) == [(None, StorageFull)]
    assert files(connection.live_id, settings) == []


def test_a_full_quota_stops_its_owner_and_keeps_what_came(settings):
    full, other = speak(), speak()
    settings.USER_QUOTA = 100
    batch = [PendingChunk(full, 0, pcm(51)), PendingChunk(other, 0, pcm(50))]
    assert outcome(chunks.append_chunks(batch)) == [(51, QuotaExceeded), (50, None)]
    assert sound(full.live_id) == pcm(51)


def test_a_live_recording_ends_at_the_greatest_length(settings):
    settings.MAX_DURATION_HOURS = 1 / 3600
    connection = speak()
    assert outcome([append(connection, 0, pcm(15_999)), append(connection, 15_999, pcm(1))]) == [
        (15_999, None),
        (16_000, TooLong),
    ]
    container = speak(encoding="webm")
    assert outcome([append(container, 0, b"a")]) == [(1, None)]
    Live.objects.filter(pk=container.live_id).update(first_audio_at=timezone.now() - timedelta(seconds=1))
    assert outcome([append(container, 1, b"b")]) == [(2, TooLong)]


def test_a_live_recording_ends_at_the_greatest_size(settings):
    settings.MAX_UPLOAD_SIZE = 100
    assert outcome([append(speak(encoding="webm"), 0, b"a" * 100)]) == [(100, TooLong)]


class Elsewhere(FileSystemStorage):
    """Storage that is not a local disk."""

    def path(self, name: str) -> str:
        raise NotImplementedError

    def _open(self, name: str, mode: str = "rb") -> Any:
        return self._file(name).open(mode)

    def _save(self, name: str, content: Any) -> str:
        if self.fails:
            raise ConnectionError("no answer")
        self._file(name).parent.mkdir(parents=True, exist_ok=True)
        self._file(name).write_bytes(content.read())
        return name

    def exists(self, name: str) -> bool:
        return self._file(name).exists()

    def delete(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return Path(self.location) / name

    fails = False


def test_storage_elsewhere_keeps_chunks_too(tmp_path, monkeypatch):
    storage = Elsewhere(location=tmp_path)
    monkeypatch.setattr(chunkfiles, "default_storage", storage)
    connection = speak()
    assert append(connection, 0, pcm(10)) == chunks.AppendResult(10)
    assert sound(connection.live_id) == pcm(10)
    storage.fails = True
    assert outcome([append(connection, 10, pcm(10))]) == [(None, StorageFull)]
