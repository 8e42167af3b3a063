"""Events of OpenAI's realtime API that a transcription session knows: what is understood, what is answered. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from transcription.realtime_settings import LOGPROBS as LOGPROBS
from transcription.realtime_settings import InvalidEvent as InvalidEvent
from transcription.speech.types import Word

SUBPROTOCOL = "realtime"
LEAST_COMMIT_MS = 100
LONGEST_ID = 512
"""Characters of an event's id that are given back."""

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    session: object


@dataclass(frozen=True, slots=True)
class Append:
    audio: bytes


@dataclass(frozen=True, slots=True)
class Plain:
    type: Literal["commit", "clear"]


ClientEvent = Update | Append | Plain
_UPDATE, _APPEND, _COMMIT, _CLEAR = (
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
)


def read_json(text: str) -> Mapping[str, Any]:
    """Raises InvalidEvent."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidEvent("This is not JSON.", code="invalid_json") from None
    if not isinstance(message, dict):
        raise InvalidEvent("An event is a JSON object.", code="invalid_type")
    return message


def client_id(message: Mapping[str, Any]) -> str | None:
    """The id that a client gave its event, to be named in errors."""
    given = message.get("event_id")
    return given[:LONGEST_ID].encode(errors="replace").decode() if isinstance(given, str) else None


def parse(message: Mapping[str, Any]) -> ClientEvent:
    """Raises InvalidEvent."""
    match message.get("type"):
        case "session.update":
            return Update(message.get("session"))
        case "input_audio_buffer.append":
            return Append(_audio(message.get("audio")))
        case "input_audio_buffer.commit":
            return Plain("commit")
        case "input_audio_buffer.clear":
            return Plain("clear")
        case None:
            raise InvalidEvent("Missing required parameter: “type”.", code="missing_required_parameter", param="type")
    known = ", ".join((_UPDATE, _APPEND, _COMMIT, _CLEAR))
    raise InvalidEvent(f"A transcription session does not know this type. Known are: {known}.", param="type")


def _audio(value: object) -> bytes:
    if not isinstance(value, str):
        raise InvalidEvent("“audio” must be text in base64.", code="invalid_type", param="audio")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidEvent("“audio” is not valid base64.", param="audio") from None


# What is answered -----------------------------------------------------------------------------------------------------


def new_id(kind: str) -> str:
    """Unique names, such as ``item_…``."""
    return f"{kind}_{secrets.token_hex(12)}"


def _event(kind: str, **fields: Any) -> Event:
    return {"type": kind, "event_id": new_id("event"), **fields}


def session_created(session: Event) -> Event:
    return _event("session.created", session=session)


def session_updated(session: Event) -> Event:
    return _event("session.updated", session=session)


def cleared() -> Event:
    return _event("input_audio_buffer.cleared")


def speech_started(*, item_id: str, at: float) -> Event:
    return _event("input_audio_buffer.speech_started", audio_start_ms=round(at * 1000), item_id=item_id)


def speech_stopped(*, item_id: str, at: float) -> Event:
    return _event("input_audio_buffer.speech_stopped", audio_end_ms=round(at * 1000), item_id=item_id)


def committed(*, item_id: str, previous_item_id: str | None) -> list[Event]:
    """The three events of a new item; its transcript comes later."""
    content = [{"type": "input_audio", "transcript": None}]
    item = {"id": item_id, "object": "realtime.item", "type": "message", "status": "completed", "role": "user"}
    place = {"previous_item_id": previous_item_id, "item": item | {"content": content}}
    named = _event("input_audio_buffer.committed", item_id=item_id, previous_item_id=previous_item_id)
    return [named, _event("conversation.item.added", **place), _event("conversation.item.done", **place)]


_TRANSCRIPTION = "conversation.item.input_audio_transcription"
COMPLETED = f"{_TRANSCRIPTION}.completed"


def delta(*, item_id: str, text: str) -> Event:
    return _event(f"{_TRANSCRIPTION}.delta", item_id=item_id, content_index=0, delta=text)


def completed(*, item_id: str, transcript: str, seconds: float, words: Sequence[Word] | None = None) -> Event:
    """``words`` are given when the client asked for probabilities."""
    usage = {"type": "duration", "seconds": round(seconds, 3)}
    event = _event(COMPLETED, item_id=item_id, content_index=0, transcript=transcript, usage=usage)
    return event if words is None else event | {"logprobs": [_logprob(word) for word in words]}


def failed(*, item_id: str) -> Event:
    error = {
        "type": "server_error",
        "code": "transcription_failed",
        "message": "This part could not be transcribed.",
        "param": None,
    }
    return _event(f"{_TRANSCRIPTION}.failed", item_id=item_id, content_index=0, error=error)


def error(*, kind: str, code: str, message: str, param: str | None = None, event_id: str | None = None) -> Event:
    """``kind`` is "invalid_request_error" or "server_error"; ``event_id`` the client's own, of what caused it."""
    said = {"type": kind, "code": code, "message": message, "param": param, "event_id": event_id}
    return _event("error", error=said)


def _logprob(word: Word) -> Event:
    chance = min(1.0, max(1e-9, word.probability))
    return {"token": word.text, "bytes": list(word.text.encode()), "logprob": round(math.log(chance), 4)}
