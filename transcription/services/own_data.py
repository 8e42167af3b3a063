"""What a copy of all own data holds: who the person is, and each recording with every version of its transcript."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import ApiKey, User
from transcription.models import Favourite, Job, Recording, RetentionRule, Tag, TagUse, Transcript, Vocabulary, Webhook
from transcription.services import exports
from transcription.services.archives import Names, entry, safe_name

FORMATS = ("json", "txt")
"""In which each version is written: all that is known of it, and something to read."""
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

    def recordings(self) -> Iterator[Recording]:
        rows = Recording.objects.filter(owner=self._user).listed().order_by("created_at", "id")
        for recording in rows.iterator(chunk_size=100):
            day = f"{recording.created_at:%Y-%m-%d}"
            self._folder[recording.pk] = f"recordings/{self._folders.name(f'{day} {recording.title}')}"
            yield recording
            del self._folder[recording.pk]

    def texts_of(self, recording: Recording) -> Texts:
        """What is known of it, and each version of its transcript."""
        yield self._json(f"{self._folder[recording.pk]}/recording.json", self._described(recording))
        for transcript in recording.transcripts.order_by("version"):
            transcript.recording = recording
            yield from self._version(transcript)

    def media_entry(self, recording: Recording) -> zipfile.ZipInfo:
        """Where the media goes, beside the texts: under the name with which it came."""
        name = f"media {safe_name(recording.download_name)}"
        return entry(f"{self._folder[recording.pk]}/{name}", recording.created_at, zipfile.ZIP_STORED)

    def _version(self, transcript: Transcript) -> Texts:
        for format in FORMATS:
            exported = exports.export_transcript(transcript=transcript, format=format)
            name = f"transcript {transcript.version}.{exported.extension}"
            path = f"{self._folder[transcript.recording_id]}/{name}"
            yield entry(path, transcript.created_at, zipfile.ZIP_DEFLATED), exported.content

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
            "groups": list(user.groups.values_list("name", flat=True)),
            "vocabulary": (vocabulary or "").splitlines(),
            "retention": rule,
            "tags": list(Tag.objects.filter(owner=user).by_name().values("name", "color", "created_at")),
            "favourites": list(Favourite.objects.filter(user=user).values("recording", "created_at")),
            "keys": list(
                ApiKey.objects.filter(user=user)
                .lasting()
                .values("name", "prefix", "scopes", "created_at", "revoked_at")
            ),
            "webhooks": list(Webhook.objects.filter(user=user).values("url", "events", "created_at")),
        }

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
        }

    def _json(self, name: str, value: dict[str, Any]) -> tuple[zipfile.ZipInfo, bytes]:
        text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        return entry(name, self._user.date_joined, zipfile.ZIP_DEFLATED), text.encode()
