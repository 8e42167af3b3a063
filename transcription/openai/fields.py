"""The form that a client sends: read, checked, and turned into the options of a job."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import QueryDict

from transcription.openai.errors import ApiError, NotValid
from transcription.openai.names import language_code, model_of
from transcription.services import passing
from transcription.services.jobs import PROMPT_LIMIT, JobOptions

FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
STREAMED = ("json", "text")
GRANULARITIES = ("segment", "word")
INCLUDED = ("logprobs",)
_YES, _NO = {"true", "1"}, {"", "false", "0"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asked for, apart from the file."""

    options: JobOptions
    format: str
    granularities: frozenset[str]
    stream: bool


class _Arriving(TemporaryUploadedFile):
    """Beside the storage, so that it only has to be renamed. It goes with the request, unless it was moved."""

    def __init__(self, name: str, content_type: str, charset: str | None, extra: dict[str, bytes] | None) -> None:
        file = tempfile.NamedTemporaryFile(dir=passing.arrivals())  # noqa: SIM115  (closed with the request)
        UploadedFile.__init__(self, file, name, content_type, 0, charset, extra)  # type: ignore[arg-type]

    @property
    def path(self) -> Path:
        return Path(self.temporary_file_path())


class _ToDisk(TemporaryFileUploadHandler):
    """Files of any size: many may arrive at once, and memory is for other things."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = _Arriving(self.file_name or "", self.content_type or "", self.charset, self.content_type_extra)


def read_form(request: HttpRequest, *, task: str) -> tuple[Wish, _Arriving]:
    """Raises ApiError, with the name of the field. Fields that are not known are ignored."""
    if request.content_type != "multipart/form-data":
        raise ApiError(
            "Send the fields and the file as multipart/form-data.", status=415, code="unsupported_media_type"
        )
    request.upload_handlers = [_ToDisk(request)]
    try:
        form, files = request.POST, request.FILES
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise ApiError("The form could not be read.", code="invalid_form") from error
    wish = _wish(form, task)
    file = files.get("file")
    if not isinstance(file, _Arriving):
        raise NotValid("file", "Send the recording as the file “file”.", code="missing_required_parameter")
    if not file.size:
        raise NotValid("file", "This file is empty.", code="media_empty")
    return wish, file


def _wish(form: QueryDict, task: str) -> Wish:
    format = _one_of(form, "response_format", FORMATS)
    granularities = frozenset(_all_of(form, "timestamp_granularities", GRANULARITIES))
    if granularities and format != "verbose_json":
        raise NotValid("timestamp_granularities", "Times come only with the response_format verbose_json.")
    _all_of(form, "include", INCLUDED)
    stream = _switch(form, "stream")
    if stream and format not in STREAMED:
        raise NotValid("response_format", f"A stream has the format {' or '.join(STREAMED)}.")
    options = JobOptions(
        model=model_of(form.get("model", "")),
        language=language_code(form.get("language", "")),
        task=task,
        prompt=_prompt(form),
        temperature=_temperature(form),
        is_detailed=format == "verbose_json",
    )
    return Wish(options, format, granularities or frozenset({"segment"}), stream)


def _one_of(form: QueryDict, name: str, values: Sequence[str]) -> str:
    """The first of the values when nothing is said."""
    value = form.get(name) or values[0]
    if value not in values:
        raise NotValid(name, f"{name} is one of: {', '.join(values)}.")
    return value


def _all_of(form: QueryDict, name: str, values: Sequence[str]) -> list[str]:
    """Lists arrive with brackets and without."""
    given = [value for key in (f"{name}[]", name) for value in form.getlist(key) if value]
    if not set(given) <= set(values):
        raise NotValid(name, f"{name} may hold: {', '.join(values)}.")
    return given


def _switch(form: QueryDict, name: str) -> bool:
    value = form.get(name, "").strip().lower()
    if value not in _YES | _NO:
        raise NotValid(name, f"{name} is true or false.")
    return value in _YES


def _temperature(form: QueryDict) -> float | None:
    """None for 0 too: with OpenAI that means as little as quality allows."""
    value = form.get("temperature", "").strip() or "0"
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise NotValid("temperature", "temperature is a number from 0 to 1.")
    return number or None


def _prompt(form: QueryDict) -> str:
    prompt = form.get("prompt", "")
    if len(prompt) > PROMPT_LIMIT:
        raise NotValid("prompt", f"The prompt may have at most {PROMPT_LIMIT:,} characters.", code="string_too_long")
    if "\0" in prompt:
        raise NotValid("prompt", "The prompt may not hold NUL characters.")
    return prompt
