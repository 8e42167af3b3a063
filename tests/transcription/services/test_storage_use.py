"""What recordings take."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.factories import make_recording, make_user
from transcription.models import CaptionedVideo, DataExport, Recording
from transcription.services import storage_use

pytestmark = pytest.mark.django_db


def test_use_is_split_by_what_takes_it(settings, django_assert_num_queries):
    settings.USER_QUOTA = 1000
    owner = make_user()
    make_recording(owner, size=400, playback_size=50)
    make_recording(owner, size=200, deleted_at=timezone.now())
    make_recording(size=7)
    CaptionedVideo.objects.create(recording=make_recording(owner, size=0), size=100)
    DataExport.objects.create(user=owner, size=30, state="ready")
    with django_assert_num_queries(2):
        use = storage_use.use_of(owner)
    assert (use.recordings, use.trash, use.captioned, use.playback) == (400, 200, 100, 50)
    assert (use.exports, use.quota) == (30, 1000)
    assert (use.counted, use.total, use.percent) == (700, 780, 70)
    assert Recording.objects.owned_by(owner).bytes_used() == use.counted


def test_without_a_quota_there_is_no_share():
    use = storage_use.use_of(make_user())
    assert (use.total, use.quota, use.percent) == (0, 0, 0)


def test_largest_come_first_copies_included():
    owner = make_user()
    small, large, empty = (make_recording(owner, title=t, size=s) for t, s in (("a", 10), ("b", 90), ("c", 0)))
    copied = make_recording(owner, size=20, playback_size=60)
    CaptionedVideo.objects.create(recording=copied, size=40)
    make_recording(size=10**6)
    rows = storage_use.largest_first(owner)
    assert [(row.pk, row.total) for row in rows] == [(copied.pk, 120), (large.pk, 90), (small.pk, 10)]
    assert empty not in rows
