"""Sound that comes at the same moment for several speakers, or for one twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database

from tests.factories import make_user
from tests.transcription.spoken_sound import append, pcm, sound, speak
from transcription.errors import (
    PositionMismatch,
    StaleEpoch,
)
from transcription.models import Live, LiveChunk, Recording
from transcription.services import chunks, live
from transcription.services.chunks import PendingChunk
from transcription.services.live import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.django_db(transaction=True)
def test_tabs_that_race_never_interleave():
    """Three connections take over from each other all the time, and each believes to be the only one."""
    owner = make_user()
    connection = speak(owner)
    start = threading.Barrier(3)

    def race(number: int) -> None:
        try:
            start.wait()
            for _ in range(8):
                mine = live.connect(live_id=connection.live_id, user=owner)
                position = mine.received
                for _ in range(3):
                    result = append(mine, position, pcm(10, value=number))
                    if result.error is not None:
                        assert isinstance(result.error, StaleEpoch)
                        break
                    position += 10
                    assert result.received == position
        finally:
            database.close()

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(race, number) for number in (1, 2, 3)]:
            future.result()
    stored = Live.objects.get()
    rows = list(LiveChunk.objects.order_by("position").values_list("position", flat=True))
    assert rows == list(range(0, stored.received, 10))
    assert len(sound(connection.live_id)) == stored.received * 2 == Recording.objects.get().size


@pytest.mark.django_db(transaction=True)
def test_batches_of_the_same_speakers_in_other_orders_do_not_block_each_other():
    speakers = [speak() for _ in range(6)]
    start = threading.Barrier(2)

    def race(order: list[Connection]) -> int:
        kept = 0
        try:
            start.wait()
            for position in range(0, 300, 10):
                results = chunks.append_chunks([PendingChunk(one, position, pcm(10)) for one in order])
                assert {type(result.error) for result in results} <= {type(None), PositionMismatch}
                kept += 1
        finally:
            database.close()
        return kept

    with ThreadPoolExecutor(2) as pool:
        assert [f.result() for f in [pool.submit(race, speakers), pool.submit(race, speakers[::-1])]] == [30, 30]
    for one in speakers:
        assert len(sound(one.live_id)) == Live.objects.get(pk=one.live_id).received * 2


@pytest.mark.django_db(transaction=True)
def test_closing_and_appending_race_for_the_same_recording():
    """Whatever the end has seen stays so: no chunk comes after it."""
    for _ in range(10):
        owner = make_user()
        connection = speak(owner)
        start = threading.Barrier(2)

        def end(connection: Connection = connection, start: Any = start) -> int:
            try:
                start.wait()
                live.begin_closing(connection=connection, complete=False)
                return Live.objects.get(pk=connection.live_id).received
            finally:
                database.close()

        def go_on(connection: Connection = connection, start: Any = start) -> int:
            try:
                start.wait()
                position = 0
                while append(connection, position, pcm(10)).error is None:
                    position += 10
                return position
            finally:
                database.close()

        with ThreadPoolExecutor(2) as pool:
            ended, spoken = pool.submit(end), pool.submit(go_on)
            assert ended.result() == spoken.result() == Live.objects.get(pk=connection.live_id).received
