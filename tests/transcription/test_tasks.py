"""What the queue runs, as a thread of a worker runs it."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.utils import timezone
from psycopg import connect

from tests.factories import make_live, make_user
from transcription import tasks
from transcription.enums import RecordingState
from transcription.models import Live, Recording

pytestmark = pytest.mark.django_db(transaction=True)


def break_connection() -> None:
    """As a restarted server or a firewall does: the thread that holds it learns of it at the next query."""
    connection.ensure_connection()
    details = connection.get_connection_params()
    names = ("host", "port", "user", "dbname", "password")
    with connect(**{name: details[name] for name in names if name in details}, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


def test_task_in_a_thread_whose_connection_broke_works():
    break_connection()
    with pytest.raises(OperationalError):
        Recording.objects.exists()
    tasks.empty_trash(timestamp=0)
    assert connection.connection is None
    assert not Recording.objects.exists()


def test_expired_sessions_go():
    for days in (-1, 1):
        session = SessionStore()
        session.create()
        Session.objects.filter(pk=session.session_key).update(expire_date=timezone.now() + timedelta(days=days))
    tasks.clear_sessions(timestamp=0)
    assert Session.objects.filter(expire_date__gt=timezone.now()).count() == Session.objects.count() == 1


def test_worker_that_has_just_begun_lets_speakers_come_back(monkeypatch):
    spoken = make_live(make_user())
    Live.objects.update(last_seen_at=timezone.now() - timedelta(days=1))
    states = Recording.objects.filter(pk=spoken.pk).values_list("state", flat=True)
    for age, state in ((tasks.RETURN_SECONDS - 5, RecordingState.LIVE), (tasks.RETURN_SECONDS, RecordingState.CLOSING)):
        monkeypatch.setattr(tasks, "_began", time.monotonic() - age - 1)
        tasks.sweep_abandoned(timestamp=0)
        assert states.get() == state
