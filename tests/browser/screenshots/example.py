"""What the pages in the pictures show: a person's recordings with all that can be done with them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from accounts.services import invitations, keys
from tests.factories import add_finals, make_live, make_recording, make_transcript, make_user, share
from transcription.enums import JobState, TagColor
from transcription.models import DataExport, Job, Proposal, Recording, RetentionRule, Transcript, Upload, Webhook
from transcription.services import (
    comments,
    deliveries,
    editing,
    edits,
    links,
    marks,
    sharing,
    speakers,
    versions,
    vocabulary,
)
from transcription.services.recordings import move_to_trash

SAID_LIVE = (
    "Good morning, and welcome to the second day.",
    "Yesterday we looked at how type was cut by hand, and what that meant for the price of a book.",
    "Today is about the people who bought them: who they were, and what they did with what they read.",
)


def prepare(*, email: str) -> None:
    """What must be there before the first recording is: a name, and the terms that it is read with."""
    owner = User.objects.get(email=email)
    owner.name = "Ada Lovelace"
    owner.save()
    vocabulary.save_terms(user=owner, text="Gutenberg\nNicolas Jenson\nmovable type\nincunabula")


def fill(*, email: str, title: str) -> None:
    """Around the recording of that title, which has a transcript; prints the addresses that only this knows."""
    owner = User.objects.get(email=email)
    talk = Recording.objects.get(owner=owner, title=title)
    transcript = talk.transcripts.get()
    grace = make_user("grace@example.org", name="Grace Hopper")
    _correct(transcript, owner)
    _discuss(talk, transcript, owner, grace)
    _mark(owner, talk)
    _keep(owner, grace)
    tokens = _share(talk, owner, grace)
    told = Webhook.objects.create(user=owner, url="https://notes.invalid/scripta", events=["transcript.completed"])
    deliveries.ping(webhook=told)
    invited = invitations.invite(by=owner, email="alan@example.org", base_url="").link
    keys.create_key(user=owner, name="Laptop")
    print(json.dumps({"talk": str(talk.pk), "webhook": str(told.pk), "invitation": invited, **tokens}))


def refresh(*, email: str) -> None:
    """Without what was recorded for the pictures before."""
    Recording.objects.filter(owner__email=email, live__isnull=False).delete()


def _correct(transcript: Transcript, owner: User) -> None:
    rows = list(transcript.segments.order_by("rank")[:6])
    for row, name in zip(rows, ("Grace Hopper", "Grace Hopper", "Alan Turing", "Alan Turing"), strict=False):
        speakers.assign_speaker(transcript_id=transcript.pk, by=edits.By(owner), indexes=[row.index], name=name)
    row = rows[min(3, len(rows) - 1)]
    text = f"{row.text.rstrip('.')}, indeed."
    editing.change_text(
        transcript_id=transcript.pk, by=edits.By(owner), index=row.index, revision=row.revision, text=text
    )
    versions.name_revision(transcript=transcript, user=owner, name="Proofread")
    row = rows[-1]
    transcript.segments.filter(pk=row.pk).update(doubt="unsure")
    heard = [[start, end, text, 0.95] for start, end, text, _ in row.words]
    heard[0][2] = " And"
    span = {"transcript": transcript, "start": row.start, "end": row.end}
    Proposal.objects.create(**span, user=owner, state="ready", engine="none", model="small", words=heard)


def _discuss(talk: Recording, transcript: Transcript, owner: User, grace: User) -> None:
    share(talk, grace, role="editor")
    indexes = list(transcript.segments.order_by("rank").values_list("index", flat=True))
    where: dict[str, Any] = {"recording": talk, "transcript_id": transcript.pk}
    first = comments.add_comment(
        **where, by=comments.Commenter(user=grace), index=indexes[0], text="Shall we quote this in the introduction?"
    )
    comments.reply(parent=first, by=comments.Commenter(user=owner), text="Yes, as it stands.")
    second = comments.add_comment(
        **where, by=comments.Commenter(user=grace), index=indexes[-1], text="The year is right, I looked it up."
    )
    comments.set_resolved(comment=second, by=comments.Commenter(user=owner), resolved=True)


def _mark(owner: User, talk: Recording) -> None:
    for name, color in (("Lectures", TagColor.BLUE), ("To quote", TagColor.GREEN)):
        marks.add_tag(tag=marks.create_tag(owner=owner, name=name, color=color), recordings=[talk])
    marks.create_tag(owner=owner, name="Interviews", color=TagColor.VIOLET)
    marks.set_favourite(user=owner, recordings=[talk], is_favourite=True)


def _keep(owner: User, grace: User) -> None:
    """What is kept, for how long, and what is thrown away."""
    theirs = make_recording(grace, title="Board meeting, November", duration=2460.0, size=31 * 10**6)
    common = {"engine": "none", "model": "base"}
    Job.objects.create(recording=theirs, state=JobState.DONE, transcript=make_transcript(theirs), **common)
    share(theirs, owner)
    for title, state in (("Interview, first part", JobState.TRANSCRIBING), ("Interview, second part", JobState.QUEUED)):
        asked = make_recording(owner, title=title, duration=3100.0, size=49 * 10**6)
        Job.objects.create(recording=asked, state=state, progress=0.43, seconds_left=130, **common)
    for title in ("Sound check", "Wrong room"):
        move_to_trash(recording=make_recording(owner, title=title, duration=12.0, size=200_000))
    arriving = make_recording(owner, title="Panel discussion", state="uploading", duration=None, size=0)
    later = timezone.now() + timedelta(days=1)
    Upload.objects.create(recording=arriving, length=3_000_000, offset=1_000_000, expires_at=later)
    RetentionRule.objects.create(user=owner, sound_days=90)
    DataExport.objects.create(user=owner, state="ready", size=84 * 10**6, expires_at=later)


def _share(talk: Recording, owner: User, grace: User) -> dict[str, str]:
    """By link and with a group; the tokens, and that of a talk which is being given."""
    editors = Group.objects.create(name="Editors")
    editors.user_set.add(owner, grace)
    sharing.share_with_group(recording=talk, by=owner, group_id=editors.pk, role="reader")
    vocabulary.save_terms(group=editors, text="Scripta\nLinotype")
    choices = {
        "guest": links.LinkChoices(kind="transcript", role="comment", label="For the press"),
        "locked": links.LinkChoices(kind="transcript", label="For the authors", password="correct horse"),
        "closed": links.LinkChoices(kind="transcript", label="Draft"),
    }
    made = {name: links.create_link(recording=talk, user=owner, choices=choice) for name, choice in choices.items()}
    links.revoke_link(link=made["closed"][0])
    live = make_live(make_user("speaker@example.org", name="Alan Turing"))
    Recording.objects.filter(pk=live.pk).update(title="Second day, morning")
    for text in SAID_LIVE:
        add_finals(live, text=text)
    made["watched"] = links.create_link(recording=live.recording, user=live.recording.owner)
    return {name: token for name, (_, token) in made.items()}
