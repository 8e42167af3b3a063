"""What a realtime transcription session is set to: read from a client's JSON, and shown to it. Pure.

The names are those of OpenAI's realtime API (types/realtime of the ``openai`` package, 3.57).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from transcription.speech.endpointing import Endpointing
from transcription.speech.windows import OFFSET, ONSET

PCM, PCMU, PCMA = "audio/pcm", "audio/pcmu", "audio/pcma"
FORMATS = {PCM: ("pcm_s16le", 24_000), PCMU: ("mulaw", 8_000), PCMA: ("alaw", 8_000)}
"""Encoding and samples a second of each."""
ALIASES = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
"""Names that clients know, for the server's own model."""
LOGPROBS = "item.input_audio_transcription.logprobs"
MOST_PROMPT = 2000
"""Characters of prompt and keywords."""
MOST_PADDING_MS, MOST_SILENCE_MS = 5_000, 60_000


class InvalidEvent(Exception):  # noqa: N818  (an answer to the client, not an error of ours)
    """What a client sent cannot be followed; ``param`` names the part, in dotted form."""

    def __init__(self, message: str, *, code: str = "invalid_value", param: str | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.param = message, code, param


@dataclass(frozen=True, slots=True)
class Offer:
    """What this server knows: names of its model, the first of which is shown by default, and languages."""

    models: tuple[str, ...]
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class ServerVad:
    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500

    def endpointing(self) -> Endpointing:
        silence = self.silence_duration_ms / 1000
        return Endpointing(
            onset=self.threshold,
            offset=max(0.01, min(self.threshold, self.threshold - (ONSET - OFFSET))),
            hangover=silence,
            short_hangover=silence,
            pre_roll=self.prefix_padding_ms / 1000,
        )


@dataclass(frozen=True, slots=True)
class Transcription:
    """``language`` "" means: detect it."""

    model: str
    language: str = ""
    prompt: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.prompt, *self.keywords)))


@dataclass(frozen=True, slots=True)
class Settings:
    transcription: Transcription
    format: str = PCM
    vad: ServerVad | None = field(default_factory=ServerVad)
    """None: the client commits by itself."""
    noise_reduction: str = ""
    include: tuple[str, ...] = ()

    @property
    def encoding(self) -> str:
        return FORMATS[self.format][0]

    @property
    def rate(self) -> int:
        return FORMATS[self.format][1]

    def as_session(self, session_id: str) -> dict[str, Any]:
        """The session object of OpenAI's API, with nothing left out."""
        chosen = self.transcription
        transcription: dict[str, Any] = {"model": chosen.model, "language": chosen.language or None}
        transcription |= {"prompt": chosen.prompt} | ({"keywords": list(chosen.keywords)} if chosen.keywords else {})
        vad = self.vad and {
            "type": "server_vad",
            "threshold": self.vad.threshold,
            "prefix_padding_ms": self.vad.prefix_padding_ms,
            "silence_duration_ms": self.vad.silence_duration_ms,
        }
        sound = {
            "format": {"type": PCM, "rate": 24_000} if self.format == PCM else {"type": self.format},
            "noise_reduction": {"type": self.noise_reduction} if self.noise_reduction else None,
            "transcription": transcription,
            "turn_detection": vad,
        }
        named = {"type": "transcription", "object": "realtime.transcription_session", "id": session_id}
        return named | {"audio": {"input": sound}, "include": list(self.include) or None}


def default_settings(offer: Offer) -> Settings:
    return Settings(Transcription(offer.models[0]))


def update_settings(settings: Settings, session: object, offer: Offer, *, at: str = "session") -> Settings:
    """``settings`` with what a session object of a client names; each part that it names is set anew, the rest stays.

    Raises InvalidEvent, whose ``param`` begins with ``at``.
    """
    given = _mapping(session, at)
    if given.get("type", "transcription") != "transcription":
        raise InvalidEvent("This server only has sessions of the type “transcription”.", param=f"{at}.type")
    if "include" in given:
        settings = replace(settings, include=_include(given["include"], f"{at}.include"))
    at = f"{at}.audio"
    sound = _mapping(given.get("audio") or {}, at)
    at = f"{at}.input"
    sound = _mapping(sound.get("input") or {}, at)
    if "format" in sound:
        settings = replace(settings, format=_format(sound["format"], f"{at}.format"))
    if "noise_reduction" in sound:
        reduction = _noise_reduction(sound["noise_reduction"], f"{at}.noise_reduction")
        settings = replace(settings, noise_reduction=reduction)
    if "transcription" in sound:
        chosen = _transcription(sound["transcription"], f"{at}.transcription", offer)
        settings = replace(settings, transcription=chosen)
    if "turn_detection" in sound:
        settings = replace(settings, vad=_turn_detection(sound["turn_detection"], f"{at}.turn_detection"))
    return settings


