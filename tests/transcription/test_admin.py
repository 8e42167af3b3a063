"""The admin: what lists cost, what actions do and say, and what nobody may change."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_job, make_live, make_media, make_recording, make_transcript, make_user, share
from transcription.admin import base
from transcription.enums import JobState, RecordingState
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
from transcription.services import attempts, comments, deliveries, jobs, links, live
from transcription.services.comments import Commenter

pytestmark = pytest.mark.django_db

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


@pytest.fixture
def administrator(client):
    user = make_user("admin@example.org", admin=True)
    client.force_login(user)
    return user


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
    tag = Tag.objects.create(owner=make_user(), name="Work")
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
        GatheredTranscript: GatheredTranscript.objects.create(transcript=transcript, revision=0),
        Comment: said,
        CommentMail: CommentMail.objects.get(recording=transcript.recording),
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


def act(client, model: type, action: str, *rows: object, **more: object) -> list[tuple[str, str]]:
    """Run an action of a list; the messages that it left."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    response = client.post(url(model), data)
    assert response.status_code == 302
    client.cookies.pop("messages", None)
    return [(message.level_tag, message.message) for message in get_messages(response.wsgi_request)]


def test_every_model_is_registered_and_the_raw_queue_is_not():
    registered = set(admin.site._registry)
    assert set(apps.get_app_config("transcription").get_models()) == set(MODELS)
    assert registered & set(MODELS) == set(MODELS)
    assert ProcrastinateJob not in registered


@pytest.mark.parametrize("model", MODELS)
def test_list_needs_as_many_queries_for_three_rows_as_for_one(
    model, client, administrator, django_assert_max_num_queries
):
    make_one_of_each()
    client.get(url(model))  # content types are looked up once a process
    with django_assert_max_num_queries(20) as one:
        response = client.get(url(model))
    first = len(response.context["cl"].result_list)
    make_one_of_each()
    make_one_of_each()
    with django_assert_max_num_queries(20) as three:
        response = client.get(url(model))
    assert (len(response.context["cl"].result_list), len(three)) == (3 * first, len(one))


@pytest.mark.parametrize("model", MODELS)
def test_own_page_shows_the_row_and_nothing_to_save(model, client, administrator):
    row = make_one_of_each()[model]
    response = client.get(url(model, "change", row.pk))
    assert response.status_code == 200
    assert b'name="_save"' not in response.content


def test_webhook_is_switched_off_once(client, administrator):
    webhook = make_one_of_each()[Webhook]
    assert act(client, Webhook, "switch_off", webhook) == [("success", "Switched off: 1.")]
    message = "Left as they were: 1. This webhook is switched off already."
    assert act(client, Webhook, "switch_off", webhook) == [("warning", message)]
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.disabled_reason) == (False, "")


def test_own_page_of_a_recording_needs_as_many_queries_for_three_jobs_as_for_one(
    client, administrator, django_assert_max_num_queries
):
    recording = make_one_of_each()[Recording]
    page = url(Recording, "change", recording.pk)
    client.get(page)
    with django_assert_max_num_queries(20) as one:
        client.get(page)
    for version in (2, 3):
        recording.jobs.update(state=JobState.DONE)
        make_job(recording)
        make_transcript(recording, version=version, segments=1)
    with django_assert_max_num_queries(20) as three:
        client.get(page)
    assert len(three) == len(one)


@pytest.mark.parametrize("model", MODELS)
def test_search_and_every_filter_answer(model, client, administrator):
    make_one_of_each()
    options = admin.site._registry[model]
    queries = [f"?q={word}" for word in ("read", "person") if options.search_fields]
    specs = client.get(url(model)).context["cl"].filter_specs
    for spec in specs:
        queries += [choice["query_string"] for choice in spec.choices(client.get(url(model)).context["cl"])]
    assert [client.get(url(model) + query).status_code for query in queries] == [200] * len(queries)


@pytest.mark.parametrize("model", MODELS)
def test_rows_cannot_be_added_or_changed_by_hand(model, client, administrator):
    row = make_one_of_each()[model]
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "change", row.pk), {"state": "done", "text": "forged"}).status_code == 403


