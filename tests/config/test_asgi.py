"""WebSockets of the whole product, as a web process serves them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accounts.services import keys
from tests.factories import make_user
from tests.speech.speakers import until
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web(tmp_path / "log", SCRIPTA_LIVE="0") as running:
        yield running


def farewell(web: Web, path: str, **options) -> tuple[str, int]:
    """Of a connection that is accepted and then refused: the code of the error, and that of the close frame."""
    with connect(web.url.replace("http", "ws") + path, **options) as client:
        error = json.loads(client.recv(timeout=10))
        assert set(error) >= {"type", "code", "message", "retry"}
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)
    assert closed.value.rcvd is not None
    return error["code"], closed.value.rcvd.code


@pytest.mark.parametrize(
    ("headers", "subprotocols"),
    [({"Authorization": "Bearer {key}"}, None), ({}, ["scripta.live.v1", "scripta.key.{key}"])],
    ids=["header", "subprotocol"],
)
def test_key_is_known_from_either_place(web: Web, headers: dict[str, str], subprotocols: list[str] | None):
    row, key = keys.create_key(user=make_user(), name="laptop")
    filled = {name: value.format(key=key) for name, value in headers.items()}
    offered = [name.format(key=key) for name in subprotocols or []] or None
    farewell(web, "/ws/nothing/", additional_headers=filled, subprotocols=offered)
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_session_counts_from_the_own_pages_only(web: Web):
    user = make_user()
    cookie = f"sessionid={web.session(user).cookies['sessionid']}"
    path = f"/ws/recordings/{uuid4()}/watch/"  # which does not exist: nobody is asked to sign in, somebody is told so
    for origin, expected in [(web.url, 4404), ("http://evil.example", 4401), (None, 4401)]:
        _, code = farewell(web, path, origin=origin, additional_headers={"Cookie": cookie})
        assert (origin, code) == (origin, expected)
    assert farewell(web, path)[1] == 4401


def test_refusals_are_accepted_first_and_logs_have_no_secrets(web: Web):
    _, key = keys.create_key(user=make_user(), name="laptop")
    missing = ("not_found", 4404)
    assert farewell(web, "/ws/nothing/") == missing
    assert farewell(web, f"/ws/{key}/?token={key}") == missing
    assert farewell(web, "/ws/x/", additional_headers={"Authorization": f"Bearer {key}"}) == missing
    assert farewell(web, "/ws/x/", subprotocols=["scripta.live.v1", f"scripta.key.{key}"]) == missing
    assert farewell(web, "/ws/x/", subprotocols=[f"scripta.key.{key}"]) == missing
    assert farewell(web, "/ws/x/", additional_headers={"Daphne-Root-Path": "/ws"}) == missing
    assert farewell(web, "/ws/%00%FF%2e%2e/") == missing
    until(lambda: web.log.read_text().count("websocket closed") == 7)  # it is written after the client was told
    log = web.log.read_text()
    assert (key[4:] in log, "Traceback" in log) == (False, False)
