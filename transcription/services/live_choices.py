"""What a speaker may choose, checked: it comes from pages and from programs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from accounts.models import User
from transcription.enums import AudioEncoding, Overflow, Task
from transcription.errors import BadRequest
from transcription.services import recordings

MOST_VOCABULARY = 2000
_RATES = {AudioEncoding.MULAW: (8_000, 8_000)}
"""Lowest and highest sample rate; what telephones send has only one."""
_ANY_RATE = (8_000, 48_000)


@dataclass(frozen=True, slots=True)
class LiveChoices:
    """``language`` "" means: detect it. ``sample_rate`` is of no meaning for containers."""

    title: str = ""
    language: str = ""
    task: str = Task.TRANSCRIBE
    vocabulary: tuple[str, ...] = ()
    encoding: str = AudioEncoding.PCM_S16LE
    sample_rate: int = 16_000
    keep_audio: bool = True
    overflow: str = Overflow.REFUSE

    @classmethod
    def from_dict(cls, values: dict[str, Any], *, user: User) -> LiveChoices:
        """Check what came from outside: anything unknown, or of the wrong type, raises BadRequest.

        What is missing or null falls back to what the protocol says: the language is detected, not ``user``'s default,
        which is for pages to offer. A vocabulary may be a list, or a text of one term a line.
        """
        del user  # all users may choose the same today
        if unknown := values.keys() - {field.name for field in fields(cls)}:
            raise BadRequest(
                gettext("“%(name)s” is not known here.")
                % {"name": recordings.clean_line(str(min(unknown, key=str)), limit=40)}
            )
        given = {name: value for name, value in values.items() if value is not None}
        given["vocabulary"] = _terms(given.get("vocabulary", ()))
        if given.get("encoding") == AudioEncoding.MULAW:
            given.setdefault("sample_rate", 8_000)
        choices = cls(**given)
        choices.validate()
        return choices

    def validate(self) -> None:
        texts = (self.title, self.language, self.task, self.encoding, self.overflow)
        if not all(isinstance(text, str) for text in texts) or not isinstance(self.keep_audio, bool):
            raise BadRequest(gettext("A choice for the live recording has the wrong type."))
        _require(self.task, Task.values, gettext("A recording can be transcribed or translated."))
        _require(
            self.overflow, Overflow.values, gettext("When the server is full, a live recording is refused or recorded.")
        )
        _require(
            self.encoding,
            AudioEncoding.values,
            gettext("Sound comes as one of: %(names)s.") % {"names": ", ".join(AudioEncoding.values)},
        )
        require_language(self.language)
        self._validate_rate()

    def _validate_rate(self) -> None:
        lowest, highest = _RATES.get(AudioEncoding(self.encoding), _ANY_RATE)
        if type(self.sample_rate) is not int or not lowest <= self.sample_rate <= highest:  # True is an int, too
            one = gettext("The sample rate must be %(lowest)d for this encoding.")
            some = gettext("The sample rate must be a number from %(lowest)d to %(highest)d.")
            raise BadRequest((some if lowest < highest else one) % {"lowest": lowest, "highest": highest})


def require_language(language: Any) -> None:
    """Raises BadRequest for what is neither a language that can be recognised nor "" (detect it)."""
    if not isinstance(language, str) or (language and language not in dict(settings.RECORDING_LANGUAGES)):
        raise BadRequest(
            gettext("The language “%(name)s” is not known.") % {"name": recordings.clean_line(str(language), limit=10)}
        )


def _require(value: str, known: list[str], message: str) -> None:
    if value not in known:
        raise BadRequest(message)


def _terms(value: Any) -> tuple[str, ...]:
    lines = value.splitlines() if isinstance(value, str) else value
    if not isinstance(lines, list | tuple) or not all(isinstance(line, str) for line in lines):
        raise BadRequest(gettext("The vocabulary must be a list of names and terms."))
    terms = tuple(term for line in lines if (term := recordings.clean_line(line, limit=MOST_VOCABULARY + 1)))
    if sum(len(term) + 1 for term in terms) > MOST_VOCABULARY:
        raise BadRequest(gettext("The vocabulary may have at most 2,000 characters."))
    return terms
