"""Speaking live into a real web process: stored before acknowledged, kept before sent, and nothing harms the others."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed

from accounts.models import Scope
from accounts.services import keys
from tests.factories import make_live, make_user
from tests.speech.sounds import speech
from tests.transcription.consumers.speaker import Speaker
from tests.web import Web
from transcription.enums import RecordingState
from transcription.models import Live, TranscriptSegment
from transcription.services import closing
from transcription.services.stored_sound import read_sound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

RATE = 16_000
SAID = (np.clip(speech(), -1, 1) * 32767).astype("<i2").tobytes()


@pytest.fixture(scope="module")
def speaking(django_db_setup, tmp_path_factory) -> Iterator[Web]:
    path = tmp_path_factory.mktemp("speaking") / "log"
    with Web(path, SCRIPTA_ENGINE="scripted", SCRIPTA_LIVE_SPEAKERS="4") as running:
        yield running
    assert "Traceback" not in path.read_text(), path.read_text()


@pytest.fixture
def cookie(owner) -> str:
    client = Client()
    client.force_login(owner)
    return client.cookies["sessionid"].value


@pytest.fixture
def speak(speaking, cookie) -> Iterator:
    opened = []

    def start(live: Live, *, cookie: str = cookie, **options) -> Speaker:
        opened.append(Speaker(speaking.port, live.pk, cookie=cookie, **options))
        return opened[-1]

    yield start
    for speaker in opened:
        speaker.socket.close()


def stored(live: Live) -> bytes:
    return b"".join(read_sound(live_id=live.pk))


def rows(live: Live) -> dict[int, str]:
    return dict(TranscriptSegment.objects.filter(transcript=live.transcript).values_list("index", "text"))


def test_from_the_first_word_to_the_finished_recording(speak, owner):
    live = make_live(owner)
    speaker = speak(live)
    assert speaker.next() == {"type": "ready", "received": 0, "captions": "live", "segments": []}
    end = speaker.say(SAID)
    speaker.until_received(end)
    assert stored(live) == SAID
    speaker.tell(type="finish", received=end)
    assert speaker.until("finished")["recording"] == str(live.pk)
    assert speaker.closed_with() == 1000
    assert speaker.finals == rows(live) != {}
    kinds = [message["type"] for message in speaker.heard]
    assert {"speech_started", "partial", "speech_ended", "final"} <= set(kinds)
    closing.close_live(recording_id=live.pk)
    live.recording.refresh_from_db()
    assert live.recording.state == RecordingState.READY
    assert live.recording.duration == pytest.approx(len(SAID) / 2 / RATE, abs=0.01)
    live.transcript.refresh_from_db()
    assert live.transcript.is_complete
    again = speak(live)
    assert [again.next()["type"], again.next()["type"], again.closed_with()] == ["ready", "finished", 1000]
    assert again.finals == speaker.finals


def test_nothing_is_lost_or_doubled_when_the_process_is_killed(django_db_setup, tmp_path, owner, cookie):
    live = make_live(owner)
    web = Web(tmp_path / "log", SCRIPTA_ENGINE="scripted").start()
    try:
        first = Speaker(web.port, live.pk, cookie=cookie)
        half = len(SAID) // 4 * 2
        first.say(SAID[:half])
        while not {"ack", "final"} <= {message["type"] for message in first.heard}:
            first.next()
        acknowledged = max(message["received"] for message in first.heard if message["type"] == "ack")
        web.kill()
        web.start()
        held = max(first.finals, default=-1)
        second = Speaker(web.port, live.pk, cookie=cookie, query=f"after={held}")
        received = second.next()["received"]
        assert received >= acknowledged
        end = second.say(SAID[received * 2 :], received)
        second.tell(type="finish", received=end)
        second.until("finished", timeout=60)
    finally:
        web.process.terminate()
        web.process.wait(15)
    assert stored(live) == SAID
    assert first.finals | second.finals == rows(live)
    words = " ".join(text for _, text in sorted(rows(live).items())).split()
    assert len(words) == len(set(words)) >= 10


def test_a_second_finish_and_sound_after_it_change_nothing(speak, owner):
    live = make_live(owner, sample_rate=24_000)
    speaker = speak(live)
    end = speaker.say(SAID)
    speaker.tell(type="finish", received=end)
    speaker.say(SAID[:6400], end)
    for _ in range(5):
        speaker.tell(type="finish")
    speaker.until("finished")
    assert speaker.closed_with() == 1000
    assert stored(live) == SAID
    live.transcript.refresh_from_db()
    assert live.transcript.is_complete


@pytest.mark.parametrize("sound", [b"", b"\x1a\x45\xdf\xa3"])
def test_a_container_without_sound_ends_as_well(speak, owner, sound):
    live = make_live(owner, encoding="webm")
    speaker = speak(live)
    end = speaker.say(sound, width=1)
    speaker.tell(type="finish", received=end)
    speaker.until("finished", timeout=60)
    assert speaker.closed_with() == 1000
    live.recording.refresh_from_db()
    assert live.recording.state == RecordingState.CLOSING


def test_who_comes_back_to_a_full_server_finds_the_own_place(speak, owner):
    """The connection before may not have noticed yet that it is dead."""
    lives = [make_live(owner) for _ in range(4)]
    speakers = [speak(live) for live in lives]
    assert [speaker.next()["captions"] for speaker in speakers] == ["live"] * 4
    again = speak(lives[0])
    assert (again.next()["captions"], speakers[0].closed_with()) == ("live", 4409)
    refused = speak(make_live(owner))
    assert (refused.until("error")["code"], refused.closed_with()) == ("full", 1013)


def test_a_gap_is_told_and_the_connection_stays(speak, owner):
    live = make_live(owner)
    speaker = speak(live)
    end = speaker.say(SAID[:RATE])
    speaker.say(SAID[:3200], end + 5000)
    error = speaker.until("error")
    assert (error["code"], error["received"], error["retry"]) == ("gap", end, True)
    speaker.say(SAID[: RATE + 6400])  # what is there already is ignored
    speaker.until_received(end + 3200)
    assert stored(live) == SAID[: RATE + 6400]


def test_another_connection_takes_over(speak, owner):
    live = make_live(owner)
    first = speak(live)
    end = first.say(SAID[:RATE])
    first.until_received(end)
    second = speak(live)
    assert second.next()["received"] == end
    with suppress(ConnectionClosed):  # it may have been told already
        first.say(SAID[RATE : 2 * RATE], end)
    assert first.until("error")["code"] == "taken_over"
    assert first.closed_with() == 4409
    second.say(SAID[RATE : 2 * RATE], end)
    second.until_received(RATE)
    assert stored(live) == SAID[: 2 * RATE]


def test_who_comes_back_takes_nothing_from_whoever_went_on(speak, owner):
    live = make_live(owner)
    speaker = speak(live)
    end = speaker.say(SAID[:RATE])
    speaker.until_received(end)
    late = speak(live, query=f"sent={end - 1}")
    assert (late.next()["code"], late.closed_with()) == ("taken_over", 4409)
    speaker.say(SAID[RATE : 2 * RATE], end)
    speaker.until_received(RATE)
    assert speak(live, query=f"sent={RATE}").next()["type"] == "ready"


def test_a_flood_is_ended(speak, owner):
    speaker = speak(make_live(owner))
    speaker.say(bytes(2 * RATE * 40), size=60_000)
    assert speaker.until("error")["code"] == "too_fast"
    assert speaker.closed_with() == 4408


def test_who_may_not_speak_is_told_why(speaking, speak, owner):
    live = make_live(owner)
    stranger = Client()
    stranger.force_login(make_user())
    refused = [
        (Speaker(speaking.port, live.pk), 4401),
        (speak(live, cookie=stranger.cookies["sessionid"].value), 4404),
        (speak(Live(pk="00000000-0000-4000-8000-000000000000")), 4404),
    ]
    _, key = keys.create_key(user=owner, name="reader", scopes=[Scope.READ])
    refused.append((Speaker(speaking.port, live.pk, additional_headers={"Authorization": f"Bearer {key}"}), 4403))
    for speaker, code in refused:
        assert speaker.next()["type"] == "error"
        assert speaker.closed_with() == code


def test_a_key_may_speak(speaking, owner):
    _, key = keys.create_key(user=owner, name="speaker", scopes=[Scope.LIVE])
    speaker = Speaker(speaking.port, make_live(owner).pk, additional_headers={"Authorization": f"Bearer {key}"})
    assert speaker.next()["type"] == "ready"
    speaker.tell(type="ping")
    assert speaker.until("pong")
    speaker.socket.close()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("not json", 4400),
        ('{"type": "dance"}', 4400),
        (b"short", 4400),
        (struct.pack("<Q", 0) + b"odd", 4400),
        (struct.pack("<Q", 2**63) + b"ab", 4400),
        (bytes(10 * 2**20), 1009),
    ],
)
def test_bad_messages_end_one_connection_and_harm_no_other(speak, owner, bad, code):
    other_live = make_live(owner)
    other = speak(other_live)
    end = other.say(SAID[:RATE])
    speaker = speak(make_live(owner))
    speaker.next()
    try:
        speaker.socket.send(bad)
    except Exception:  # the server hangs up while the ten megabytes are being sent
        assert code == 1009
    assert speaker.closed_with() in {code, 1006} if code == 1009 else speaker.closed_with() == code
    other.say(SAID[RATE : 2 * RATE], end)
    other.until_received(RATE)
    assert stored(other_live) == SAID[: 2 * RATE]


def test_a_container_that_makes_no_sense_is_told(speak, owner):
    live = make_live(owner, encoding="webm")
    speaker = speak(live)
    with suppress(ConnectionClosed):  # it may be told before all is said
        speaker.say(np.random.default_rng(3).bytes(400_000), width=1, size=40_000)
    assert speaker.until("error")["message"]
    assert speaker.closed_with() == 4400


def test_beyond_capacity_one_is_refused_and_one_recorded(speak, owner):
    places = [speak(make_live(owner)) for _ in range(4)]
    assert [speaker.next()["captions"] for speaker in places] == ["live"] * 4
    refused = speak(make_live(owner))
    assert refused.next()["code"] == "full"
    assert refused.closed_with() == 1013
    live = make_live(owner, overflow="record")
    recorded = speak(live)
    assert recorded.next()["captions"] == "later"
    end = recorded.say(SAID[:RATE])
    recorded.tell(type="finish", received=end)
    assert recorded.until("finished")
    assert stored(live) == SAID[:RATE]
    for speaker in places:
        speaker.say(SAID[:RATE])
        speaker.until_received(RATE // 2)


def test_language_that_the_model_does_not_know_costs_nobody_a_place(speak, owner):
    for _ in range(6):
        refused = speak(make_live(owner, language="ja"))
        assert refused.until("error")["code"] == "language_unsupported"
        assert refused.closed_with() == 4400
    places = [speak(make_live(owner)) for _ in range(4)]
    assert [speaker.next()["captions"] for speaker in places] == ["live"] * 4
    places[0].tell(type="configure", language="ja")
    assert places[0].until("error")["code"] == "language_unsupported"
    places[0].tell(type="ping")
    assert places[0].until("pong")


def test_pause_waits_for_what_was_said_before_it(speak, owner):
    live = make_live(owner)
    speaker = speak(live)
    speaker.next()
    speaker.say(SAID[: 2 * RATE * 2])
    speaker.tell(type="pause")
    assert speaker.until("speech_ended")["at"] > 1.5
    speaker.until("final")


def test_pause_settles_and_going_on_continues(speak, owner):
    live = make_live(owner)
    speaker = speak(live)
    end = speaker.say(SAID[: 3 * RATE])
    speaker.until_received(end)
    speaker.tell(type="pause")
    assert speaker.until("final")
    deadline = time.monotonic() + 5
    while not Live.objects.get(pk=live.pk).paused_at and time.monotonic() < deadline:
        time.sleep(0.05)
    assert Live.objects.get(pk=live.pk).paused_at
    speaker.tell(type="resume")
    end = speaker.say(SAID[3 * RATE : 6 * RATE], end)
    speaker.until_received(end)
    assert Live.objects.get(pk=live.pk).paused_at is None


def test_finishing_before_all_has_come_names_what_is_missing(speak, owner):
    speaker = speak(make_live(owner))
    end = speaker.say(SAID[:RATE])
    speaker.tell(type="finish", received=end + 1000)
    error = speaker.until("error")
    assert (error["code"], error["received"]) == ("gap", end)


def test_ended_elsewhere(speak, owner):
    live = make_live(owner)
    speaker = speak(live)
    end = speaker.say(SAID[:RATE])
    speaker.until_received(end)
    from transcription.services import live as services  # noqa: PLC0415  (its name is the recording's above)

    services.begin_closing(live_id=live.pk, user=owner)
    speaker.say(SAID[RATE : 2 * RATE], end)
    assert speaker.until("finished")
    assert speaker.closed_with() == 1000
