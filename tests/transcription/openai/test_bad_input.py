"""What clients get wrong: each time an answer in OpenAI's shape, and nothing is left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import ApiKey, Scope
from accounts.services import keys
from tests.factories import DATA
from transcription.models import Recording
from transcription.openai.waiting import room
from transcription.services.jobs import PROMPT_LIMIT

pytestmark = pytest.mark.django_db(transaction=True)
TRANSCRIPTIONS = "/v1/audio/transcriptions"

WRONG = [
    ({"file": None}, (400, "file", "missing_required_parameter")),
    ({"file": "not a file"}, (400, "file", "missing_required_parameter")),
    ({"file": b""}, (400, "file", "media_empty")),
    ({"model": None}, (400, "model", "missing_required_parameter")),
    ({"model": "gpt-9"}, (404, "model", "model_not_found")),
    ({"model": "../base"}, (404, "model", "model_not_found")),
    ({"model": "base\0"}, (404, "model", "model_not_found")),
    ({"language": "klingon"}, (400, "language", "invalid_value")),
    ({"language": "e\0n"}, (400, "language", "invalid_value")),
    ({"temperature": "hot"}, (400, "temperature", "invalid_value")),
    ({"temperature": "1.5"}, (400, "temperature", "invalid_value")),
    ({"temperature": "-1"}, (400, "temperature", "invalid_value")),
    ({"temperature": "nan"}, (400, "temperature", "invalid_value")),
    ({"temperature": "1e999"}, (400, "temperature", "invalid_value")),
    ({"prompt": "x" * (PROMPT_LIMIT + 1)}, (400, "prompt", "string_too_long")),
    ({"prompt": "a\0b"}, (400, "prompt", "invalid_value")),
    ({"response_format": "docx"}, (400, "response_format", "invalid_value")),
    ({"response_format": "srt", "stream": "true"}, (400, "response_format", "invalid_value")),
    ({"stream": "maybe"}, (400, "stream", "invalid_value")),
    ({"include[]": "secrets"}, (400, "include", "invalid_value")),
    ({"timestamp_granularities[]": "word"}, (400, "timestamp_granularities", "invalid_value")),
    (
        {"timestamp_granularities": "letter", "response_format": "verbose_json"},
        (400, "timestamp_granularities", "invalid_value"),
    ),
]
"""Fields, and what the answer says: status, field and code."""


def sound(content: bytes | None = None, name: str = "talk.flac") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, (DATA / "LJ001-0001.flac").read_bytes() if content is None else content)


def form(**fields) -> dict[str, object]:
    """A good one, but for ``fields``; None leaves one out."""
    good = {"file": sound(), "model": "whisper-1"} | fields
    return {name: value for name, value in good.items() if value is not None}


async def refusal(program: AsyncClient, path: str = TRANSCRIPTIONS, **fields) -> tuple[int, str | None, str | None]:
    """Status, parameter and code of the answer, whose shape is checked."""
    answer = await program.post(path, form(**fields))
    error = answer.json()["error"]
    assert (sorted(error), answer["Content-Type"]) == (["code", "message", "param", "type"], "application/json")
    assert (error["type"], bool(error["message"])) == ("invalid_request_error", True)
    assert await Recording.objects.acount() == 0
    return answer.status_code, error["param"], error["code"]


async def test_form_that_will_not_do_is_refused(program):
    for fields, expected in WRONG:
        empty = {"file": sound(b"")} if fields == {"file": b""} else {}
        assert (fields, await refusal(program, **fields | empty)) == (fields, expected)


async def test_prompt_too_large_for_a_form_is_refused(program):
    assert await refusal(program, prompt="x" * 3_000_000) == (400, None, "invalid_form")


async def test_translation_is_checked_as_well(program):
    assert await refusal(program, "/v1/audio/translations", model="gpt-9") == (404, "model", "model_not_found")


@pytest.mark.parametrize(
    ("body", "media_type", "expected"),
    [
        (b'{"model": "whisper-1"}', "application/json", (415, "unsupported_media_type")),
        (b"{", "application/json", (415, "unsupported_media_type")),
        (b"--x\r\ngarbage", "multipart/form-data; boundary=x", (400, "missing_required_parameter")),
        (b"anything", "multipart/form-data", (400, "invalid_form")),
        (b"", "multipart/form-data; boundary=x", (415, "unsupported_media_type")),
    ],
)
async def test_body_that_is_no_form_is_refused(program, body, media_type, expected):
    answer = await program.post(TRANSCRIPTIONS, body, content_type=media_type)
    assert (answer.status_code, answer.json()["error"]["code"]) == expected


async def test_more_fields_than_a_form_may_have_are_refused(program):
    assert await refusal(program, **{f"field{number}": "x" for number in range(1200)}) == (400, None, "invalid_form")


async def test_unreadable_file_that_is_to_be_kept_is_refused_at_once(program):
    answer = await program.post(TRANSCRIPTIONS, form(file=sound(b"no sound" * 99)), headers={"X-Scripta-Keep": "1"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")
    assert await Recording.objects.acount() == 0


async def test_nobody_is_told_how_to_send_a_key(program):
    answer = await AsyncClient().post(TRANSCRIPTIONS, form())
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_api_key")
    assert answer["WWW-Authenticate"] == "Bearer"


async def test_session_opens_nothing(program, owner):
    client = AsyncClient()
    await client.aforce_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert (await client.get("/v1/models")).status_code == 401


@pytest.mark.parametrize("change", ["revoked_at", "expires_at", "wrong"])
async def test_key_that_is_over_opens_nothing(program, key, change):
    headers = {"authorization": f"Bearer {key}x"} if change == "wrong" else {}
    if not headers:
        await ApiKey.objects.aupdate(**{change: timezone.now() - timedelta(seconds=1)})
    answer = await program.post(TRANSCRIPTIONS, form(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


async def test_key_without_the_scope_is_refused(program, owner):
    _, weak = await sync_to_async(keys.create_key)(user=owner, name="reads", scopes=[Scope.READ])
    answer = await program.post(TRANSCRIPTIONS, form(), headers={"authorization": f"Bearer {weak}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "missing_scope")


async def test_too_many_requests_are_told_when_to_come_again(program, settings):
    settings.API_KEY_RATE = 1
    answers = [await program.get("/v1/models") for _ in range(3)]  # a minute may begin between two of them
    last = answers[-1]
    assert (last.status_code, last.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert (last["X-RateLimit-Limit"], last["Retry-After"]) == ("1", last["X-RateLimit-Reset"])


async def test_more_than_may_wait_are_told_to_come_again(program, settings):
    settings.OPENAI_WAITING = 1
    with room.admit():
        answer = await program.post(TRANSCRIPTIONS, form())
    assert (answer.status_code, answer["Retry-After"], answer.json()["error"]["type"]) == (429, "5", "rate_limit_error")


async def test_full_library_refuses(program, settings):
    settings.USER_QUOTA = 10
    assert await refusal(program) == (413, None, "quota_exceeded")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", TRANSCRIPTIONS, (405, "method_not_allowed")),
        ("post", "/v1/models", (405, "method_not_allowed")),
        ("get", "/v1/models/gpt-9", (404, "model_not_found")),
        ("get", "/v1/chat/completions", (404, "unknown_url")),
        ("post", "/v1/", (404, "unknown_url")),
    ],
)
async def test_wrong_address_is_told_in_the_same_shape(program, method, path, expected):
    answer = await getattr(program, method)(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == expected


async def test_models_name_the_default_and_its_aliases(program, settings):
    settings.MODEL = "base"
    data = (await program.get("/v1/models")).json()
    names = [each["id"] for each in data["data"]]
    assert (data["object"], names[0], names[-3:]) == (
        "list",
        "base",
        ["whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"],
    )
    one = (await program.get("/v1/models/whisper-1")).json()
    assert one == {"id": "whisper-1", "object": "model", "created": 0, "owned_by": "scripta"}
