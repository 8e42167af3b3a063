"""The part of a recording's page that shows proposals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import make_media, make_recording, make_transcript, share
from transcription.models import Proposal, Transcript

pytestmark = pytest.mark.django_db


@pytest.fixture
def transcript(owner, settings: Any, tmp_path: Path) -> Transcript:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_transcript(make_media(owner, folder=tmp_path), segments=6)


def propose(transcript: Transcript, index: int, **fields: Any) -> Proposal:
    fields = {"state": "ready", "model": "base", "words": [[index * 4, index * 4 + 3, " <b>Other</b>", 0.9]]} | fields
    return Proposal.objects.create(transcript=transcript, start=index * 4, end=index * 4 + 3.5, **fields)


def shown(client: Any, transcript: Transcript) -> str:
    return client.get(reverse("proposals", args=[transcript.recording_id])).content.decode()


def test_differences_are_shown_and_text_is_only_text(client_of_owner, transcript):
    made = propose(transcript, 1)
    page = shown(client_of_owner, transcript)
    assert "&lt;b&gt;Other&lt;/b&gt;</ins>" in page
    assert "word1.0 word1.1 word1.2 word1.3 word1.4</del>" in page
    assert (f'id="proposal-{made.pk}"' in page, "<b>Other" in page) == (True, False)


def test_nothing_is_shown_of_what_was_accepted_or_of_another_version(client_of_owner, transcript):
    propose(transcript, 1, state="accepted")
    propose(make_transcript(transcript.recording, version=2, is_complete=False), 1)
    assert "data-proposal=" not in shown(client_of_owner, transcript)


def test_reader_is_offered_no_action(client, transcript):
    propose(transcript, 1)
    client.force_login(share(transcript.recording), backend="django.contrib.auth.backends.ModelBackend")
    page = shown(client, transcript)
    assert ("</ins>" in page, "data-proposal-do" in page) == (True, False)


def test_number_of_queries_does_not_grow(client_of_owner, transcript):
    def cost() -> int:
        with CaptureQueriesContext(connection) as made:
            shown(client_of_owner, transcript)
        return len(made)

    propose(transcript, 0)
    once = cost()
    for index in (2, 4):
        propose(transcript, index)
    assert cost() == once


def test_page_asks_only_where_there_is_sound(client_of_owner, owner, transcript):
    silent = make_transcript(make_recording(owner))
    pages = [
        client_of_owner.get(reverse("recording", args=[each.recording_id])).content.decode()
        for each in (transcript, silent)
    ]
    assert [('id="again-dialog"' in page, 'data-do="again"' in page) for page in pages] == [
        (True, True),
        (False, False),
    ]


def test_doubtful_passages_can_be_asked_for_there(client_of_owner, transcript):
    transcript.segments.filter(index=2).update(doubt="loop")
    page = client_of_owner.get(reverse("doubtful", args=[transcript.recording_id])).content.decode()
    assert 'data-again="2"' in page
