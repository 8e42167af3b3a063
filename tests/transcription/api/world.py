"""What the owner has in tests that ask who may do what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from accounts.services import keys
from tests.factories import make_job, make_live, make_media, make_recording, make_transcript, share
from transcription.enums import JobState
from transcription.models import CaptionedVideo, Comment, Job, Proposal, Recording, Transcript, WebhookDelivery
from transcription.services import (
    captioned_videos,
    comments,
    data_export,
    deliveries,
    links,
    marks,
    proposals,
    uploads,
    versions,
    webhooks,
)
from transcription.services.comments import Commenter


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

    def captioned(self) -> Any:
        """A recording whose video with captions is being made, after one that is there."""
        pk = self.media()
        make_transcript(Recording.objects.get(pk=pk))
        captioned_videos.request_video(recording=Recording.objects.get(pk=pk))
        CaptionedVideo.objects.filter(pk=pk).update(file=Recording.objects.get(pk=pk).media.name)
        return pk

    def written(self) -> Any:
        pk = self.media()
        make_transcript(Recording.objects.get(pk=pk))
        return pk

    def proposal(self) -> Any:
        """That is ready."""
        transcript = Transcript.objects.select_related("recording").get(recording=self.written())
        words = [[0.0, 1.0, " other", 0.9]]
        made = proposals.request_proposal(transcript_id=transcript.pk, user=self.owner, first=0)
        Proposal.objects.filter(pk=made.pk).update(state="ready", words=words)
        self.made["proposal"] = transcript
        return made.pk

    def transcript_of_proposal(self) -> Any:
        return self.made["proposal"].pk

    def written_transcript(self) -> Any:
        return Transcript.objects.get(recording=self.written()).pk

    def versions(self) -> Any:
        return Transcript.objects.get(pk=self.transcript()).recording_id

    def name_of_a_state(self) -> Any:
        newest = Transcript.objects.order_by("-pk")[0]
        return versions.name_revision(transcript=newest, user=self.owner, name="Proofread").pk

    def live(self) -> Any:
        return make_live(self.owner).pk

    def upload(self) -> Any:
        return uploads.create_upload(owner=self.owner, length=10, filename="a.mp3", fingerprint="", options={}).pk

    def key(self) -> Any:
        return keys.create_key(user=self.owner, name="another")[0].pk

    def grant(self) -> Any:
        recording = make_recording(self.owner)
        share(recording)
        self.made["recording of a grant"] = recording
        return recording.grants.get().pk

    def recording_of_grant(self) -> Any:
        return self.made["recording of a grant"].pk

    def link(self) -> Any:
        self.made["link"] = links.create_link(recording=make_recording(self.owner), user=self.owner)[0]
        return self.made["link"].pk

    def recording_of_link(self) -> Any:
        return self.made["link"].recording_id

    def comment(self) -> Any:
        transcript = make_transcript(make_recording(self.owner))
        return comments.add_comment(
            recording=transcript.recording,
            by=Commenter(user=self.owner),
            transcript_id=transcript.pk,
            index=0,
            text="Why?",
        ).pk

    def commented(self) -> Any:
        return Comment.objects.get(pk=self.comment()).recording_id

    def share_all(self, user: User, role: str) -> None:
        for recording in Recording.objects.filter(owner=self.owner):
            share(recording, user, role=role)

    def webhook(self) -> Any:
        row = webhooks.create_webhook(owner=self.owner, url="https://example.org/hook", events=["live.started"])
        self.made["webhook"] = row
        return row.pk

    def delivery(self) -> Any:
        row = deliveries.ping(webhook=self.made["webhook"])
        WebhookDelivery.objects.filter(pk=row.pk).update(state="failed")
        return row.pk

    def tag(self) -> Any:
        self.made["tag"] = marks.create_tag(owner=self.owner, name="mine")
        return self.made["tag"].pk

    def export(self) -> Any:
        return data_export.request_export(user=self.owner).pk

    def ready_export(self) -> Any:
        made = data_export.request_export(user=self.owner)
        data_export.write(export_id=made.pk)
        return made.pk

    def group(self) -> Any:
        made, _ = Group.objects.get_or_create(name="Cardiology")
        self.owner.groups.add(made)
        return made.pk
