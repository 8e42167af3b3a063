"""Every address of the pages, for a reader and an editor of another's recording: nothing of the owner's changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services.tokens import new_token
from tests.factories import make_job, make_live, make_media, make_transcript, make_user, share
from transcription import urls
from transcription.enums import JobState, RecordingState
from transcription.models import Comment, Grant, Job, Live, Recording, ShareLink, Transcript, Webhook
from transcription.services import comments, links, marks, uploads, versions, webhooks
from transcription.services.comments import Commenter
from transcription.services.recordings import save_waveform

pytestmark = pytest.mark.django_db
OWNED = (Recording, Job, Live, Grant, ShareLink, Transcript, Webhook)
"""What only the owner changes."""


@dataclass
class World:
    """The owner's recording, read or edited by ``user``; and one that is spoken just now."""

    user: User
    recording: Recording
    spoken: Live
    arguments: dict[str, dict[str, Any]]
    """By the name of an address, what it is asked with."""


def make_world(owner: User, role: str, folder: Any) -> World:
    recording = make_media(owner, folder=folder)
    save_waveform(recording_id=recording.pk, peaks=b"\x01\x02", seconds=9.0)
    job, transcript = make_job(recording), make_transcript(recording)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, transcript=transcript)
    spoken = make_live(owner)
    arriving = uploads.create_upload(owner=owner, length=10, filename="a.mp3", fingerprint="", options={})
    user = make_user()
    for each in (recording, spoken.recording, arriving.recording):
        if role:
            share(each, user, role=role)
    link, _ = links.create_link(recording=recording, user=owner)
    by = Commenter(user=owner)
    comment = comments.add_comment(recording=recording, by=by, transcript_id=transcript.pk, index=0, text="Hm.")
    webhook = webhooks.create_webhook(owner=owner, url="https://example.org/hook", events=["live.started"])
    stranger = share(recording, make_user())
    grant = recording.grants.get(user=stranger)
    of_webhook = {"pk": webhook.pk}
    named = versions.name_revision(transcript=transcript, user=owner, name="Proofread")
    tag = marks.create_tag(owner=owner, name="Mine")
    numbers = {
        "record-live": {"pk": spoken.pk},
        "watch": {"pk": spoken.pk},
        "upload-row": {"pk": arriving.pk},
        "export": {"pk": recording.pk, "format": "srt"},
        "link-withdraw": {"pk": recording.pk, "link": link.pk},
        "sharing-close": {"pk": recording.pk, "number": link.pk},
        "sharing-role": {"pk": recording.pk, "number": grant.pk},
        "sharing-withdraw": {"pk": recording.pk, "number": grant.pk},
        "comment": {"pk": recording.pk, "number": comment.pk, "act": "edit"},
        **dict.fromkeys(WEBHOOKS, of_webhook),
        "webhook-redeliver": of_webhook | {"delivery": 1},
        **{name: {"token": new_token()} for name in BY_LINK},
        "shared-comment": {"token": new_token(), "number": comment.pk, "act": "reply"},
        **dict.fromkeys(VERSIONED, {"pk": recording.pk, "version": 1}),
        "version-forget": {"pk": recording.pk, "version": 1, "named": named.pk},
        **dict.fromkeys(TAGS, {"pk": tag.pk}),
        "vocabulary-group": {"pk": 1},
        **dict.fromkeys(COPIES, {"pk": recording.pk}),
        **{name: {} for name in GENERAL},
    }
    return World(user, recording, spoken, numbers)


GENERAL = (
    "library",
    "record",
    "trash",
    "trash-empty",
    "recordings-status",
    "api",
    "webhooks",
    "search",
    "tags",
    "vocabulary",
    "storage",
    "retention-change",
    "data-export-request",
    "account-delete",
    "bulk",
    "bulk-restore",
    "bulk-share",
    "bulk-unshare",
)
"""About whoever asks."""
VERSIONED = ("version-show", "version-name", "version-restore", "version-delete")
CORRECTING = (
    "version-show",
    "version-name",
    "version-restore",
    "version-forget",
    "captions-import",
    "captioned-video-create",
    "captioned-video-cancel",
    "captioned-video-delete",
)
"""Are an editor's matter too; to a reader they are refused in words."""
OWN_MARKS = ("recording-tags", "recording-favourite")
"""Of whoever sees the recording, and seen by nobody else."""
TAGS = ("tag-change", "tag-merge", "tag-delete")
COPIES = ("data-export-download", "data-export-delete")
WEBHOOKS = ("webhook", "webhook-switch", "webhook-rotate", "webhook-test", "webhook-delete")
BY_LINK = ("watch-link", "shared", "shared-segments", "shared-waveform", "shared-media", "shared-comments")
"""Say nothing to whoever has an account but no link."""
SEEN = (
    "recording",
    "recording-status",
    "segments",
    "waveform",
    "export",
    "media",
    "watch",
    "upload-row",
    "comments",
    "comment-names",
    "export-chosen",
    "doubtful",
    "changes",
    "versions",
    "compare",
    "captions",
    "captioned-video",
    "captioned-video-file",
    "recording-terms",
    "proposals",
)
"""Are there for everybody who sees the recording."""
POSTED = (
    "recording-delete",
    "recording-restore",
    "recording-purge",
    "recording-rename",
    "recording-transcribe",
    "recording-improve",
    "job-cancel",
    "job-retry",
    "version-delete",
    "recording-exempt",
)
"""Are refused in words: those who see the recording know that it exists."""
HIDDEN = (
    "record-live",
    "links",
    "link-create",
    "link-withdraw",
    "sharing",
    "sharing-person",
    "sharing-group",
    "sharing-link",
    "sharing-role",
    "sharing-withdraw",
    "sharing-close",
)
"""No page offers them to others, and there is nothing behind them."""
OF_ONES_OWN = {
    "webhooks": (200, 400),
    "tags": (200, 400),
    "account-delete": (200, 400),
    "vocabulary": (200, 302),
    **dict.fromkeys(("trash-empty", "retention-change", "data-export-request", "bulk", "bulk-restore"), (405, 302)),
    **dict.fromkeys(("bulk-share", "bulk-unshare"), (405, 302)),
}
"""The statuses of GET and POST, where they are not 200 and 405."""
ALL = {*GENERAL, *WEBHOOKS, "webhook-redeliver", *BY_LINK, "shared-comment", *SEEN, *POSTED, *HIDDEN, "comment"} | {
    *CORRECTING,
    *OWN_MARKS,
    *TAGS,
    *COPIES,
    "vocabulary-group",
}


