"""What a copy of all own data holds: who the person is, each recording with every version of its transcript and what
was said to it, and what the person wrote in others' recordings. No secrets: what opens a key or a link is not known.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import ApiKey, Invitation, User
from transcription.models import Favourite, Job, Recording, RetentionRule, Tag, TagUse, Transcript, Vocabulary, Webhook
from transcription.services import exports, own_words
from transcription.services.archives import Names, entry

FORMATS = ("json", "txt")
"""In which each version is written: all that is known of it, and something to read."""
ELSEWHERE = "in others' recordings"
"""The folder of what the person wrote there."""
_KEY = ("name", "prefix", "scopes", "keeps_recordings", "created_at", "expires_at", "last_used_at", "revoked_at")
_WEBHOOK = ("url", "events", "is_active", "created_at", "disabled_at", "disabled_reason")
Texts = Iterator[tuple[zipfile.ZipInfo, bytes]]


class OwnData:
    """Of one person, the trash too. Memory holds one transcript at a time."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._folders = Names()
        self._folder: dict[Any, str] = {}

    def texts(self) -> Texts:
        """What is the person's, beside recordings."""
        yield self._json("account.json", self._account())
        if written := own_words.comments_elsewhere(self._user):
            yield self._json(f"{ELSEWHERE}/comments.json", written)
        for transcript, edits in own_words.edits_elsewhere(self._user):
            yield self._json(f"{ELSEWHERE}/edits of transcript {transcript.pk}.json", edits)

    def recordings(self) -> Iterator[Recording]:
        rows = Recording.objects.filter(owner=self._user).listed().order_by("created_at", "id")
        for recording in rows.iterator(chunk_size=100):
            day = f"{recording.created_at:%Y-%m-%d}"
            self._folder[recording.pk] = f"recordings/{self._folders.name(f'{day} {recording.title}')}"
            yield recording
            del self._folder[recording.pk]

    def texts_of(self, recording: Recording) -> Texts:
        """What is known of it, and each version of its transcript."""
        folder = self._folder[recording.pk]
        yield self._json(f"{folder}/recording.json", self._described(recording))
        if said := own_words.comments_on(recording):
            yield self._json(f"{folder}/comments.json", said)
        for transcript in recording.transcripts.order_by("version"):
            transcript.recording = recording
            yield from self._version(transcript)

    def media_entry(self, recording: Recording) -> zipfile.ZipInfo:
        """Where the media goes, beside the texts: under the name with which it came."""
        name = f"media {exports.file_stem(recording.download_name)}"
        return entry(f"{self._folder[recording.pk]}/{name}", recording.created_at, zipfile.ZIP_STORED)

    def _version(self, transcript: Transcript) -> Texts:
        for format in FORMATS:
            exported = exports.export_transcript(transcript=transcript, format=format)
            name = f"transcript {transcript.version}.{exported.extension}"
            path = f"{self._folder[transcript.recording_id]}/{name}"
            yield entry(path, transcript.created_at, zipfile.ZIP_DEFLATED), exported.content
        edits = own_words.edits_of(transcript)
        if edits["edits"] or edits["names"]:
            path = f"{self._folder[transcript.recording_id]}/transcript {transcript.version} edits.json"
            yield self._json(path, edits)

    def _account(self) -> dict[str, Any]:
        user = self._user
        rule = RetentionRule.objects.filter(user=user).values("sound_days", "all_days").first()
        vocabulary = Vocabulary.objects.filter(user=user).values_list("terms", flat=True).first()
        return {
            "email": user.email,
            "name": user.name,
            "joined_at": user.date_joined,
            "default_language": user.default_language,
            "theme": user.theme,
            "notify_by_mail": user.notify_by_mail,
            "notify_of_comments": user.notify_of_comments,
            "groups": list(user.groups.values_list("name", flat=True)),
            "vocabulary": (vocabulary or "").splitlines(),
            "retention": rule,
            "tags": self._tags(),
            "favourites": list(Favourite.objects.filter(user=user).order_by("pk").values("recording", "created_at")),
            "shared_with_you": own_words.shared_with(user),
            "keys": list(ApiKey.objects.filter(user=user).lasting().order_by("pk").values(*_KEY)),
            "webhooks": list(Webhook.objects.filter(user=user).order_by("created_at").values(*_WEBHOOK)),
            "invitations": list(
                Invitation.objects.filter(invited_by=user)
                .order_by("pk")
                .values("email", "created_at", "accepted_at", "revoked_at")
            ),
        }

    def _tags(self) -> list[dict[str, Any]]:
        """Each with the recordings that it is on, others' too."""
        on: dict[int, list[Any]] = {}
        uses = TagUse.objects.filter(tag__owner=self._user).order_by("pk")
        for tag_id, recording_id in uses.values_list("tag", "recording"):
            on.setdefault(tag_id, []).append(recording_id)
        return [
            {"name": tag.name, "color": tag.color, "created_at": tag.created_at, "recordings": on.get(tag.pk, [])}
            for tag in Tag.objects.filter(owner=self._user).by_name()
        ]

    def _described(self, recording: Recording) -> dict[str, Any]:
        tags = TagUse.objects.filter(recording=recording, tag__owner=self._user)
        jobs = Job.objects.filter(recording=recording).order_by("id")
        fields = ("state", "engine", "model", "language", "task", "vocabulary", "queued_at", "finished_at")
        return {
            "id": recording.pk,
            "title": recording.title,
            "file": recording.original_name,
            "state": recording.state,
            "size": recording.size,
            "duration": recording.duration,
            "media_type": recording.media_type,
            "created_at": recording.created_at,
            "deleted_at": recording.deleted_at,
            "sound_removed_at": recording.sound_removed_at,
            "is_exempt": recording.is_exempt,
            "tags": list(tags.order_by("tag__name").values_list("tag__name", flat=True)),
            "jobs": list(jobs.values(*fields)),
            "shared_with": own_words.shares_of(recording),
        }

    def _json(self, name: str, value: Any) -> tuple[zipfile.ZipInfo, bytes]:
        text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        return entry(name, self._user.date_joined, zipfile.ZIP_DEFLATED), text.encode()
