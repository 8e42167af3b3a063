"""A row of every model, and the pages of the admin that show them."""

from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_job, make_live, make_recording, make_transcript, make_user, share
from transcription.enums import RecordingState
from transcription.models import (
    CaptionedVideo,
    Comment,
    CommentMail,
    DataExport,
    Favourite,
    GatheredTranscript,
    Grant,
    IdempotentAnswer,
    Import,
    Job,
    Live,
    LiveChunk,
    MachineSegment,
    NamedRevision,
    Proposal,
    Recording,
    RetentionRule,
    ShareLink,
    Speaker,
    SpokenWord,
    Tag,
    TagUse,
    Transcript,
    TranscriptEdit,
    TranscriptSegment,
    Upload,
    Vocabulary,
    WatchedFile,
    Waveform,
    Webhook,
    WebhookDelivery,
)
from transcription.services import comments, deliveries, links
from transcription.services.comments import Commenter

MODELS = [
    CaptionedVideo,
    Recording,
    Upload,
    Transcript,
    TranscriptSegment,
    Job,
    Waveform,
    Live,
    LiveChunk,
    ShareLink,
    Grant,
    Comment,
    CommentMail,
    IdempotentAnswer,
    WatchedFile,
    Import,
    Webhook,
    WebhookDelivery,
    Tag,
    TagUse,
    Favourite,
    Vocabulary,
    RetentionRule,
    DataExport,
    SpokenWord,
    GatheredTranscript,
    TranscriptEdit,
    MachineSegment,
    Speaker,
    NamedRevision,
    Proposal,
]


def url(model: type, page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:transcription_{model._meta.model_name}_{page}", args=args)


def make_staff(*permissions: str):
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def make_one_of_each() -> dict[type, object]:
    """One row of every model, each belonging to another owner than the last one."""
    transcript = make_transcript(make_recording(title="Read aloud"), segments=1)
    job = make_job(transcript.recording)
    Job.objects.filter(pk=job.pk).update(transcript=transcript)
    arriving = make_recording(state=RecordingState.UPLOADING)
    upload = Upload.objects.create(recording=arriving, length=10, offset=4, expires_at=timezone.now())
    waveform = Waveform.objects.create(recording=transcript.recording, peaks=b"\x00\xff", seconds=60.0)
    spoken = make_live()
    chunk = LiveChunk.objects.create(live=spoken, position=0, length=10, checksum=0, name="recordings/live/0")
    shared, _ = links.create_link(recording=transcript.recording, user=transcript.recording.owner)
    fetched = Import.objects.create(recording=arriving, url="https://example.org/talk.flac")
    webhook = Webhook.objects.create(user=make_user(), url="https://example.org/", events=["live.started"])
    owner = transcript.recording.owner
    share(transcript.recording)
    by = Commenter(link=shared, name="Grace")
    ShareLink.objects.filter(pk=shared.pk).update(kind="transcript", role="comment")
    shared.refresh_from_db()
    said = comments.add_comment(
        recording=transcript.recording, by=by, transcript_id=transcript.pk, index=0, text="Between us."
    )
    watched = WatchedFile.objects.create(
        owner=owner, digest=transcript.recording.pk.hex, name="read.flac", recording=transcript.recording
    )
    tag, now = Tag.objects.create(owner=make_user(), name="Work"), timezone.now()
    # Not created: where a worker runs, it may have gathered the words by now.
    gathered, _ = GatheredTranscript.objects.get_or_create(transcript=transcript, defaults={"revision": 0})
    return {
        TranscriptEdit: TranscriptEdit.objects.create(transcript=transcript, revision=1, kind="text", user=owner),
        MachineSegment: MachineSegment.objects.create(transcript=transcript, index=0, row={}),
        Speaker: Speaker.objects.create(transcript=transcript, number=1, name="Ada"),
        NamedRevision: NamedRevision.objects.create(transcript=transcript, revision=1, name="Proofread", user=owner),
        Proposal: Proposal.objects.create(transcript=transcript, user=owner, start=0, end=3, words=[], model="base"),
        Tag: tag,
        TagUse: TagUse.objects.create(tag=tag, recording=transcript.recording),
        Favourite: Favourite.objects.create(user=make_user(), recording=transcript.recording),
        Vocabulary: Vocabulary.objects.create(user=make_user(), terms="Scripta"),
        RetentionRule: RetentionRule.objects.create(user=make_user(), sound_days=30),
        DataExport: DataExport.objects.create(user=make_user()),
        SpokenWord: SpokenWord.objects.create(owner=owner, word="wörd", plain="word"),
        GatheredTranscript: gathered,
        Comment: said,
        CommentMail: CommentMail.objects.create(recording=arriving, user=owner, due_at=now),
        Grant: transcript.recording.grants.get(),
        Import: fetched,
        Webhook: webhook,
        WebhookDelivery: deliveries.ping(webhook=webhook),
        WatchedFile: watched,
        IdempotentAnswer: IdempotentAnswer.objects.create(user=make_user(), key="a wish", fingerprint="0" * 64),
        Live: spoken,
        LiveChunk: chunk,
        ShareLink: shared,
        Recording: transcript.recording,
        Upload: upload,
        Transcript: transcript,
        TranscriptSegment: transcript.segments.get(),
        Job: job,
        Waveform: waveform,
        CaptionedVideo: CaptionedVideo.objects.create(recording=transcript.recording, transcript=transcript),
    }