@pytest.mark.parametrize("model", [Upload, Transcript, TranscriptSegment, Job, Waveform])
def test_rows_cannot_be_deleted_by_hand(model, client, administrator):
    row = make_one_of_each()[model]
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_list_of_segments_shows_no_word_that_was_said(client, administrator):
    segment = make_one_of_each()[TranscriptSegment]
    assert segment.text.encode() not in client.get(url(TranscriptSegment)).content
    assert segment.text.encode() in client.get(url(TranscriptSegment, "change", segment.pk)).content


def test_staff_who_may_view_jobs_see_no_segments(client):
    segment = make_one_of_each()[TranscriptSegment]
    client.force_login(make_staff("view_job"))
    assert client.get(url(Job)).status_code == 200
    assert client.get(url(TranscriptSegment, "change", segment.pk)).status_code == 403


# Actions --------------------------------------------------------------------------------------------------------------


def test_cancel_tells_what_was_cancelled_and_what_had_ended(client, administrator):
    waiting, ended = make_job(), make_job()
    jobs.cancel_job(job=ended)
    assert act(client, Job, "cancel", waiting, ended) == [
        ("success", "Cancelled: 1."),
        ("warning", "Left as they were: 1. This job has already ended."),
    ]
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.CANCELLED}
    assert LogEntry.objects.values_list("object_id", "change_message").get() == (str(waiting.pk), "Cancelled.")


def test_retry_puts_back_in_line_with_a_new_entry_in_the_queue(client, administrator):
    cancelled, waiting = make_job(), make_job()
    jobs.cancel_job(job=cancelled)
    assert act(client, Job, "retry", cancelled, waiting) == [
        ("success", "Put back in line: 1."),
        ("warning", "Left as they were: 1. This job cannot be tried again."),
    ]
    before, cancelled = cancelled.task_id, Job.objects.get(pk=cancelled.pk)
    assert (cancelled.state, cancelled.task_id != before) == (JobState.QUEUED, True)


def test_staff_who_may_only_view_cannot_act(client):
    job = make_job()
    client.force_login(make_staff("view_job"))
    assert client.get(url(Job)).context["action_form"] is None
    client.post(url(Job), {"action": "cancel", "_selected_action": [job.pk]})
    assert Job.objects.get().state == JobState.QUEUED


def test_trash_ends_the_work_and_restore_brings_back(client, administrator):
    job = make_job()
    assert act(client, Recording, "trash", job.recording) == [("success", "Moved to the trash: 1.")]
    assert (Recording.objects.trashed().count(), Job.objects.get().state) == (1, JobState.CANCELLED)
    assert act(client, Recording, "restore", job.recording) == [("success", "Brought back: 1.")]
    assert act(client, Recording, "restore", job.recording) == [
        ("warning", "Left as they were: 1. This recording is not in the trash.")
    ]


