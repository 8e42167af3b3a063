"""Whatever goes wrong under /api/ is told as problem details."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from rest_framework import exceptions

from accounts.models import ApiKey, Scope, User
from accounts.services import keys
from config import refusals
from tests.factories import make_recording
from tests.transcription.api.conftest import JSON, problem, program
from transcription.api.admission import authenticate_request
from transcription.api.pagination import encode

pytestmark = pytest.mark.django_db
LISTS = ["recordings/", "jobs/", "keys/"]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options", "head"])
@pytest.mark.parametrize(
    "path", ["/api/v1/", "/api/v1/nothing/", "/api/v2/recordings/", "/api/v1/recordings", "/api/v1/jobs/x/"]
)
def test_address_that_leads_nowhere(method: str, path: str):
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path"), [("put", "recordings/"), ("post", "search/"), ("options", "me/"), ("delete", "usage/")]
)
def test_method_that_is_not_taken(client: Client, method: str, path: str):
    answer = getattr(client, method)(f"/api/v1/{path}")
    assert problem(answer) == (405, "method_not_allowed")
    assert answer["Allow"]


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b'{"title": NaN}', b"[" * 100_000, b'{"title": ' + b"9" * 5000 + b"}", b'{"title": "\xff"}']
)
def test_json_that_is_none(client: Client, owner: User, body: bytes):
    address = f"/api/v1/recordings/{make_recording(owner).pk}/"
    assert problem(client.patch(address, body, content_type=JSON)) == (400, "parse_error")


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/xml", "multipart/form-data; boundary=x"])
def test_content_of_another_type(client: Client, owner: User, content_type: str):
    address = f"/api/v1/recordings/{make_recording(owner).pk}/"
    assert problem(client.patch(address, b"x", content_type=content_type)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "%00",
        "W10",
        encode([]),
        encode([1, 2, 3]),
        encode([None, None]),
        encode(["2026-01-01T00:00:00", "799c5e67-087d-4cc9-8b6e-93d059cc752e"]),
        encode(["9999-12-31T23:59:59-23:59", "799c5e67-087d-4cc9-8b6e-93d059cc752e"]),
        encode(["2026-01-01T00:00:00Z", "\0"]),
        encode(["9" * 30]),
        encode([{}]),
        encode([[[]]]),
        "A" * 201,
    ],
)
def test_cursor_that_is_none_of_ours(client_of_owner: Client, path: str, cursor: str):
    assert problem(client_of_owner.get(f"/api/v1/{path}?cursor={cursor}")) == (400, "bad_cursor")


def test_cursor_far_beyond_the_end_finds_nothing(client_of_owner: Client):
    for path, cursor in [("recordings/", ["0001-01-01T00:00:00+00:00", str(uuid4())]), ("jobs/", [str(-(2**63) + 1)])]:
        answer = client_of_owner.get(f"/api/v1/{path}?cursor={encode(cursor)}")
        assert (answer.status_code, answer.json()) == (200, {"next": None, "results": []})


def test_one_too_many_is_told_when_to_come_back(client: Client, settings: Any):
    settings.API_KEY_RATE = 1
    first, second = client.get("/api/v1/me/"), client.get("/api/v1/me/")
    assert (first.status_code, first["X-RateLimit-Remaining"]) == (200, "0")
    assert problem(second) == (429, "throttled")
    assert 0 < int(second["Retry-After"]) <= 60


def test_size_is_refused_with_the_way_that_is_open():
    assert "/api/v1/uploads/" in refusals.too_large(b"/api/v1/recordings/").message
    assert refusals.too_large(b"/api/v1/jobs/") == refusals.TOO_LARGE
    refused = refusals.too_large(b"/api/v1/recordings/").as_http(b"/api/v1/recordings/")
    assert b"application/problem+json" in refused


# The one function for all who ask -----------------------------------------------------------------------------------


def asking(key: str | None, method: str = "GET") -> HttpRequest:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return RequestFactory().generic(method, "/v1/models", headers=headers)


def test_function_for_all_admits_a_key_with_the_scope(owner: User, settings: Any):
    settings.API_KEY_RATE = 2
    row, key = keys.create_key(user=owner, name="program", scopes=[Scope.READ])
    request = asking(key)
    assert authenticate_request(request, scope=Scope.READ) == (owner, row)
    assert request.allowance.remaining == 1
    with pytest.raises(exceptions.PermissionDenied):
        authenticate_request(asking(key), scope=Scope.WRITE)
    authenticate_request(asking(key), scope=Scope.READ)
    with pytest.raises(exceptions.Throttled):
        authenticate_request(asking(key), scope=Scope.READ)


def test_function_for_all_refuses_nobody_and_wrong_keys():
    with pytest.raises(exceptions.NotAuthenticated):
        authenticate_request(asking(None), scope=Scope.READ)
    with pytest.raises(exceptions.AuthenticationFailed):
        authenticate_request(asking("scr_wrong"), scope=Scope.READ)


def test_function_for_all_admits_a_session_unless_it_is_forged(owner: User):
    request = asking(None)
    request.user = owner
    assert authenticate_request(request, scope=Scope.WRITE) == (owner, None)
    forged = asking(None, "POST")
    forged.user = owner
    with pytest.raises(exceptions.PermissionDenied):
        authenticate_request(forged, scope=Scope.WRITE)


def test_program_is_counted_by_key(owner: User):
    program(owner).get("/api/v1/me/")
    assert ApiKey.objects.get().usage.get().requests == 1
