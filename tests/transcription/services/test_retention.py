"""What goes by rule, and when people are told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from tests.factories import make_job, make_live, make_media, make_recording, make_transcript, make_user
from tests.transcription.queue_entries import leave_entry
from transcription.enums import RecordingState
from transcription.errors import BadRequest, ConfirmationNeeded, WrongState
from transcription.models import Recording, RetentionRule
from transcription.services import jobs, queue, recordings, retention

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.UPLOADS, settings.MEDIA_ROOT = tmp_path / "uploads", tmp_path / "media"
    settings.UPLOADS.mkdir()


def aged(owner, days: float, *, media: str = "a/file", **fields) -> Recording:
    """Made so many days before NOW."""
    row = make_recording(owner, media=media, **fields)
    Recording.objects.filter(pk=row.pk).update(created_at=NOW - days * DAY)
    row.refresh_from_db()
    return row


def rule(owner, sound: int | None = None, everything: int | None = None) -> None:
    RetentionRule.objects.update_or_create(user=owner, defaults={"sound_days": sound, "all_days": everything})


def gone() -> set:
    return set(Recording.objects.exclude(delete_after=None).values_list("pk", flat=True))


def silent() -> set:
    return set(Recording.objects.exclude(sound_removed_at=None).values_list("pk", flat=True))


def test_nothing_goes_without_a_rule(owner):
    aged(owner, 10_000)
    assert retention.sweep(now=NOW) == (0, 0)
    assert retention.foreseen(user=owner, now=NOW) == retention.Foreseen([], 0)


def test_sound_goes_when_it_was_announced_and_the_text_stays(owner):
    row = aged(owner, 28)
    make_transcript(row)
    rule(owner, sound=30)
    assert retention.sweep(now=NOW - 1.1 * DAY) == (0, 0)
    row.refresh_from_db()
    assert row.sound_announced_at is None
    assert retention.sweep(now=NOW) == (0, 0)
    row.refresh_from_db()
    assert row.sound_announced_at == NOW
    assert retention.sweep(now=NOW + 2.9 * DAY) == (0, 0)
    assert retention.sweep(now=NOW + 3 * DAY) == (1, 0)
    assert retention.sweep(now=NOW + 3 * DAY) == (0, 0)
    row.refresh_from_db()
    assert (row.media, row.size, row.is_text_only) == ("", 0, True)
    assert row.transcripts.get().segments.count() == 3
    with pytest.raises(WrongState):
        jobs.submit_job(recording=row, options=jobs.JobOptions())


def test_file_of_the_sound_is_deleted_by_a_task(owner, settings):
    row = make_media(owner, folder=settings.UPLOADS)
    path = settings.MEDIA_ROOT / row.media.name
    assert path.is_file()
    assert recordings.remove_sound(recording_id=row.pk)
    entry = queue.ProcrastinateJob.objects.get(task_name=queue.FORGET_SOUND)
    assert entry.args == {"recording_id": str(row.pk)}
    recordings.forget_sound(recording_id=row.pk)
    assert not path.exists()
    assert not recordings.remove_sound(recording_id=row.pk)


def test_sound_that_a_crash_left_behind_is_swept(owner, settings):
    row = make_media(owner, folder=settings.UPLOADS)
    path = settings.MEDIA_ROOT / row.media.name
    recordings.remove_sound(recording_id=row.pk)
    assert recordings.sweep_media() == 1
    assert not path.exists()


def test_everything_goes_for_good_and_what_is_exempt_stays(owner):
    old, kept, young = aged(owner, 100), aged(owner, 100, is_exempt=True), aged(owner, 5)
    rule(owner, sound=10, everything=90)
    retention.sweep(now=NOW)
    retention.sweep(now=NOW + 3 * DAY)
    assert (gone(), silent()) == ({old.pk}, set())
    retention.sweep(now=NOW + 6 * DAY)
    assert (gone(), silent()) == ({old.pk}, {young.pk})
    kept.refresh_from_db()
    assert (kept.media.name, kept.delete_after) == ("a/file", None)


def test_marking_as_exempt_after_the_announcement_still_helps(owner):
    row = aged(owner, 100)
    rule(owner, everything=90)
    retention.sweep(now=NOW)
    recordings.set_exempt(rows=Recording.objects.filter(pk=row.pk), is_exempt=True)
    assert retention.sweep(now=NOW + 9 * DAY) == (0, 0)
    row.refresh_from_db()
    assert row.removal_announced_at is None
    recordings.set_exempt(rows=Recording.objects.filter(pk=row.pk), is_exempt=False)
    assert retention.sweep(now=NOW + 9 * DAY) == (0, 0)
    assert retention.sweep(now=NOW + 12 * DAY) == (0, 1)


def test_what_is_at_work_is_left_alone(owner):
    waiting = make_job(aged(owner, 100)).recording
    spoken = make_live(owner).recording
    arriving = aged(owner, 100, state=RecordingState.UPLOADING)
    Recording.objects.filter(pk=spoken.pk).update(created_at=NOW - 100 * DAY)
    rule(owner, sound=1, everything=2)
    for days in (0, 5):
        retention.sweep(now=NOW + days * DAY)
    assert gone() == silent() == set()
    assert Recording.objects.filter(pk__in=[waiting.pk, arriving.pk]).count() == 2


def test_trash_goes_too_and_others_stay(owner):
    row = aged(owner, 100, deleted_at=NOW)
    aged(make_user(), 100)
    rule(owner, everything=90)
    for days in (0, 3):
        retention.sweep(now=NOW + days * DAY)
    assert gone() == {row.pk}


def test_bounds_of_the_administrator_hold_for_all_with_notice(owner, settings):
    settings.RETENTION_DAYS = 60
    row, later = aged(owner, 1000), aged(owner, 57)
    rule(owner, everything=90)
    assert retention.policy_of(RetentionRule.objects.get()).all_days == 60
    assert retention.sweep(now=NOW) == (0, 0)
    assert retention.sweep(now=NOW + 2.9 * DAY) == (0, 0)
    assert retention.sweep(now=NOW + 3 * DAY) == (0, 2)
    assert gone() == {row.pk, later.pk}


def test_choice_beyond_the_bound_or_out_of_reason_is_refused(owner, settings):
    settings.RETENTION_SOUND_DAYS = 10
    for sound, everything in ((11, None), (0, None), (None, 36_501)):
        with pytest.raises(BadRequest):
            retention.change_rule(user=owner, sound_days=sound, all_days=everything)
    assert not RetentionRule.objects.exists()


def test_rule_that_acts_at_once_needs_the_number(owner):
    rows = [aged(owner, days) for days in (50, 40, 20)]
    aged(owner, 50, is_exempt=True)
    for confirmed in (None, 1, 3):
        with pytest.raises(ConfirmationNeeded) as needed:
            retention.change_rule(user=owner, sound_days=30, all_days=45, confirmed=confirmed)
        assert needed.value.count == 2
        assert not RetentionRule.objects.exists()
    retention.change_rule(user=owner, sound_days=30, all_days=45, confirmed=2)
    assert retention.sweep(now=timezone.now() + timedelta(seconds=1)) == (1, 1)
    assert (gone(), silent()) == ({rows[0].pk}, {rows[1].pk})


def test_another_rule_makes_announcements_void(owner):
    row = aged(owner, 28)
    rule(owner, sound=30)
    retention.sweep(now=NOW)
    retention.change_rule(user=owner, sound_days=60, all_days=None)
    row.refresh_from_db()
    assert row.sound_announced_at is None
    assert retention.sweep(now=NOW + 10 * DAY) == (0, 0)


def test_row_and_list_say_what_the_sweep_will_do(owner):
    """The words beside a row are computed apart from the sweep's query: they must agree."""
    rule(owner, sound=30, everything=90)
    for days in (22, 24, 29, 31, 82, 84, 100):
        aged(owner, days)
    aged(owner, 85, media="")
    shown = {}
    for row in Recording.objects.select_related("owner__retention_rule"):
        if found := retention.upcoming(row, now=NOW):
            shown[row.pk] = (found.kind, found.at)
    listed = {}
    for row, kind, at in retention.foreseen(user=owner, now=NOW).rows:
        if at <= NOW + retention.SHOWN:
            listed.setdefault(row.pk, (kind, at))
    assert shown == listed
    assert len(shown) == 7


