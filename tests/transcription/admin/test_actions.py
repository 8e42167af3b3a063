"""What the actions of the admin do and say."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages

from tests.factories import make_job, make_live, make_media, make_recording
from tests.transcription.admin.rows import make_one_of_each, make_staff, url
from transcription.enums import JobState, RecordingState
from transcription.models import Comment, Grant, Job, Live, Recording, ShareLink, Upload, Webhook
from transcription.services import jobs, links, live

pytestmark = pytest.mark.django_db


def act(client, model: type, action: str, *rows: object, **more: object) -> list[tuple[str, str]]:
    """Run an action of a list; the messages that it left."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    response = client.post(url(model), data)
    assert response.status_code == 302
    client.cookies.pop("messages", None)
    return [(message.level_tag, message.message) for message in get_messages(response.wsgi_request)]


def test_webhook_is_switched_off_once(client, administrator):
    webhook = make_one_of_each()[Webhook]
    assert act(client, Webhook, "switch_off", webhook) == [("success", "Switched off: 1.")]
    message = "Left as they were: 1. This webhook is switched off already."
    assert act(client, Webhook, "switch_off", webhook) == [("warning", message)]
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.disabled_reason) == (False, "")


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
