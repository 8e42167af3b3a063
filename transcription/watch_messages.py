"""What a watcher is sent, and the codes that close its connection: the watcher's part of the live protocol."""

from __future__ import annotations

from typing import Any, Literal, TypedDict
from uuid import UUID

from transcription.speech.types import Segment

SUBPROTOCOL = "scripta.live.v1"
LARGEST_INDEX = 2**31 - 1

DONE = 1000
TOO_SLOW = 1008
FAILED = 1011
NODE_FULL = 1013
BAD_MESSAGE = 4400
NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
NOT_FOUND = 4404


class Partial(TypedDict):
    """The open segment; ``stable + unstable`` is its text, spaces included. ``start`` in seconds."""

    type: Literal["partial"]
    index: int
    start: float
    stable: str
    unstable: str


def ready(*, received: int, captions: str, segments: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "ready", "received": received, "captions": captions, "segments": segments}


def segment(final: Segment) -> dict[str, Any]:
    """A final segment as ``ready`` and ``final`` hold it; times in seconds from the start of the recording."""
    words = [
        {"start": word.start, "end": word.end, "text": word.text, "probability": word.probability}
        for word in final.words
    ]
    named = {"index": final.index, "start": final.start, "end": final.end, "text": final.text}
    return named | {"language": final.language, "words": words}


def partial(*, index: int, start: float, stable: str, unstable: str) -> Partial:
    return {"type": "partial", "index": index, "start": start, "stable": stable, "unstable": unstable}


def finished(*, recording: UUID, transcript: int | None) -> dict[str, Any]:
    return {"type": "finished", "recording": str(recording), "transcript": transcript}


def error(*, code: str, message: str, retry: bool) -> dict[str, Any]:
    """``message`` may be shown to a person."""
    return {"type": "error", "code": code, "message": message, "retry": retry}


def pong() -> dict[str, Any]:
    return {"type": "pong"}


def partial_key(recording_id: UUID) -> str:
    """Where Redis has the newest partial: JSON with its ``revision``, for 60 s."""
    return f"scripta:live:{recording_id.hex}:partial"
