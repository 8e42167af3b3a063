"""Live recordings that nobody ended, and ends that got lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.sounds import tone
from tests.transcription.services.closing.speaking import as_pcm, speak
from transcription.models import Live
from transcription.services import closing, live, queue
from transcription.services.live import Connection

pytestmark = pytest.mark.django_db


def silent_for(connection: Connection, minutes: float, *, paused_hours: float | None = None) -> None:
    now = timezone.now()
    paused_at = None if paused_hours is None else now - timedelta(hours=paused_hours)
    Live.objects.filter(pk=connection.live_id).update(
        last_seen_at=now - timedelta(minutes=minutes), paused_at=paused_at
    )


@pytest.mark.parametrize(
    ("minutes", "paused_hours", "abandoned"),
    [(9, None, False), (11, None, True), (11, 1, False), (23 * 60, 23, False), (25 * 60, 25, True), (1, 25, False)],
)
def test_speakers_who_are_gone_are_noticed(minutes, paused_hours, abandoned):
    connection = speak(as_pcm(tone(1.0)))
    silent_for(connection, minutes, paused_hours=paused_hours)
    assert closing.sweep_abandoned(now=timezone.now()) == abandoned
    state = live.current_state(live_id=connection.live_id)
    expected = ("closing", connection.epoch + 1) if abandoned else ("live", connection.epoch)
    assert (state.state, state.epoch) == expected
    assert queue.closings(recording_id=connection.live_id) == (abandoned, 0)


def test_abandoned_minutes_are_a_setting(settings):
    settings.LIVE_ABANDONED_MINUTES = 0.5
    silent_for(speak(), 1)
    assert closing.sweep_abandoned(now=timezone.now()) == 1


def test_closings_that_got_lost_begin_again_later_and_later():
    connection = speak(as_pcm(tone(1.0)))
    live.begin_closing(connection=connection)
    entries = ProcrastinateJob.objects.filter(task_name=queue.CLOSE_LIVE)
    closing.resume_closings()
    assert entries.count() == 1
    delays = []
    for _ in range(8):
        entries.filter(status="todo").update(status="failed")
        before = timezone.now()
        closing.resume_closings()
        closing.resume_closings()
        delays.append(round((entries.get(status="todo").scheduled_at - before).total_seconds() / 60))
    assert delays == [1, 3, 7, 15, 31, 60, 60, 60]


def test_speaking_goes_on_while_the_sweep_runs():
    """The one that is being written to is locked: the sweep does not wait for it, nor close it."""
    connection = speak()
    silent_for(connection, 30)
    live.seen(connection=connection)
    assert closing.sweep_abandoned(now=timezone.now()) == 0
