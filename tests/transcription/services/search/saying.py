"""What was said, and what a search finds of it."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from tests.factories import make_recording
from transcription.models import Recording, Transcript, TranscriptSegment
from transcription.services import search
from transcription.services.search import Found, Page, Place, Wanted


def say(
    owner: User, *texts: str, language: str = "en", recording: Recording | None = None, **fields: Any
) -> Transcript:
    fields = {"version": 1, "engine": "scripted", "model": "base", "is_complete": True} | fields
    recording = recording or make_recording(owner)
    transcript = Transcript.objects.create(recording=recording, language=language, **fields)
    TranscriptSegment.objects.bulk_create(
        TranscriptSegment(
            transcript=transcript, index=n, rank=n, start=4.0 * n, end=4.0 * n + 3, text=text, language=language
        )
        for n, text in enumerate(texts)
    )
    return transcript


def find(
    user: User, text: str, *, limit: int = 100, after: Place | None = None, each: int | None = None, **wanted: Any
) -> Found:
    return search.find_passages(user=user, wanted=Wanted(text, **wanted), page=Page(limit, after, each))


def texts(user: User, text: str, **wanted: Any) -> list[str]:
    return sorted(passage.text for passage in find(user, text, **wanted).passages)