def _mapping(value: object, at: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidEvent(f"“{at}” must be an object.", code="invalid_type", param=at)
    return value


def _one_of(value: object, known: tuple[str, ...], at: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise InvalidEvent(f"“{at}” must be one of: {', '.join(known)}.", param=at)
    return value


def _include(value: object, at: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > 10:
        raise InvalidEvent(f"“{at}” must be a short list.", code="invalid_type", param=at)
    return tuple(dict.fromkeys(_one_of(each, (LOGPROBS,), at) for each in value))


def _format(value: object, at: str) -> str:
    if value is None:
        return PCM
    given = _mapping(value, at)
    kind = _one_of(given.get("type", PCM), tuple(FORMATS), f"{at}.type")
    rate = given.get("rate")
    if rate is not None and (isinstance(rate, bool) or rate != FORMATS[kind][1]):
        raise InvalidEvent(f"The rate of {kind} is {FORMATS[kind][1]}.", param=f"{at}.rate")
    return kind


def _noise_reduction(value: object, at: str) -> str:
    """Accepted and shown; the recogniser hears through noise by itself."""
    return "" if value is None else _one_of(_mapping(value, at).get("type"), ("near_field", "far_field"), f"{at}.type")


def _transcription(value: object, at: str, offer: Offer) -> Transcription:
    if value is None:
        return Transcription(offer.models[0])
    given = _mapping(value, at)
    model = given.get("model")
    if model is not None and model not in offer.models:
        known = ", ".join(offer.models)
        raise InvalidEvent(f"There is no such model. Known are: {known}.", code="model_not_found", param=f"{at}.model")
    prompt = _text(given.get("prompt"), f"{at}.prompt")
    keywords = given.get("keywords")
    if keywords is not None and not isinstance(keywords, list):
        raise InvalidEvent(f"“{at}.keywords” must be a list.", code="invalid_type", param=f"{at}.keywords")
    terms = tuple(filter(None, (_text(term, f"{at}.keywords") for term in keywords or ())))
    if len(prompt) + sum(map(len, terms)) > MOST_PROMPT:
        raise InvalidEvent("Prompt and keywords may have 2,000 characters together.", param=f"{at}.prompt")
    return Transcription(model or offer.models[0], _language(given.get("language"), at, offer), prompt, terms)


def _language(value: object, at: str, offer: Offer) -> str:
    if value is None or value == "":
        return ""
    code = value.lower().partition("-")[0] if isinstance(value, str) else ""
    if code not in offer.languages:
        words = "This language is not known. Use a code such as “en”, or leave it out."
        raise InvalidEvent(words, param=f"{at}.language")
    return code


def _text(value: object, at: str) -> str:
    """One line without control characters and lone surrogates, which no database takes."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidEvent(f"“{at}” must be text.", code="invalid_type", param=at)
    if len(value) > 2 * MOST_PROMPT:
        raise InvalidEvent("Prompt and keywords may have 2,000 characters together.", param=at)
    kept = (" " if unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} else each for each in value)
    return " ".join("".join(kept).split())


def _turn_detection(value: object, at: str) -> ServerVad | None:
    if value is None:
        return None
    given = _mapping(value, at)
    _one_of(given.get("type", "server_vad"), ("server_vad",), f"{at}.type")
    plain = ServerVad()
    threshold = _number(given, "threshold", plain.threshold, 1.0, at)
    padding = _number(given, "prefix_padding_ms", plain.prefix_padding_ms, MOST_PADDING_MS, at)
    silence = _number(given, "silence_duration_ms", plain.silence_duration_ms, MOST_SILENCE_MS, at)
    return ServerVad(float(threshold), int(padding), int(silence))


def _number(given: Mapping[str, Any], name: str, default: float, most: float, at: str) -> float:
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise InvalidEvent(f"“{name}” must be a number from 0 to {most:g}.", param=f"{at}.{name}")
    return float(value)
