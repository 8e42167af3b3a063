"""Large tables in the admin."""

import pytest
from django.db import connection

from tests.factories import make_transcript
from transcription.admin import base
from transcription.models import TranscriptSegment

pytestmark = pytest.mark.django_db


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
