"""The description of the API: complete, kept in the repository, and true of who may do what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from accounts.models import Scope, User
from tests.factories import make_user
from tests.server import ROOT
from tests.transcription.api.conftest import program
from tests.transcription.api.world import World
from transcription.api.transcripts import etag_of
from transcription.models import Comment, Transcript

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

LIST = (401, 200, 200, 200, 200, 200, 200)
LIST_OF_SCOPE = (401, 200, 403, 200, 200, 200, 200)
"""Another than the one to read."""
READ = (401, 404, 200, 200, 404, 200, 200)
READ_OWN = (401, 404, 200, 200, 404, 404, 404)
"""What is not shared with a recording."""
READ_AS_OWNER = (401, 404, 200, 200, 404, 403, 403)


def makes(status: int) -> tuple[int, ...]:
    return 401, status, 403, status, status, status, status


def changes(status: int) -> tuple[int, ...]:
    """What belongs to a recording and is its owner's matter."""
    return 401, 404, 403, status, 404, 403, 403


def changes_own(status: int) -> tuple[int, ...]:
    """What is not shared with a recording."""
    return 401, 404, 403, status, 404, 404, 404


def corrects(status: int) -> tuple[int, ...]:
    """What an editor does, too."""
    return 401, 404, 403, status, 404, 403, status


def takes_part(status: int) -> tuple[int, ...]:
    """What everybody does who sees a recording."""
    return 401, 404, 403, status, 404, status, status


TUS = {"Tus-Resumable": "1.0.0"}


def as_json(**body: Any) -> dict[str, Any]:
    return {"data": body, "content_type": "application/json"}


def a_file() -> dict[str, Any]:
    return {"data": {"file": SimpleUploadedFile("talk.mp3", b"not really")}}


def captions() -> dict[str, Any]:
    cue = b"1\n00:00:01,000 --> 00:00:02,000\nWords\n"
    return {"data": {"file": SimpleUploadedFile("talk.srt", cue)}}


NOTHING = "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11"


def answering(path: dict[str, Any]) -> dict[str, Any]:
    return as_json(parent=Comment.objects.get(recording=path["id"]).pk, text="Because.")


def matching(path: dict[str, Any]) -> dict[str, Any]:
    return {"headers": {"If-Match": etag_of(Transcript.objects.get(pk=path["id"]))}}