def expected(name: str, role: str) -> tuple[int, int]:
    """The statuses of GET and POST."""
    is_webhook = name in WEBHOOKS or name == "webhook-redeliver"
    if name in GENERAL:
        return OF_ONES_OWN.get(name, (200, 405))
    if name in BY_LINK or name == "shared-comment":
        return 404, 405 if name in {"shared-segments", "shared-waveform", "shared-media"} else 404
    if is_webhook:
        return (404, 404) if name == "webhook" else (405, 404)
    if name in HIDDEN:
        is_read = name in {"record-live", "links", "sharing"}
        return (404, 405) if is_read else (405, 404)
    if name in TAGS or name in COPIES or name == "vocabulary-group":
        return (404, 405) if name == "data-export-download" else (405, 404)
    seen = bool(role)
    if name in {"export-chosen", "captioned-video-file"}:  # nothing was chosen, and no video made
        return 404, 405
    if name == "recording-tags":
        return (200, 302) if seen else (404, 404)
    if name in SEEN:
        return (200 if seen else 404), 405 if name != "comments" else 400 if seen else 404
    if name == "comment":
        return (405 if seen else 404), 403 if seen else 404
    assert name in {*POSTED, *CORRECTING, *OWN_MARKS}
    return 405, 302 if seen else 404


def snapshot() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in OWNED] + [
        list(Comment.objects.order_by("pk").values())
    ]


def test_every_page_has_a_case() -> None:
    assert {each.name for each in urls.urlpatterns if getattr(each, "name", None)} == ALL


@pytest.mark.parametrize("role", ["reader", "editor", ""])
def test_others_change_nothing(role, owner, settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    world = make_world(owner, role, tmp_path)
    client = Client()
    client.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
    before, found = snapshot(), {}
    for name in sorted(ALL - ({*CORRECTING} if role == "editor" else set())):
        address = reverse(name, kwargs=world.arguments.get(name, {"pk": world.recording.pk}))
        sent = {"title": "Mine now", "role": "editor", "email": world.user.email, "text": "Mine now."}
        found[name] = client.get(address).status_code, client.post(address, sent).status_code
        assert (name, snapshot()) == (name, before)
    assert found == {name: expected(name, role) for name in found}


@pytest.mark.parametrize("role", ["reader", "editor"])
def test_pages_offer_others_only_what_they_may(role, owner, settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    world = make_world(owner, role, tmp_path)
    client = Client()
    client.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
    library = client.get(reverse("library")).content.decode()
    pages = [library] + [
        client.get(reverse("recording", args=[each.pk])).content.decode()
        for each in (world.recording, world.spoken.recording)
    ]
    for page in pages:
        for name in (*POSTED, *HIDDEN):
            address = reverse(name, kwargs=world.arguments.get(name, {"pk": world.recording.pk}))
            assert (name, f'"{address}' in page) == (name, False)
        assert f"Shared by {owner.email}" in page
    assert ("data-editable" in pages[1]) == (role == "editor")


def test_owner_is_offered_all_of_it(client_of_owner, owner, settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    world = make_world(owner, "reader", tmp_path)
    page = client_of_owner.get(reverse("recording", args=[world.recording.pk])).content.decode()
    offered = ("recording-delete", "recording-rename", "recording-transcribe", "job-retry", "sharing", "comments")
    assert [f'"{reverse(name, args=[world.recording.pk])}' in page for name in offered] == [True] * len(offered)
    assert "data-editable" in page


def test_state_that_was_asked_for_by_a_reader_offers_no_action(owner, settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    world = make_world(owner, "editor", tmp_path)
    client = Client()
    client.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
    own_mark = {reverse("recording-favourite", args=[world.recording.pk])}
    actions = re.compile(r'hx-post="([^"]*)"').findall
    for state in JobState.values:
        Job.objects.update(state=state)
        page = client.get(reverse("recording-status", args=[world.recording.pk])).content.decode()
        rows = client.get(reverse("recordings-status"), {"row": f"{world.recording.pk}:old"}).content.decode()
        assert (state, "hx-post" in page, set(actions(rows))) == (state, False, own_mark)
    Recording.objects.update(state=RecordingState.FAILED)
    library = client.get(reverse("library")).content.decode()
    found = actions(library.partition('id="rows"')[2].partition("</ul>")[0])
    assert [each for each in found if not each.endswith("/favourite/")] == []
