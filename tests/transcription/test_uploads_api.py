"""tus 1.0 as a client sees it."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import requests
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.http import parse_http_date

from accounts.models import User
from tests.factories import DATA, make_user
from tests.web import Web
from transcription.api.uploads import CHUNK_LIMIT, parse_metadata
from transcription.enums import RecordingState
from transcription.errors import BadRequest
from transcription.models import Job, Recording, Upload
from transcription.services import jobs
from transcription.services.partfiles import PartFile

pytestmark = pytest.mark.django_db
SPEECH = (DATA / "LJ001-0001.flac").read_bytes()
URL = "/api/v1/uploads/"
BYTES = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def _own_folders(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"


@pytest.fixture
def tus(owner: User) -> Client:
    client = Client(headers={"Tus-Resumable": "1.0.0"})
    client.force_login(owner)
    return client


def metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def create(client: Client, length: object = 10, header: str = "", **values: str) -> HttpResponse:
    headers = {"Upload-Length": str(length), "Upload-Metadata": header or metadata(**values)}
    return client.post(URL, headers=headers)


def patch(client: Client, url: str, offset: object, data: bytes, content_type: str = BYTES) -> HttpResponse:
    return client.patch(url, data, content_type=content_type, headers={"Upload-Offset": str(offset)})


def problem(response: HttpResponse) -> tuple[int, str]:
    """Status and code of an answer that is a whole problem."""
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert sorted(body) == ["code", "detail", "status", "title", "type"]
    assert body["status"] == response.status_code
    assert body["detail"]
    return response.status_code, body["code"]


def test_options_tells_what_is_spoken(settings: Any):
    response = Client().options(URL)
    assert response.status_code == 204
    names = ("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size")
    assert [response[name] for name in names] == [
        "1.0.0", "1.0.0", "creation,expiration,termination", str(settings.MAX_UPLOAD_SIZE),
    ]  # fmt: skip


def test_whole_upload(tus: Client, owner: User):
    choices = {"language": "de", "task": "transcribe", "vocabulary": "Ångström", "notify": "true"}
    created = create(tus, len(SPEECH), filename="Größe.flac", fingerprint="f-1", title="Ein Vortrag", **choices)
    assert (created.status_code, created.content) == (201, b"")
    assert parse_http_date(created["Upload-Expires"]) > timezone.now().timestamp()
    url = created["Location"]
    half = len(SPEECH) // 2
    first = patch(tus, url, 0, SPEECH[:half])
    assert (first.status_code, first["Upload-Offset"]) == (204, str(half))
    head = tus.head(url)
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (200, str(half), str(len(SPEECH)))
    assert head["Cache-Control"] == "no-store"
    assert patch(tus, url, half, SPEECH[half:])["Upload-Offset"] == str(len(SPEECH))
    assert tus.head(url)["Upload-Offset"] == str(len(SPEECH))
    recording = Recording.objects.get()
    assert (recording.owner, recording.title, recording.original_name) == (owner, "Ein Vortrag", "Größe.flac")
    assert recording.media.open().read() == SPEECH
    job = Job.objects.get()
    assert (job.language, job.vocabulary, job.notify_by_mail) == ("de", "Ångström", True)


@pytest.mark.parametrize("length", ["", "-1", "1.5", "9" * 19, "٣", "ten"])
def test_create_without_a_proper_length_is_refused(tus: Client, length: str):
    assert problem(create(tus, length)) == (400, "bad_request")


def test_create_with_a_length_to_come_is_refused(tus: Client):
    assert problem(tus.post(URL, headers={"Upload-Defer-Length": "1"})) == (400, "bad_request")


def test_create_beyond_the_limit_is_refused(tus: Client, settings: Any):
    settings.MAX_UPLOAD_SIZE = 9
    assert problem(create(tus, 10)) == (413, "too_large")


def test_create_beyond_the_quota_is_refused(tus: Client, settings: Any):
    settings.USER_QUOTA = 19
    assert create(tus, 10).status_code == 201
    assert problem(create(tus, 10)) == (413, "quota_exceeded")


@pytest.mark.parametrize(
    "header",
    [
        "filename ???",
        "filename dGFsaw==,filename dGFsaw==",
        "filename //79",
        "a b c",
        ",",
        "filename dGFsaw",
        "ä dGFsaw==",
    ],
)
def test_create_with_broken_metadata_is_refused(tus: Client, header: str):
    assert problem(create(tus, header=header)) == (400, "bad_request")
    assert Recording.objects.count() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"language": "klingon"},
        {"model": "../../etc/passwd"},
        {"notify": "perhaps"},
        {"fingerprint": "x" * 201},
        {"fingerprint": "a\0b"},
        {"vocabulary": "a\0b"},
    ],
)
def test_create_with_an_impossible_choice_is_refused(tus: Client, values: dict[str, str]):
    assert problem(create(tus, **values)) == (400, "bad_request")


def test_metadata_is_names_and_texts():
    assert parse_metadata(" filename dGFsaw==, is_private ,title w4Q=") == {
        "filename": "talk", "is_private": "", "title": "Ä",
    }  # fmt: skip
    assert parse_metadata("") == {}
    with pytest.raises(BadRequest):
        parse_metadata("filename dGFsaw==,")


def test_empty_model_and_task_are_the_usual_ones(tus: Client, settings: Any):
    create(tus, model="", task="", language="")
    options = Upload.objects.get().options
    assert (options["model"], options["task"], options["language"]) == (settings.MODEL, "transcribe", "")


@pytest.mark.parametrize("name", ["\0/../x.flac", "a\r\nSet-Cookie: x.flac", "‮gnp.flac", "x" * 999, ""])
def test_odd_file_names_end_as_a_title(tus: Client, name: str):
    assert create(tus, filename=name).status_code == 201
    recording = Recording.objects.get()
    assert recording.title
    assert recording.title.isprintable()
    assert "/" not in recording.original_name


def test_patch_at_another_offset_conflicts(tus: Client):
    url = create(tus)["Location"]
    assert problem(patch(tus, url, 3, b"abc")) == (409, "offset_mismatch")


def test_patch_with_more_than_announced_is_refused(tus: Client):
    url = create(tus, 2)["Location"]
    assert problem(patch(tus, url, 0, b"abc")) == (400, "bad_request")


def test_patch_of_another_type_is_refused(tus: Client):
    url = create(tus)["Location"]
    assert problem(patch(tus, url, 0, b"abc", "application/octet-stream")) == (415, "unsupported_media_type")


def test_patch_with_too_large_a_piece_is_refused(tus: Client):
    url = create(tus, CHUNK_LIMIT + 5)["Location"]
    assert problem(patch(tus, url, 0, bytes(CHUNK_LIMIT + 1))) == (413, "request_too_large")
    assert tus.head(url)["Upload-Offset"] == "0"


def test_patch_while_another_writes_is_locked(tus: Client):
    url = create(tus)["Location"]
    with PartFile(Upload.objects.get().pk).locked():
        assert problem(patch(tus, url, 0, b"abc")) == (423, "upload_busy")
        assert tus.head(url)["Upload-Offset"] == "0"


def test_trashed_upload_is_gone(tus: Client):
    url = create(tus)["Location"]
    jobs.trash_recording(recording=Recording.objects.get())
    assert tus.head(url).status_code == 410
    assert problem(patch(tus, url, 0, b"abc")) == (410, "upload_gone")
    assert tus.get(URL).json() == []


def test_delete_ends_the_upload(tus: Client):
    url = create(tus)["Location"]
    assert tus.delete(url).status_code == 204
    assert tus.head(url).status_code == 404
    assert Recording.objects.count() == 0


def test_method_can_be_named_in_a_header(tus: Client):
    url = create(tus)["Location"]
    headers = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    assert tus.post(url, b"abc", content_type=BYTES, headers=headers)["Upload-Offset"] == "3"


@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_other_versions_are_refused(tus: Client, version: str | None):
    url = create(tus)["Location"]
    client = Client(headers={"Tus-Resumable": version} if version else {})
    client.cookies = tus.cookies
    response = client.patch(url, b"abc", content_type=BYTES, headers={"Upload-Offset": "0"})
    assert problem(response) == (412, "unsupported_version")
    assert response["Tus-Version"] == "1.0.0"


def test_nobody_is_sent_away(tus: Client):
    url = create(tus)["Location"]
    nobody = Client(headers={"Tus-Resumable": "1.0.0"})
    for response in (create(nobody), patch(nobody, url, 0, b"abc"), nobody.get(URL), nobody.delete(url)):
        assert problem(response) == (401, "not_authenticated")
    assert nobody.head(url).status_code == 401
    assert Recording.objects.count() == 1


def test_upload_of_another_does_not_exist(tus: Client):
    url = create(tus)["Location"]
    stranger = Client(headers={"Tus-Resumable": "1.0.0"})
    stranger.force_login(make_user())
    assert stranger.head(url).status_code == 404
    assert problem(patch(stranger, url, 0, b"abc")) == (404, "not_found")
    assert problem(stranger.delete(url)) == (404, "not_found")
    assert stranger.get(URL).json() == []
    assert Upload.objects.get().offset == 0


def test_forged_request_is_refused(owner: User):
    client = Client(headers={"Tus-Resumable": "1.0.0"}, enforce_csrf_checks=True)
    client.force_login(owner)
    assert problem(create(client)) == (403, "permission_denied")
    assert Recording.objects.count() == 0


def test_unfinished_uploads_are_found_by_fingerprint(tus: Client, owner: User):
    url = create(tus, 10, filename="a.flac", fingerprint="one")["Location"]
    create(tus, 20, filename="b.flac", fingerprint="two")
    create(tus, 0, filename="c.flac", fingerprint="one")
    patch(tus, url, 0, b"abc")
    upload = Upload.objects.get(fingerprint="one", length=10)
    assert tus.get(URL, {"fingerprint": "one"}).json() == [
        {
            "id": str(upload.pk),
            "url": url,
            "recording": str(upload.recording_id),
            "title": "a",
            "filename": "a.flac",
            "fingerprint": "one",
            "offset": 3,
            "length": 10,
            "expires_at": upload.expires_at.isoformat().replace("+00:00", "Z"),
        }
    ]
    assert [found["filename"] for found in tus.get(URL).json()] == ["b.flac", "a.flac"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.server
def test_upload_survives_kills_of_the_web_process(tmp_path: Path):
    """SIGKILL while a piece arrives and while it is written; the client asks how far it came and goes on."""
    content = SPEECH + os.urandom(20 * 2**20)
    web = Web(tmp_path / "log").start()
    session = web.session(make_user())
    headers = {"Upload-Length": str(len(content)), "Upload-Metadata": metadata(filename="talk.flac")}
    url = web.url + session.post(web.url + URL, headers=headers).headers["Location"]
    kills = iter([0.01, 0.05, 0.1])
    offset = 0
    try:
        while offset < len(content):
            delay = next(kills, None)
            piece = content[offset : offset + 2**23]
            try:
                offset = int(_send(session, url, offset, piece, kill=web if delay else None, after=delay or 0))
            except requests.ConnectionError:
                web.process.wait()
                web.start()
                offset = int(session.head(url).headers["Upload-Offset"])
    finally:
        web.kill()
    recording = Recording.objects.get()
    assert recording.state == RecordingState.READY
    with recording.media.open() as media:
        assert hashlib.file_digest(media, "sha256").digest() == hashlib.sha256(content).digest()
    assert Job.objects.get().recording == recording


def _send(session: requests.Session, url: str, offset: int, piece: bytes, *, kill: Web | None, after: float) -> str:
    def body() -> Any:
        yield piece[: len(piece) // 2]
        if kill:
            Timer(after, kill.process.kill).start()
        yield piece[len(piece) // 2 :]

    headers = {"Upload-Offset": str(offset), "Content-Type": BYTES}
    response = session.patch(url, data=body(), headers=headers, timeout=60)
    assert response.status_code == 204, response.text
    return response.headers["Upload-Offset"]
