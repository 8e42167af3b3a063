"""Positions without gaps, and nobody faster than speech."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription.protocol import Close, Frame, ProtocolError
from transcription.services.live import Connection
from transcription.speaking.inflow import MOST_AHEAD, Gap, Inflow

RATE = 16_000


def connection(*, received: int = 0, encoding: str = "pcm_s16le") -> Connection:
    return Connection(
        live_id=uuid4(),
        epoch=1,
        transcript_id=1,
        encoding=encoding,
        sample_rate=RATE,
        received=received,
        captions="live",
        overflow="refuse",
        start=0.0,
        first_index=0,
        context="",
        language="",
        detected="",
        task="transcribe",
        vocabulary=(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        paused=False,
        state="live",
    )


def inflow(*, age: float = 0.0, **fields) -> Inflow:
    return Inflow(connection(**fields), now=1000.0, age=age)


def replay(place: Inflow, seconds: int, *, begin: float, every: float) -> None:
    """Send what was recorded, second by second, each after the one before was acknowledged."""
    for number in range(seconds):
        place.accept(Frame(place.end, bytes(2 * RATE)), begin + number * every)
        place.received = place.end


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(1, 60)), max_size=30))
def test_whatever_comes_twice_counts_once(frames):
    sound, place, taken = bytes(range(256)) * 2, inflow(), b""
    for position, length in frames:
        frame = Frame(position, sound[2 * position : 2 * (position + length)])
        if position > place.end:
            with pytest.raises(Gap):
                place.accept(frame, 1000.0)
        else:
            place.accept(frame, 1000.0)
        if length % 3 == 0:
            start, data = place.take()
            assert start * 2 == len(taken)
            taken += data
    taken += place.take()[1]
    assert taken == sound[: 2 * place.end]


def test_half_a_sample_is_refused():
    with pytest.raises(ProtocolError):
        inflow().accept(Frame(0, b"odd"), 1000.0)


def test_more_than_half_a_minute_ahead_of_the_clock_is_a_flood():
    place = inflow()
    second = bytes(2 * RATE)
    for number in range(int(MOST_AHEAD)):
        place.accept(Frame(number * RATE, second), 1000.0)
        place.received = place.end
    with pytest.raises(ProtocolError) as refused:
        place.accept(Frame(place.end, second), 1000.0)
    assert refused.value.close == Close.TOO_FAST
    place.accept(Frame(place.end, second), 1001.0)


def test_more_than_half_a_minute_unacknowledged_is_a_flood():
    place = inflow()
    for number in range(int(MOST_AHEAD)):
        place.accept(Frame(number * RATE, bytes(2 * RATE)), 1000.0 + number)
    with pytest.raises(ProtocolError):
        place.accept(Frame(place.end, bytes(2 * RATE)), 2000.0)


def test_who_comes_back_late_may_send_what_was_kept():
    place = inflow(received=10 * RATE, age=600.0)
    for number in range(10, 39):
        place.accept(Frame(number * RATE, bytes(2 * RATE)), 1000.0)
    assert place.end == 39 * RATE


def test_what_was_recorded_before_the_first_contact_may_be_replayed():
    """Ten minutes without a server: the whole of it comes within a minute, paced by the acknowledgements."""
    place = inflow(age=600.0)
    replay(place, 600, begin=1000.0, every=0.1)
    assert place.end == 600 * RATE


def test_replay_that_does_not_wait_for_acknowledgements_is_a_flood():
    place = inflow(age=600.0)
    for number in range(30):
        place.accept(Frame(number * RATE, bytes(2 * RATE)), 1000.0 + number)
    with pytest.raises(ProtocolError) as refused:
        place.accept(Frame(place.end, bytes(2 * RATE)), 1030.0)
    assert refused.value.close == Close.TOO_FAST


def test_an_hour_in_a_minute_is_a_flood_however_patient():
    """More than can have been spoken since the recording was made."""
    place = inflow(age=5.0)
    with pytest.raises(ProtocolError) as refused:
        replay(place, 3600, begin=1000.0, every=60 / 3600)
    assert refused.value.close == Close.TOO_FAST
    assert place.end < 40 * RATE


def test_clock_that_was_set_back_stops_nobody():
    place = inflow(received=3600 * RATE, age=-7200.0)
    assert place.accept(Frame(3600 * RATE, bytes(2 * RATE)), 1001.0)
    with pytest.raises(ProtocolError) as refused:
        place.accept(Frame(3601 * RATE, bytes(2 * RATE * 31)), 1001.0)
    assert refused.value.close == Close.TOO_FAST


def test_containers_count_bytes():
    place = inflow(encoding="webm")
    assert place.accept(Frame(0, b"odd"), 1000.0) == b"odd"
    assert place.take() == (0, b"odd")