def test_delete_asks_first_without_listing_segments(client, administrator):
    recording = make_one_of_each()[Recording]
    response = client.post(url(Recording), {"action": "delete_selected", "_selected_action": [recording.pk]})
    assert b"Read aloud, with its file, jobs and transcripts" in response.content
    assert b"word0.0" not in response.content
    assert Recording.objects.filter(pk=recording.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_delete_removes_rows_file_and_work(client, administrator, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    recording = make_media(folder=tmp_path)
    make_job(recording)
    file = tmp_path / "media" / recording.media.name
    assert file.is_file()
    act(client, Recording, "delete_selected", recording, post="yes")
    assert (Recording.objects.count(), Job.objects.count(), file.exists()) == (0, 0, False)


def test_cancelled_upload_is_gone(client, administrator, tmp_path, settings):
    settings.UPLOADS = tmp_path
    upload = make_one_of_each()[Upload]
    assert act(client, Upload, "cancel", upload) == [("success", "Cancelled: 1.")]
    assert Upload.objects.count() == Recording.objects.filter(state=RecordingState.UPLOADING).count() == 0


# Large tables ---------------------------------------------------------------------------------------------------------


def test_paginator_counts_exactly_up_to_its_limit_and_estimates_beyond(monkeypatch):
    make_transcript(segments=30)
    segments = TranscriptSegment.objects.order_by("-id")
    assert base.CappedPaginator(segments, 10).count == 30
    monkeypatch.setattr(base, "COUNT_LIMIT", 20)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE transcription_transcriptsegment")
    assert base.CappedPaginator(segments, 10).count == 30
    assert base.CappedPaginator(segments.filter(index__lt=25), 10).count == 21
    assert base.CappedPaginator(segments.filter(index__lt=5), 10).count == 5


# The page of queue, workers and disk ----------------------------------------------------------------------------------


def test_status_page_shows_figures_and_its_refresh_only_those(client, administrator):
    job = make_job()
    attempts.claim_job(job_id=job.pk, worker="here:1")
    page, part = (
        client.get(reverse("admin-status")),
        client.get(reverse("admin-status"), headers={"HX-Request": "true"}),
    )
    for response in (page, part):
        assert response.status_code == 200
        assert b"here:1" in response.content
    assert (b"<html" in page.content, b"<html" in part.content) == (True, False)


def test_status_page_needs_as_many_queries_for_three_jobs_as_for_one(
    client, administrator, django_assert_max_num_queries
):
    def run_job() -> None:
        attempts.claim_job(job_id=make_job().pk, worker="here:1")

    run_job()
    client.get(reverse("admin-status"))
    with django_assert_max_num_queries(25) as one:
        client.get(reverse("admin-status"))
    run_job()
    run_job()
    with django_assert_max_num_queries(25) as three:
        client.get(reverse("admin-status"))
    assert len(three) == len(one)


def test_status_page_is_closed_to_people_and_to_staff_without_the_right(client):
    page = reverse("admin-status")
    client.force_login(make_user())
    assert client.get(page).status_code == 302
    client.force_login(make_staff())
    assert client.get(page).status_code == 403
    client.force_login(make_staff("view_job"))
    assert client.get(page).status_code == 200


def test_status_links_open_the_lists_that_they_promise(client, administrator):
    job = attempts.claim_job(job_id=make_job().pk, worker="here:1")
    attempts.fail_job(job=job, code="media_empty", message="Empty.")
    make_job()
    failed = client.get(url(Job), {"state__exact": "failed", "error_code": "media_empty"})
    assert [row.pk for row in failed.context["cl"].result_list] == [job.pk]
    arriving = client.get(url(Upload), {"recording__state__exact": "uploading"})
    assert arriving.status_code == 200


def test_index_leads_to_the_status_page(client, administrator):
    response = client.get(reverse("admin:index"))
    assert f'<a class="button" href="{reverse("admin-status")}"'.encode() in response.content


def test_silent_worker_is_named_on_the_status_page(client, administrator):
    with connection.cursor() as cursor:
        at = timezone.now() - timedelta(minutes=5)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", [at])
    assert "Silent for 5\xa0minutes" in client.get(reverse("admin-status")).content.decode()


def test_ending_a_live_one_keeps_what_was_said(client, administrator):
    spoken, ended = make_live(), make_live()
    live.begin_closing(live_id=ended.pk, user=ended.recording.owner)
    messages = act(client, Live, "end", spoken, ended)
    assert messages == [
        ("success", "Ended: 1."),
        ("warning", "Left as they were: 1. This live recording has already ended."),
    ]
    assert set(Recording.objects.values_list("state", flat=True)) == {RecordingState.CLOSING}


def test_links_can_be_withdrawn(client, administrator):
    recording = make_recording()
    shared, _ = links.create_link(recording=recording, user=recording.owner)
    assert act(client, ShareLink, "withdraw", shared) == [("success", "Withdrawn: 1.")]
    shared.refresh_from_db()
    assert shared.revoked_at is not None


def test_grants_can_be_withdrawn_and_comments_deleted(client, administrator):
    rows = make_one_of_each()
    assert act(client, Grant, "withdraw", rows[Grant]) == [("success", "Withdrawn: 1.")]
    assert act(client, Comment, "remove", rows[Comment]) == [("success", "Deleted: 1.")]
    assert (Grant.objects.count(), Comment.objects.count()) == (0, 0)


def test_list_of_comments_shows_no_word_of_them(client, administrator):
    make_one_of_each()
    assert "Between us." not in client.get(url(Comment)).content.decode()


def test_status_shows_who_speaks(client, administrator):
    spoken = make_live(title="Town hall")
    page = client.get(reverse("admin-status")).content.decode()
    assert "1 speaking, 0 paused" in page
    assert f'href="{url(Live, "change", spoken.pk)}">Town hall</a>' in page