def test_list_says_how_many_more_there_are(owner, monkeypatch):
    monkeypatch.setattr(retention, "MOST_NAMED", 2)
    first, *_ = [aged(owner, days) for days in (20, 10, 5)]
    rule(owner, sound=30)
    found = retention.foreseen(user=owner, now=NOW)
    assert (len(found.rows), found.rows[0][0], found.more) == (2, first, 1)


@pytest.mark.parametrize("kind", ["sound", "everything"])
def test_what_is_no_longer_due_stays_though_the_sweep_has_begun(owner, kind, monkeypatch):
    for _ in range(2):
        aged(owner, 40)
    rule(owner, **{kind: 30})
    retention.sweep(now=NOW)
    hold, held = retention._hold_due, []

    def hold_and_take_back(row, *rest) -> bool:
        if not held:
            held.append(hold(row, *rest))
            rule(owner)
            return held[0]
        return hold(row, *rest)

    monkeypatch.setattr(retention, "_hold_due", hold_and_take_back)
    assert sum(retention.sweep(now=NOW + 4 * DAY)) == 1
    assert len(gone() | silent()) == 1


def test_one_mail_names_all_that_was_announced(owner, settings):
    titles = ["Soon & silent", "Soon gone"]
    aged(owner, 28, title=titles[0])
    aged(owner, 88, title=titles[1], media="")
    aged(owner, 5, title="Not yet")
    rule(owner, sound=30, everything=90)
    retention.sweep(now=NOW)
    [entry] = queue.ProcrastinateJob.objects.filter(task_name=queue.MAIL_RETENTION)
    for _ in range(2):
        retention.sweep(now=NOW)
    assert queue.ProcrastinateJob.objects.filter(task_name=queue.MAIL_RETENTION).count() == 1
    moment = datetime.fromisoformat(entry.args["announced_at"])
    retention.mail_announcement(user_id=entry.args["user_id"], announced_at=moment)
    [message] = mail.outbox
    assert message.to == [owner.email]
    assert [title for title in (*titles, "Not yet") if title in message.body] == titles
    assert "/storage/" in message.body


