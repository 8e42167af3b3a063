"""The description of the API: complete, kept in the repository, and true of who may do what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Scope, User
from accounts.services import keys
from tests.factories import make_job, make_live, make_media, make_recording, make_transcript, make_user
from tests.server import ROOT
from tests.transcription.api.conftest import program
from transcription.api.transcripts import etag_of
from transcription.enums import JobState
from transcription.models import Job, Transcript, WebhookDelivery
from transcription.services import deliveries, uploads, webhooks

pytestmark = pytest.mark.django_db

KEPT = ROOT / "docs" / "contracts" / "openapi.yaml"
SCHEMA = yaml.safe_load(KEPT.read_text())
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, operations in SCHEMA["paths"].items()
    for method, operation in operations.items()
}


def test_kept_description_is_that_of_the_code_and_has_no_warnings(tmp_path: Path) -> None:
    """To renew it: ``manage.py spectacular --file docs/contracts/openapi.yaml``."""
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))
    assert (tmp_path / "openapi.yaml").read_text() == KEPT.read_text()


def test_server_answers_with_the_description_without_a_key(client: Client) -> None:
    assert yaml.safe_load(Client().get("/api/v1/schema/").content) == SCHEMA


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_is_described_with_an_example(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    assert operation["summary"]
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    examples = [media.get("examples") for body in bodies for media in body.get("content", {}).values()]
    media = {each for body in bodies for each in body.get("content", {})}
    assert any(examples) or not media & {"application/json", "multipart/form-data", "text/event-stream"}


# Who may do what ----------------------------------------------------------------------------------------------------

LIST = (401, 200, 200, 200, 200)
READ = (401, 404, 200, 200, 404)


def makes(status: int) -> tuple[int, ...]:
    return 401, status, 403, status, status


def changes(status: int) -> tuple[int, ...]:
    return 401, 404, 403, status, 404


@dataclass
class World:
    """What the owner has. Each thing is made when a case names it."""

    owner: User
    folder: Path
    made: dict[str, Any] = field(default_factory=dict)

    def recording(self) -> Any:
        return make_recording(self.owner).pk

    def media(self) -> Any:
        return make_media(self.owner, folder=self.folder).pk

    def trashed(self) -> Any:
        return make_recording(self.owner, deleted_at=timezone.now()).pk

    def job(self) -> Any:
        return make_job(make_recording(self.owner)).pk

    def cancelled(self) -> Any:
        job = make_job(make_recording(self.owner))
        Job.objects.filter(pk=job.pk).update(state=JobState.CANCELLED)
        return job.pk

    def transcript(self) -> Any:
        recording = make_recording(self.owner)
        make_transcript(recording, version=2)
        return make_transcript(recording).pk

    def live(self) -> Any:
        return make_live(self.owner).pk

    def upload(self) -> Any:
        return uploads.create_upload(owner=self.owner, length=10, filename="a.mp3", fingerprint="", options={}).pk

    def key(self) -> Any:
        return keys.create_key(user=self.owner, name="another")[0].pk

    def webhook(self) -> Any:
        row = webhooks.create_webhook(owner=self.owner, url="https://example.org/hook", events=["live.started"])
        self.made["webhook"] = row
        return row.pk

    def delivery(self) -> Any:
        row = deliveries.ping(webhook=self.made["webhook"])
        WebhookDelivery.objects.filter(pk=row.pk).update(state="failed")
        return row.pk


TUS = {"Tus-Resumable": "1.0.0"}


def as_json(**body: Any) -> dict[str, Any]:
    return {"data": body, "content_type": "application/json"}


def a_file() -> dict[str, Any]:
    return {"data": {"file": SimpleUploadedFile("talk.mp3", b"not really")}}


def matching(path: dict[str, Any]) -> dict[str, Any]:
    return {"headers": {"If-Match": etag_of(Transcript.objects.get(pk=path["id"]))}}


CASES: dict[str, tuple[tuple[int, ...], dict[str, str], Callable[[dict[str, Any]], dict[str, Any]]]] = {
    name: (expected, path, send)
    for name, expected, path, send in (
        ("jobs_list", LIST, {}, lambda _: {}),
        ("jobs_retrieve", READ, {"id": "job"}, lambda _: {}),
        ("jobs_cancel", changes(200), {"id": "job"}, lambda _: {}),
        ("jobs_events", READ, {"id": "cancelled"}, lambda _: {}),
        ("jobs_retry", changes(200), {"id": "cancelled"}, lambda _: {}),
        ("keys_list", (401, 200, 403, 200, 200), {}, lambda _: {}),
        ("keys_create", makes(201), {}, lambda _: as_json(name="new")),
        ("keys_revoke", changes(204), {"id": "key"}, lambda _: {}),
        ("live_list", (401, 200, 403, 200, 200), {}, lambda _: {}),
        ("live_start", makes(201), {}, lambda _: as_json()),
        ("live_discard", changes(204), {"id": "live"}, lambda _: {}),
        ("live_finish", changes(204), {"id": "live"}, lambda _: {}),
        ("me", LIST, {}, lambda _: {}),
        ("me_change", (401, 200, 403, 200, 200), {}, lambda _: as_json(language="de")),
        ("recordings_list", LIST, {}, lambda _: {}),
        ("recordings_create", makes(201), {}, lambda _: a_file()),
        ("recordings_retrieve", READ, {"id": "recording"}, lambda _: {}),
        ("recordings_rename", changes(200), {"id": "recording"}, lambda _: as_json(title="Another")),
        ("recordings_delete", changes(204), {"id": "recording"}, lambda _: {}),
        ("recordings_audio", READ, {"id": "media"}, lambda _: {}),
        ("recordings_jobs_list", READ, {"id": "recording"}, lambda _: {}),
        ("recordings_restore", changes(200), {"id": "trashed"}, lambda _: {}),
        ("recordings_transcripts_list", READ, {"id": "recording"}, lambda _: {}),
        ("recordings_transcribe", changes(201), {"id": "recording"}, lambda _: as_json()),
        ("search", LIST, {}, lambda _: {"data": {"q": "word"}}),
        ("transcripts_retrieve", READ, {"id": "transcript"}, lambda _: {}),
        ("transcripts_delete", changes(204), {"id": "transcript"}, matching),
        ("transcripts_export", READ, {"id": "transcript"}, lambda _: {"data": {"format": "srt"}}),
        ("transcripts_segments", READ, {"id": "transcript"}, lambda _: {}),
        ("uploads_list", (401, 200, 403, 200, 200), {}, lambda _: {}),
        ("uploads_create", makes(201), {}, lambda _: {"headers": TUS | {"Upload-Length": "10"}}),
        (
            "uploads_append",
            changes(204),
            {"id": "upload"},
            lambda _: {
                "data": b"12345",
                "content_type": "application/offset+octet-stream",
                "headers": TUS | {"Upload-Offset": "0"},
            },
        ),
        ("uploads_delete", changes(204), {"id": "upload"}, lambda _: {"headers": TUS}),
        ("usage", LIST, {}, lambda _: {}),
        ("webhooks_list", LIST, {}, lambda _: {}),
        (
            "webhooks_create",
            makes(201),
            {},
            lambda _: as_json(url="https://example.org/hook", events=["live.started"]),
        ),
        ("webhooks_retrieve", READ, {"id": "webhook"}, lambda _: {}),
        ("webhooks_change", changes(200), {"id": "webhook"}, lambda _: as_json(events=["live.finished"])),
        ("webhooks_delete", changes(204), {"id": "webhook"}, lambda _: {}),
        ("webhooks_deliveries_list", READ, {"id": "webhook"}, lambda _: {}),
        ("webhooks_deliveries_redeliver", changes(201), {"id": "webhook", "delivery": "delivery"}, lambda _: {}),
        ("webhooks_rotate", changes(200), {"id": "webhook"}, lambda _: {}),
        ("webhooks_test", changes(201), {"id": "webhook"}, lambda _: {}),
    )
}
"""For nobody, a stranger, a key of the owner's that may only read, the owner, and an administrator."""


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_operation_has_a_case() -> None:
    assert set(CASES) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_who_may_do_what(name: str, owner: User, tmp_path: Path) -> None:
    method, address, _ = OPERATIONS[name]
    expected, things, send = CASES[name]
    world = World(owner, tmp_path)
    path = {parameter: getattr(world, thing)() for parameter, thing in things.items()}
    actors = {
        "nobody": Client(),
        "stranger": signed_in(make_user()),
        "key that reads": program(owner, Scope.READ),
        "owner": signed_in(owner),
        "administrator": signed_in(make_user(admin=True)),
    }
    found = {}
    for actor, client in actors.items():
        with transaction.atomic():
            answer: HttpResponse = getattr(client, method)(address.format(**path), **send(path))
            found[actor] = answer.status_code
            transaction.set_rollback(True)
    assert found == dict(zip(actors, expected, strict=True))
