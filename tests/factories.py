"""Rows as the product itself makes them, with as little said as a test needs."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from accounts.models import User
from transcription.enums import RecordingState
from transcription.models import Job, Live, Recording, Transcript, TranscriptSegment
from transcription.services import jobs, live, recordings, sharing

DATA = Path(__file__).parent / "data"
_numbers = itertools.count(1)


def make_user(email: str = "", *, password: str = "correct horse battery", admin: bool = False, **fields) -> User:
    email = email or f"person{next(_numbers)}@example.org"
    make = User.objects.create_superuser if admin else User.objects.create_user
    return make(email, password, **fields)


def make_recording(owner: User | None = None, *, title: str = "A talk", **fields) -> Recording:
    """A ready recording without a file behind it."""
    fields = {"state": RecordingState.READY, "duration": 60.0, "media_type": "audio/flac", "size": 1000} | fields
    return Recording.objects.create(owner=owner or make_user(), title=title, **fields)


def make_media(owner: User | None = None, *, source: Path = DATA / "LJ001-0001.flac", folder: Path) -> Recording:
    """A ready recording with a real file, arrived the way uploads do. ``folder`` is on the media's file system."""
    recording = recordings.create_recording(
        owner=owner or make_user(), title="", original_name=source.name, size=source.stat().st_size
    )
    part = folder / f"{recording.id}.part"
    shutil.copyfile(source, part)
    return recordings.media_arrived(recording=recording, path=part)


def make_job(recording: Recording | None = None, **options) -> Job:
    """A job in line; ``options`` are those of ``JobOptions``."""
    return jobs.submit_job(recording=recording or make_recording(), options=jobs.JobOptions(**options))


def make_live(owner: User | None = None, *, captions: str = "live", **choices) -> Live:
    """One that waits for sound; ``choices`` are those of ``LiveChoices``."""
    return live.start_live(owner=owner or make_user(), choices=live.LiveChoices(**choices), captions=captions)


def make_transcript(recording: Recording | None = None, *, segments: int = 3, words: int = 5, **fields) -> Transcript:
    """A finished transcript: one segment of ``words`` words every four seconds."""
    recording = recording or make_recording()
    fields = {"version": 1, "engine": "scripted", "model": "base", "language": "en", "is_complete": True} | fields
    transcript = Transcript.objects.create(recording=recording, position=segments * 4.0, **fields)
    make_segments(transcript, range(segments), words=words)
    return transcript


def make_segments(transcript: Transcript, indexes: range, *, words: int = 5) -> None:
    """As those of ``make_transcript``."""
    TranscriptSegment.objects.bulk_create((_segment(transcript, index, words) for index in indexes), batch_size=2000)


def _segment(transcript: Transcript, index: int, words: int) -> TranscriptSegment:
    start, step = index * 4.0, 3.0 / words
    times = [round(start + n * step, 3) for n in range(words + 1)]
    timed = [[times[n], times[n + 1], f" word{index}.{n}", 0.9 if n else 0.3] for n in range(words)]
    text = "".join(word[2] for word in timed).strip()
    return TranscriptSegment(
        transcript=transcript,
        index=index,
        rank=index,
        start=start,
        end=start + 3.0,
        text=text,
        language="en",
        words=timed,
    )


def share(recording: Recording, user: User | None = None, *, role: str = "reader") -> User:
    """Shares it with ``user``, or with a new person; returns who."""
    user = user or make_user()
    sharing.share_with_person(recording=recording, by=recording.owner, email=user.email, role=role)
    return user


def add_finals(live: Live, count: int = 1, *, words: int = 5, text: str = "") -> list[TranscriptSegment]:
    """The next final segments of its transcript, as if they had just been spoken."""
    first = live.transcript.segments.count()
    rows = [_segment(live.transcript, index, words) for index in range(first, first + count)]
    for row in rows:
        row.text = text or row.text
    return TranscriptSegment.objects.bulk_create(rows)
