"""The media of a recording: ranges, conditions, types, and a real server for long answers."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse

from accounts.models import User
from tests.factories import DATA, make_media, make_recording, make_user
from tests.web import Web
from transcription.downloads import RANGE_LIMIT
from transcription.models import Recording

pytestmark = pytest.mark.django_db
SPEECH = (DATA / "LJ001-0001.flac").read_bytes()


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"


@pytest.fixture
def recording(owner: User, tmp_path: Path) -> Recording:
    return make_media(owner, folder=tmp_path)


@pytest.fixture
def reader(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def made_of(content: bytes, owner: User, **fields: Any) -> Recording:
    recording = make_recording(owner, size=len(content), **fields)
    recording.media.save("ignored", ContentFile(content))
    return recording


def url_of(recording: Recording) -> str:
    return reverse("media", args=[recording.pk])


def fetch(client: Client, recording: Recording, value: str | None = None, **headers: str) -> HttpResponse:
    return client.get(url_of(recording), headers=headers | ({"Range": value} if value else {}))


@pytest.mark.django_db(transaction=True)  # the view runs in another thread
async def test_without_range_all_of_it_comes(recording: Recording, owner: User):
    client = AsyncClient()
    await client.aforce_login(owner)
    response = await client.get(url_of(recording))
    assert response.status_code == 200
    assert b"".join([piece async for piece in response.streaming_content]) == SPEECH
    assert response["Content-Length"] == str(len(SPEECH))


def test_headers_keep_content_from_doing_harm(reader: Client, recording: Recording):
    response = fetch(reader, recording, "bytes=0-0")
    names = (
        "Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options", "Accept-Ranges",
        "Cache-Control",
    )  # fmt: skip
    assert [response[name] for name in names] == [
        "audio/flac",
        'inline; filename="LJ001-0001.flac"',
        "sandbox; default-src 'none'",
        "nosniff",
        "bytes",
        "private, max-age=3600",
    ]


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "", "AUDIO/x"])
def test_other_types_are_only_downloaded(reader: Client, owner: User, media_type: str):
    recording = made_of(b"<script>alert(1)</script>", owner, media_type=media_type, original_name="x.html")
    response = fetch(reader, recording, "bytes=0-")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="x.html"'


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("Größe 1.mp3", "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%201.mp3"),
        ('a"b\\c.mp3', 'attachment; filename="a\\"b\\\\c.mp3"'),
        ("a\r\nSet-Cookie: x=1", "attachment; filename*=utf-8''a%0D%0ASet-Cookie%3A%20x%3D1"),
    ],
)
def test_download_has_the_owner_s_name(reader: Client, recording: Recording, name: str, disposition: str):
    Recording.objects.update(original_name=name)
    response = reader.get(url_of(recording), {"download": "1"}, headers={"Range": "bytes=0-0"})
    assert response["Content-Disposition"] == disposition


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=3-5", 3, 5), ("bytes=7-", 7, 9), ("bytes=8-99", 8, 9), ("bytes=-3", 7, 9),
     ("bytes=-99", 0, 9), ("bytes=9-9", 9, 9), ("bytes=0-9", 0, 9)],
)  # fmt: skip
def test_range_brings_that_part(reader: Client, owner: User, value: str, first: int, last: int):
    response = fetch(reader, made_of(b"0123456789", owner), value)
    assert (response.status_code, response.content) == (206, b"0123456789"[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/10"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("value", ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=999999999999999999-"])
def test_range_beyond_the_end_cannot_be_satisfied(reader: Client, owner: User, value: str):
    response = fetch(reader, made_of(b"0123456789", owner), value)
    assert (response.status_code, response["Content-Range"], response.content) == (416, "bytes */10", b"")


@pytest.mark.parametrize(
    "value",
    ["bytes=5-3", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes 0-1", "bytes=٣-٤",
     "bytes=0-" + "9" * 30],
)  # fmt: skip
def test_range_that_is_not_understood_is_ignored(reader: Client, recording: Recording, value: str):
    response = reader.head(url_of(recording), headers={"Range": value})
    assert (response.status_code, response["Content-Length"]) == (200, str(len(SPEECH)))


def test_range_is_answered_with_a_mebibyte_at_most(reader: Client, owner: User):
    content = os.urandom(RANGE_LIMIT + 1000)
    recording = made_of(content, owner)
    response = fetch(reader, recording, "bytes=0-")
    assert response["Content-Range"] == f"bytes 0-{RANGE_LIMIT - 1}/{len(content)}"
    rest = fetch(reader, recording, f"bytes={RANGE_LIMIT}-")
    assert response.content + rest.content == content


def test_empty_file(reader: Client, owner: User):
    recording = made_of(b"", owner)
    assert fetch(reader, recording, "bytes=0-").status_code == 416
    assert reader.head(url_of(recording))["Content-Length"] == "0"


def test_part_of_another_version_is_not_sent(reader: Client, recording: Recording):
    first = fetch(reader, recording, "bytes=0-9")
    for validator in (first["ETag"], first["Last-Modified"]):
        assert fetch(reader, recording, "bytes=0-9", **{"If-Range": validator}).status_code == 206
    for validator in ('"other"', f"W/{first['ETag']}", "Mon, 01 Jan 2001 00:00:00 GMT"):
        response = fetch(reader, recording, "bytes=0-9", **{"If-Range": validator})
        assert (response.status_code, response["Content-Length"]) == (200, str(len(SPEECH)))


def test_unchanged_file_is_not_sent_again(reader: Client, recording: Recording):
    etag = fetch(reader, recording, "bytes=0-9")["ETag"]
    response = fetch(reader, recording, **{"If-None-Match": etag})
    assert (response.status_code, response["ETag"], response.content) == (304, etag, b"")


def test_head_tells_the_size(reader: Client, recording: Recording):
    response = reader.head(url_of(recording), headers={"Range": "bytes=0-9"})
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == str(len(SPEECH))


def test_other_methods_are_refused(reader: Client, recording: Recording):
    assert reader.post(url_of(recording)).status_code == 405


def test_nobody_is_led_to_the_sign_in_but_a_player_is_refused(recording: Recording):
    page = fetch(Client(), recording, Accept="text/html,*/*")
    assert page.status_code == 302
    assert page["Location"] == f"{reverse('accounts:sign-in')}?next={url_of(recording)}"
    assert fetch(Client(), recording, "bytes=0-1", Accept="*/*").status_code == 403


def test_recording_of_another_does_not_exist(recording: Recording):
    stranger = Client()
    stranger.force_login(make_user())
    assert fetch(stranger, recording, "bytes=0-1").status_code == 404


def test_recording_without_a_file_has_no_media(reader: Client, owner: User, recording: Recording):
    assert fetch(reader, make_recording(owner)).status_code == 404
    recording.media.storage.delete(recording.media.name)
    assert fetch(reader, recording).status_code == 404


def test_storage_without_paths_is_served_too(reader: Client, owner: User, settings: Any, monkeypatch: Any):
    memory = storages.create_storage({"BACKEND": "django.core.files.storage.InMemoryStorage"})
    monkeypatch.setattr(Recording._meta.get_field("media"), "storage", memory)
    assert fetch(reader, made_of(b"0123456789", owner), "bytes=2-4").content == b"234"


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_long_answer_waits_for_the_client_and_ends_with_it(tmp_path: Path):
    """Two clients of one 200 MB file: a slow one holds back its own answer only; a hang-up closes the file."""
    owner = make_user()
    recording = made_of(b"", owner, media_type="audio/flac")
    path = Path(recording.media.path)
    with path.open("wb") as file:
        for _ in range(200):
            file.write(os.urandom(1000) * 1000)
    with Web(tmp_path / "log", SCRIPTA_LIVE="0") as web:  # no model, which would hide what an answer takes
        session = web.session(owner)
        process = psutil.Process(web.process.pid)
        cookie = f"sessionid={session.cookies['sessionid']}"
        head = f"GET {url_of(recording)} HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nCookie: {cookie}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", web.port)) as slow:
            slow.sendall(head.encode())
            assert slow.recv(100).startswith(b"HTTP/1.1 200 OK")
            time.sleep(1)
            assert _position(process, path) < 20e6  # what the kernel's buffers hold
            with session.get(web.url + url_of(recording), stream=True, timeout=60) as response:
                digest = hashlib.sha256()
                for piece in response.iter_content(2**18):
                    digest.update(piece)
            with path.open("rb") as file:
                assert digest.digest() == hashlib.file_digest(file, "sha256").digest()
            assert process.memory_info().rss < 250e6
            assert _position(process, path) < 20e6
        deadline = time.monotonic() + 10
        while _position(process, path) is not None:
            assert time.monotonic() < deadline, "the file is still open after the hang-up"
            time.sleep(0.1)


def _position(process: psutil.Process, path: Path) -> int | None:
    """How far the process has read the file; None if it has not opened it."""
    return next((file.position for file in process.open_files() if file.path == str(path)), None)
