"""The live protocol ``scripta.live.v1``: what is understood, and what is answered. Pure; see docs/contracts/live.md."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal, TypedDict
from uuid import UUID

from django.utils.translation import gettext

from transcription.speech.types import Segment

SUBPROTOCOL = "scripta.live.v1"
MAX_PAYLOAD = 64 * 1024
"""Bytes of sound in a frame."""
_HEADER = struct.Struct("<Q")
LARGEST_POSITION = 2**62
LARGEST_INDEX = 2**31 - 1


class Close(IntEnum):
    DONE = 1000
    TOO_SLOW = 1008
    TOO_BIG = 1009
    FAILED = 1011
    RESTARTING = 1012
    FULL = 1013
    BAD_MESSAGE = 4400
    NOT_SIGNED_IN = 4401
    NOT_ALLOWED = 4403
    NOT_FOUND = 4404
    TOO_FAST = 4408
    TAKEN_OVER = 4409


class ProtocolError(Exception):
    """What a client sent cannot be followed: words for it, and how the connection ends."""

    def __init__(self, code: str, message: str, close: Close = Close.BAD_MESSAGE, *, retry: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.close, self.retry = code, message, close, retry


@dataclass(frozen=True, slots=True)
class Frame:
    """Sound. ``position`` is the index of its first sample (PCM) or byte (containers)."""

    position: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Configure:
    language: str


@dataclass(frozen=True, slots=True)
class Finish:
    received: int | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    type: Literal["pause", "resume", "ping"]


Message = Configure | Finish | Plain


def parse_frame(data: bytes) -> Frame:
    """Raises ProtocolError."""
    if len(data) < _HEADER.size:
        raise ProtocolError("bad_frame", gettext("A frame begins with its position, in eight bytes."))
    position = _HEADER.unpack_from(data)[0]
    if len(data) - _HEADER.size > MAX_PAYLOAD:
        raise ProtocolError("too_big", gettext("A frame may hold 64 KiB of sound."), Close.TOO_BIG)
    if position > LARGEST_POSITION:
        raise ProtocolError("bad_position", gettext("There is no such position."))
    return Frame(position, data[_HEADER.size :])


def frame(position: int, payload: bytes) -> bytes:
    """What ``parse_frame`` reads."""
    return _HEADER.pack(position) + payload


def parse_text(text: str) -> Message:
    """Raises ProtocolError."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError("bad_message", gettext("This is not JSON.")) from None
    kind = message.get("type") if isinstance(message, dict) else None
    if kind in ("pause", "resume", "ping"):
        return Plain(kind)
    if kind == "configure" and isinstance(language := message.get("language"), str) and len(language) <= 10:
        return Configure(language)
    if kind == "finish" and _is_position(received := message.get("received")):
        return Finish(received)
    raise ProtocolError("bad_message", gettext("This message is not known, or a part of it has the wrong type."))


def _is_position(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_POSITION


def segment(final: Segment) -> dict[str, Any]:
    """A final segment as ``ready`` and ``final`` hold it; times in seconds from the start of the recording."""
    words = [
        {"start": word.start, "end": word.end, "text": word.text, "probability": round(word.probability, 3)}
        for word in final.words
    ]
    named = {"index": final.index, "start": final.start, "end": final.end, "text": final.text}
    return named | {"language": final.language, "words": words}


def ready(*, received: int, captions: str, segments: Sequence[Segment]) -> dict[str, Any]:
    found = [segment(each) for each in segments]
    return {"type": "ready", "received": received, "captions": captions, "segments": found}


def ack(received: int) -> dict[str, Any]:
    return {"type": "ack", "received": received}


def speech(kind: Literal["speech_started", "speech_ended"], at: float) -> dict[str, Any]:
    return {"type": kind, "at": at}


class Partial(TypedDict):
    """The open segment; ``stable + unstable`` is its text, spaces included. ``start`` in seconds."""

    type: Literal["partial"]
    index: int
    start: float
    stable: str
    unstable: str


def partial(*, index: int, start: float, stable: str, unstable: str) -> Partial:
    return {"type": "partial", "index": index, "start": start, "stable": stable, "unstable": unstable}


def final(each: Segment) -> dict[str, Any]:
    return {"type": "final", "segment": segment(each)}


def lag(seconds: float) -> dict[str, Any]:
    return {"type": "lag", "seconds": round(seconds, 1)}


def finished(*, recording: UUID, transcript: int | None) -> dict[str, Any]:
    return {"type": "finished", "recording": str(recording), "transcript": transcript}


def pong() -> dict[str, Any]:
    return {"type": "pong"}


def error(*, code: str, message: str, retry: bool, received: int | None = None) -> dict[str, Any]:
    """``message`` may be shown to a person, and is put into their language here; ``received`` is the position from
    which to send again."""
    said: dict[str, Any] = {"type": "error", "code": code, "message": message and gettext(message), "retry": retry}
    return said if received is None else said | {"received": received}


def partial_key(recording_id: UUID) -> str:
    """Where Redis has the newest partial for watchers: JSON with its ``revision``, for 60 s."""
    return f"scripta:live:{recording_id.hex}:partial"
