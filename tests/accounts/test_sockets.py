"""Who a WebSocket belongs to, by what its handshake brings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import OperationalError
from django.test import Client, override_settings
from django.utils import translation

from accounts import services, sockets
from accounts.models import ApiKey, User
from accounts.services import keys
from accounts.sockets import SocketAuthentication
from config.asgi import application
from config.sockets import unavailable
from tests.accounts.conftest import signed_in

pytestmark = [pytest.mark.django_db(transaction=True)]
HOST = (b"host", b"localhost:8000")
OWN = (b"origin", b"http://localhost:8000")


async def scope_of(*headers: tuple[bytes, bytes], subprotocols: list[str] | None = None) -> dict[str, Any]:
    """What a consumer would find in its scope."""
    found: dict[str, Any] = {}

    async def consumer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found.update(scope)

    scope = {"type": "websocket", "path": "/", "headers": [HOST, *headers], "subprotocols": subprotocols or []}
    await SocketAuthentication(consumer, unavailable=unavailable)(scope, None, None)
    return found


def cookie(client: Client) -> tuple[bytes, bytes]:
    return b"cookie", f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()


def bearer(key: str) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {key}".encode()


@pytest.fixture
def key(user: User) -> str:
    return keys.create_key(user=user, name="laptop")[1]


@pytest.fixture
def session(user: User) -> tuple[bytes, bytes]:
    return cookie(signed_in(user))


def who(scope: dict[str, Any]) -> tuple[str | None, str | None]:
    return getattr(scope["user"], "email", None), getattr(scope["api_key"], "name", None)


async def test_nobody(db: None) -> None:
    scope = await scope_of(OWN)
    assert (who(scope), scope["user"].is_authenticated) == ((None, None), False)
    assert await scope["recheck"]() is True


async def test_session_from_the_own_pages(session: tuple[bytes, bytes]) -> None:
    assert who(await scope_of(OWN, session)) == ("Ada@example.org", None)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost:8000",
        "http://localhost:8001",
        "http://localhost",
        "null",
        "",
        "http://[",
    ],
)
async def test_session_from_another_page_is_nobody(session: tuple[bytes, bytes], origin: str) -> None:
    assert who(await scope_of((b"origin", origin.encode()), session)) == (None, None)


async def test_session_without_an_origin_is_nobody(session: tuple[bytes, bytes]) -> None:
    assert who(await scope_of(session)) == (None, None)


async def test_session_under_a_name_that_is_not_ours_is_nobody(session: tuple[bytes, bytes]) -> None:
    """A name that an attacker lets point here: its pages would be of the same origin."""
    rebound = [(b"host", b"evil.example"), (b"origin", b"http://evil.example"), session]
    assert who(await scope_of(*rebound)) == (None, None)


@override_settings(CSRF_TRUSTED_ORIGINS=["https://words.example", "https://*.trusted.example"])
@pytest.mark.parametrize(
    ("origin", "email"),
    [
        ("https://words.example", "Ada@example.org"),
        ("https://a.trusted.example", "Ada@example.org"),
        ("https://untrusted.example", None),
        ("http://words.example", None),
    ],
)
async def test_trusted_origins_are_those_of_forms(session: tuple[bytes, bytes], origin: str, email: str | None) -> None:
    assert who(await scope_of((b"origin", origin.encode()), session)) == (email, None)


@override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
async def test_own_origin_behind_a_proxy_is_https(session: tuple[bytes, bytes]) -> None:
    secure = [(b"origin", b"https://localhost:8000"), (b"x-forwarded-proto", b"https")]
    assert who(await scope_of(*secure, session)) == ("Ada@example.org", None)
    assert who(await scope_of(OWN, secure[1], session)) == (None, None)


@pytest.mark.parametrize("value", [b"sessionid=", b"sessionid=wrong", b'sessionid="a\\000b"', b"\xff=\xff"])
async def test_cookie_of_no_session_is_nobody(db: None, value: bytes) -> None:
    assert who(await scope_of(OWN, (b"cookie", value))) == (None, None)


@pytest.mark.parametrize("origin", [[], [(b"origin", b"http://evil.example")]])
async def test_key_in_the_header_from_anywhere(key: str, origin: list[tuple[bytes, bytes]]) -> None:
    scope = await scope_of(bearer(key), *origin)
    assert who(scope) == ("Ada@example.org", "laptop")


async def test_key_as_subprotocol_is_taken_out(key: str) -> None:
    scope = await scope_of(subprotocols=["scripta.live.v1", f"scripta.key.{key}"])
    assert who(scope) == ("Ada@example.org", "laptop")
    assert scope["subprotocols"] == ["scripta.live.v1"]


async def test_key_as_openais_clients_offer_it(key: str) -> None:
    scope = await scope_of(subprotocols=["realtime", f"openai-insecure-api-key.{key}", "openai-beta.realtime-v1"])
    assert who(scope) == ("Ada@example.org", "laptop")
    assert scope["subprotocols"] == ["realtime", "openai-beta.realtime-v1"]


async def test_bad_key_is_nobody_even_with_a_session(session: tuple[bytes, bytes]) -> None:
    assert who(await scope_of(OWN, session, bearer("scr_wrong"))) == (None, None)
    assert who(await scope_of(OWN, session, subprotocols=["scripta.key.scr_wrong"])) == (None, None)


async def test_recheck_of_a_key_ends_with_the_key(key: str) -> None:
    scope = await scope_of(bearer(key))
    assert await scope["recheck"]() is True
    await sync_to_async(lambda: keys.revoke(row=ApiKey.objects.get()))()
    assert await scope["recheck"]() is False


async def test_recheck_of_a_session_ends_with_the_session(session: tuple[bytes, bytes], user: User) -> None:
    scope = await scope_of(OWN, session)
    assert await scope["recheck"]() is True
    await sync_to_async(services.end_sessions)(user=user)
    assert await scope["recheck"]() is False


async def test_recheck_of_a_session_ends_with_signing_out(user: User) -> None:
    client = await sync_to_async(signed_in)(user)
    scope = await scope_of(OWN, cookie(client))
    await sync_to_async(client.post)("/accounts/sign-out/")
    assert await scope["recheck"]() is False


async def test_database_that_is_away_revokes_nothing(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = await scope_of(bearer(key))
    monkeypatch.setattr(keys, "is_in_force", _away)
    assert await scope["recheck"]() is True


async def test_database_that_is_away_lets_nobody_in_and_says_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_identify", _away)
    assert await farewell("/ws/live/x/") == ("unavailable", True, 1013)


async def test_unknown_path_is_closed_with_words(db: None) -> None:
    assert await farewell("/ws/nothing/") == ("not_found", False, 4404)


async def test_farewell_to_openais_clients_has_their_shape(db: None) -> None:
    communicator = WebsocketCommunicator(application, "/v1/nothing")
    assert await communicator.connect() == (True, None)
    error = json.loads(await communicator.receive_from())["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "not_found")
    assert (await communicator.receive_output())["code"] == 4404
    await communicator.wait()


@pytest.mark.parametrize(
    ("asked", "words"),
    [(b"de-AT", "Hier ist nichts."), (b"fr", "There is nothing here."), (b"", "There is nothing here.")],
)
async def test_words_are_in_the_language_that_the_handshake_asks_for(db: None, asked: bytes, words: str) -> None:
    headers = [HOST, (b"accept-language", asked)]
    communicator = WebsocketCommunicator(application, "/ws/nothing/", headers=headers, subprotocols=["scripta.live.v1"])
    await communicator.connect()
    assert json.loads(await communicator.receive_from())["message"] == words
    await communicator.wait()


async def test_words_for_a_person_are_in_their_own_language(user: User, session: tuple[bytes, bytes], key: str) -> None:
    await sync_to_async(services.change_settings)(user=user, language="de")
    heard = []

    async def consumer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        heard.append(translation.get_language())

    for headers in ([OWN, session], [bearer(key)], [bearer(key), (b"accept-language", b"de")]):
        scope = {"type": "websocket", "path": "/", "headers": [HOST, *headers], "subprotocols": []}
        await SocketAuthentication(consumer, unavailable=unavailable)(scope, None, None)
    assert (heard, translation.get_language()) == (["de", "en", "de"], "en")


def _away(*_: object, **__: object) -> None:
    raise OperationalError


async def farewell(path: str) -> tuple[str, bool, int]:
    communicator = WebsocketCommunicator(application, path, subprotocols=["scripta.live.v1"])
    assert await communicator.connect() == (True, "scripta.live.v1")
    error = json.loads(await communicator.receive_from())
    closed = await communicator.receive_output()
    assert (error["type"], closed["type"]) == ("error", "websocket.close")
    await communicator.wait()
    return error["code"], error["retry"], closed["code"]