def test_nobody_is_mailed_without_a_mail_server_or_when_it_was_averted(owner, settings):
    row = aged(owner, 28)
    rule(owner, sound=30)
    retention.sweep(now=NOW)
    Recording.objects.filter(pk=row.pk).update(is_exempt=True)
    retention.mail_announcement(user_id=owner.pk, announced_at=NOW)
    Recording.objects.filter(pk=row.pk).update(is_exempt=False)
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    retention.mail_announcement(user_id=owner.pk, announced_at=NOW)
    assert mail.outbox == []


def test_what_no_mail_told_of_is_announced_anew(owner):
    row = aged(owner, 88)
    rule(owner, everything=90)
    retention.sweep(now=NOW)
    [failed] = queue.ProcrastinateJob.objects.filter(task_name=queue.MAIL_RETENTION)
    leave_entry(failed.pk, status="failed", attempts=queue.MAIL_ATTEMPTS)
    again = NOW + 0.3 * DAY
    for _ in range(2):
        assert retention.sweep(now=again) == (0, 0)
    row.refresh_from_db()
    assert row.removal_announced_at == again
    entries = queue.ProcrastinateJob.objects.filter(task_name=queue.MAIL_RETENTION).exclude(pk=failed.pk)
    assert [entry.args for entry in entries] == [{"user_id": owner.pk, "announced_at": again.isoformat()}]
    assert retention.sweep(now=NOW + 3 * DAY) == (0, 0)
    assert retention.sweep(now=again + 3 * DAY) == (0, 1)


def test_announcement_whose_mail_comes_too_late_is_withdrawn(owner):
    """A server that was off for days, say. Where no mails are sent, none is late."""
    row = aged(owner, 88)
    rule(owner, everything=90)
    announced = NOW - 2 * retention.MAILED_WITHIN
    retention.sweep(now=announced)
    announcements = Recording.objects.filter(pk=row.pk).values_list("removal_announced_at", flat=True)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.console.EmailBackend"):
        retention.mail_announcement(user_id=owner.pk, announced_at=announced)
    assert announcements.get() == announced
    retention.mail_announcement(user_id=owner.pk, announced_at=announced)
    assert (mail.outbox, announcements.get()) == ([], None)