CASES: dict[str, tuple[tuple[int, ...], dict[str, str], Callable[[dict[str, Any]], dict[str, Any]]]] = {
    name: (expected, path, send)
    for name, expected, path, send in (
        ("data_exports_list", LIST, {}, lambda _: {}),
        ("data_exports_create", makes(201), {}, lambda _: {}),
        ("data_exports_retrieve", READ_OWN, {"id": "export"}, lambda _: {}),
        ("data_exports_delete", changes_own(204), {"id": "export"}, lambda _: {}),
        ("data_exports_file", READ_OWN, {"id": "ready_export"}, lambda _: {}),
        ("comments_list", READ, {"id": "commented"}, lambda _: {}),
        ("comments_create", takes_part(201), {"id": "commented"}, answering),
        ("comments_names", READ, {"id": "commented"}, lambda _: {}),
        ("comments_change", takes_part(200), {"id": "comment"}, lambda _: as_json(resolved=True)),
        ("comments_delete", changes(204), {"id": "comment"}, lambda _: {}),
        ("grants_list", READ_AS_OWNER, {"id": "recording"}, lambda _: {}),
        ("grants_create", changes(201), {"id": "recording"}, lambda _: as_json(person=make_user().email)),
        (
            "grants_change",
            changes(200),
            {"grant": "grant", "id": "recording_of_grant"},
            lambda _: as_json(role="editor"),
        ),
        ("grants_withdraw", changes(204), {"grant": "grant", "id": "recording_of_grant"}, lambda _: {}),
        ("groups_list", LIST, {}, lambda _: {}),
        ("links_list", READ_AS_OWNER, {"id": "recording"}, lambda _: {}),
        ("links_create", changes(201), {"id": "recording"}, lambda _: as_json()),
        ("links_change", changes(200), {"link": "link", "id": "recording_of_link"}, lambda _: as_json(label="Board")),
        ("links_withdraw", changes(204), {"link": "link", "id": "recording_of_link"}, lambda _: {}),
        ("jobs_list", LIST, {}, lambda _: {}),
        ("jobs_retrieve", READ, {"id": "job"}, lambda _: {}),
        ("jobs_cancel", changes(200), {"id": "job"}, lambda _: {}),
        ("jobs_events", READ, {"id": "cancelled"}, lambda _: {}),
        ("jobs_retry", changes(200), {"id": "cancelled"}, lambda _: {}),
        ("keys_list", LIST_OF_SCOPE, {}, lambda _: {}),
        ("keys_create", makes(201), {}, lambda _: as_json(name="new")),
        ("keys_revoke", changes_own(204), {"id": "key"}, lambda _: {}),
        ("live_list", LIST_OF_SCOPE, {}, lambda _: {}),
        ("live_start", makes(201), {}, lambda _: as_json()),
        ("live_discard", changes_own(204), {"id": "live"}, lambda _: {}),
        ("live_finish", changes_own(204), {"id": "live"}, lambda _: {}),
        ("me", LIST, {}, lambda _: {}),
        # The only administrator stays.
        ("me_delete", (401, 204, 403, 204, 409, 204, 204), {}, lambda _: as_json(password="correct horse battery")),
        ("me_change", (401, 200, 403, 200, 200, 200, 200), {}, lambda _: as_json(language="de")),
        ("recordings_list", LIST, {}, lambda _: {}),
        ("captioned_video_retrieve", READ, {"id": "captioned"}, lambda _: {}),
        ("captioned_video_create", corrects(201), {"id": "written"}, lambda _: as_json()),
        ("captioned_video_delete", corrects(204), {"id": "captioned"}, lambda _: {}),
        ("captioned_video_cancel", corrects(200), {"id": "captioned"}, lambda _: {}),
        ("captioned_video_file", READ, {"id": "captioned"}, lambda _: {}),
        ("recordings_captions_import", corrects(201), {"id": "recording"}, lambda _: captions()),
        ("recordings_create", makes(201), {}, lambda _: a_file()),
        ("recordings_retrieve", READ, {"id": "recording"}, lambda _: {}),
        ("recordings_rename", changes(200), {"id": "recording"}, lambda _: as_json(title="Another")),
        ("recordings_delete", changes(204), {"id": "recording"}, lambda _: {}),
        ("recordings_archive", LIST, {}, lambda _: as_json(ids=[NOTHING], format="txt")),
        ("recordings_bulk", makes(200), {}, lambda _: as_json(ids=[NOTHING], action="trash")),
        ("recordings_share", makes(200), {}, lambda _: as_json(ids=[NOTHING], person=make_user().email)),
        ("recordings_unshare", makes(200), {}, lambda _: as_json(steps=[{"grant": 1, "earlier": None}])),
        ("recordings_exempt", changes(204), {"id": "recording"}, lambda _: {}),
        ("recordings_unexempt", changes(204), {"id": "recording"}, lambda _: {}),
        ("recordings_favour", takes_part(204), {"id": "recording"}, lambda _: {}),
        ("recordings_unfavour", takes_part(204), {"id": "recording"}, lambda _: {}),
        ("recordings_set_tags", takes_part(200), {"id": "recording"}, lambda _: as_json(tags=[])),
        ("recordings_terms", READ, {"id": "recording"}, lambda _: {}),
        ("recordings_audio", READ, {"id": "media"}, lambda _: {}),
        ("recordings_jobs_list", READ, {"id": "recording"}, lambda _: {}),
        ("recordings_restore", changes_own(200), {"id": "trashed"}, lambda _: {}),
        ("recordings_transcripts_list", READ, {"id": "recording"}, lambda _: {}),
        ("recordings_transcribe", changes(201), {"id": "recording"}, lambda _: as_json()),
        ("recordings_show_version", corrects(200), {"id": "versions"}, lambda _: as_json(version=1)),
        ("retention_retrieve", LIST, {}, lambda _: {}),
        ("retention_change", makes(200), {}, lambda _: as_json(sound_days=None, all_days=None)),
        ("search", LIST, {}, lambda _: {"data": {"q": "word"}}),
        ("storage", LIST, {}, lambda _: {}),
        ("tags_list", LIST, {}, lambda _: {}),
        ("tags_create", makes(201), {}, lambda _: as_json(name="new")),
        ("tags_retrieve", READ_OWN, {"id": "tag"}, lambda _: {}),
        ("tags_change", changes_own(200), {"id": "tag"}, lambda _: as_json(name="other")),
        ("tags_delete", changes_own(204), {"id": "tag"}, lambda _: {}),
        ("tags_merge", changes_own(400), {"id": "tag"}, lambda path: as_json(into=path["id"])),
        ("trash_empty", makes(200), {}, lambda _: {}),
        ("transcripts_retrieve", READ, {"id": "transcript"}, lambda _: {}),
        ("transcripts_delete", changes(204), {"id": "transcript"}, matching),
        ("transcripts_captions", READ, {"id": "transcript"}, lambda _: {}),
        ("transcripts_compare", READ, {"id": "transcript"}, lambda _: {}),
        ("transcripts_edits_list", READ, {"id": "transcript"}, lambda _: {}),
        (
            "transcripts_edits_create",
            corrects(201),
            {"id": "transcript"},
            lambda _: as_json(kind="text", index=0, revision=0, text="Corrected"),
        ),
        ("transcripts_find", corrects(200), {"id": "transcript"}, lambda _: as_json(search="word")),
        ("transcripts_names_list", READ, {"id": "transcript"}, lambda _: {}),
        ("transcripts_names_create", corrects(201), {"id": "transcript"}, lambda _: as_json(name="Proofread")),
        ("transcripts_names_delete", corrects(204), {"id": "transcript", "name": "name_of_a_state"}, lambda _: {}),
        ("transcripts_proposals_list", READ, {"id": "transcript"}, lambda _: {}),
        ("transcripts_proposals_create", corrects(201), {"id": "written_transcript"}, lambda _: as_json(first=0)),
        (
            "transcripts_proposals_retrieve",
            READ,
            {"proposal": "proposal", "id": "transcript_of_proposal"},
            lambda _: {},
        ),
        (
            "transcripts_proposals_accept",
            corrects(201),
            {"proposal": "proposal", "id": "transcript_of_proposal"},
            lambda _: as_json(revision=0),
        ),
        (
            "transcripts_proposals_dismiss",
            corrects(204),
            {"proposal": "proposal", "id": "transcript_of_proposal"},
            lambda _: {},
        ),
        ("transcripts_speakers", READ, {"id": "transcript"}, lambda _: {}),
        ("transcripts_export", READ, {"id": "transcript"}, lambda _: {"data": {"format": "srt"}}),
        ("transcripts_segments", READ, {"id": "transcript"}, lambda _: {}),
        ("uploads_list", LIST_OF_SCOPE, {}, lambda _: {}),
        ("uploads_create", makes(201), {}, lambda _: {"headers": TUS | {"Upload-Length": "10"}}),
        (
            "uploads_append",
            changes_own(204),
            {"id": "upload"},
            lambda _: {
                "data": b"12345",
                "content_type": "application/offset+octet-stream",
                "headers": TUS | {"Upload-Offset": "0"},
            },
        ),
        ("uploads_delete", changes_own(204), {"id": "upload"}, lambda _: {"headers": TUS}),
        ("usage", LIST, {}, lambda _: {}),
        ("vocabulary_retrieve", LIST, {}, lambda _: {}),
        ("vocabulary_change", makes(200), {}, lambda _: as_json(terms=["Scripta"])),
        ("vocabulary_groups_list", LIST, {}, lambda _: {}),
        (
            "vocabulary_groups_change",
            (401, 404, 403, 404, 200, 404, 404),
            {"id": "group"},
            lambda _: as_json(terms=["stenosis"]),
        ),
        ("webhooks_list", LIST, {}, lambda _: {}),
        (
            "webhooks_create",
            makes(201),
            {},
            lambda _: as_json(url="https://example.org/hook", events=["live.started"]),
        ),
        ("webhooks_retrieve", READ_OWN, {"id": "webhook"}, lambda _: {}),
        ("webhooks_change", changes_own(200), {"id": "webhook"}, lambda _: as_json(events=["live.finished"])),
        ("webhooks_delete", changes_own(204), {"id": "webhook"}, lambda _: {}),
        ("webhooks_deliveries_list", READ_OWN, {"id": "webhook"}, lambda _: {}),
        ("webhooks_deliveries_redeliver", changes_own(201), {"id": "webhook", "delivery": "delivery"}, lambda _: {}),
        ("webhooks_rotate", changes_own(200), {"id": "webhook"}, lambda _: {}),
        ("webhooks_test", changes_own(201), {"id": "webhook"}, lambda _: {}),
    )
}
"""For nobody, a stranger, a key of the owner's that may only read, the owner, an administrator, and a reader and an
editor of the owner's recordings."""


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
    for role in ("reader", "editor"):
        person = make_user()
        world.share_all(person, role)
        actors[role] = signed_in(person)
    found = {}
    for actor, client in actors.items():
        with transaction.atomic():
            answer: HttpResponse = getattr(client, method)(address.format(**path), **send(path))
            found[actor] = answer.status_code
            transaction.set_rollback(True)
    assert found == dict(zip(actors, expected, strict=True))
