"""The judges of the live measurements: what they accept, and that they see each kind of damage."""

import math

import numpy as np
import pytest
from django.conf import settings

from tests.speech.sounds import speech
from transcription.management.benchmarks import live_talk
from transcription.management.benchmarks.live_client import LiveClient
from transcription.management.benchmarks.live_figures import Figures
from transcription.management.benchmarks.live_kept import (
    audible_words,
    lost_and_doubled,
    lost_samples,
    spoken_words,
)
from transcription.management.benchmarks.live_requirements import Results, Trial, judge
from transcription.speech.metrics import ErrorCount
from transcription.speech.types import SAMPLE_RATE

GOOD = Figures(0.5, 1.2, 0.7, 3.0, 0.5, 0.6, 0.1)
WHOLE = {"whole file": {"a": ErrorCount(10, 100), "b": ErrorCount(10, 100)}}


def results(figures: Figures = GOOD, *, errors: int = 11, speakers: int = 1, cpu: float = 1.0, **more) -> dict:
    made = Results([figures], [cpu], ErrorCount(errors, 100), **more)
    return {Trial("scripta", stream, speakers): made for stream in ("a", "b")}


def missed(measured: dict, refusals: list[str] | None = None) -> list[str]:
    return [verdict.what for verdict in judge(measured, WHOLE, refusals or []) if not verdict.holds]


def test_good_figures_are_accepted():
    several = results(speakers=4) | results(speakers=6)
    assert missed(results() | several, ["1013 full"]) == []


@pytest.mark.parametrize(
    ("measured", "refusals", "expected"),
    [
        (results(Figures(0.7, 1.2, 0.7, 3.0, 0.5, 0.6, 0.1)), [], ["one speaker, shown p50 ≤ 0.6"]),
        (results(Figures(0.5, math.nan, 0.7, 3.0, 0.5, 0.6, 0.1)), [], ["one speaker, shown p95 ≤ 1.4"]),
        (results(Figures(0.5, 1.2, 0.7, 3.0, 0.9, 0.6, 0.1)), [], ["one speaker, flicker ≤ 0.8"]),
        (results(cpu=1.3), [], ["one speaker, CPU seconds a second ≤ 1.2"]),
        (results(errors=12), [], ["one speaker, WER to whole file ≤ 1.1 ×"]),
        (results() | results(errors=13, speakers=4), [], ["4 speakers, WER to one speaker's ≤ 1.1 ×"]),
        (results(), ["1013 full", "taken"], ["one speaker too many is refused"]),
        (results(problems=["2 connections"]), [], ["nobody was disturbed"]),
    ],
)
def test_missed_requirement_is_named(measured, refusals, expected):
    assert missed(measured, refusals) == expected


def test_peer_is_not_judged():
    peer = {Trial("peer", "a", 1): Results([Figures(*[9.0] * 7)], [9.0], ErrorCount(99, 100))}
    assert missed(results() | peer) == []


def test_lost_samples_are_those_missing_or_changed():
    sent = np.arange(10, dtype=np.int16)
    assert lost_samples(sent, np.arange(12, dtype=np.int16)) == 0
    assert lost_samples(sent, sent[:7]) == 3
    assert lost_samples(sent, np.concatenate([sent[:4], sent[5:]])) == 6


def test_words_count_as_spoken_where_speech_is_not_only_at_an_edge():
    said = np.pad(speech()[: 3 * SAMPLE_RATE], (2 * SAMPLE_RATE, SAMPLE_RATE))
    assert spoken_words(said) == {"w5", "w6", "w7"}
    assert audible_words(said) == {"w4", "w5", "w6", "w7", "w8", "w9"}


def test_lost_and_doubled_words_are_counted():
    assert lost_and_doubled(["w1", "w2", "w2", "w4"], ["w1", "w2", "w3", "w4"]) == (1, 1)


def speaker() -> LiveClient:
    client = LiveClient("http://localhost", "key")
    client.say(bytes(2 * 1000))
    return client


def tell(client: LiveClient, *messages: dict) -> list[str]:
    for message in messages:
        client._on_message(message)
    return client.heard.problems


def final(index: int, text: str) -> dict:
    return {"type": "final", "segment": {"index": index, "text": text, "start": 0.0, "end": 1.0}}


READY = {"type": "ready", "received": 0, "segments": []}


def test_client_shows_finals_and_the_open_text():
    client = speaker()
    partial = {"type": "partial", "index": 1, "start": 1.0, "stable": "and so", "unstable": " my"}
    assert tell(client, READY, final(0, "Hello."), partial) == []
    assert [text for _, text in client.heard.screens] == ["Hello. ", "Hello. and so my"]


def test_client_notices_sound_that_was_acknowledged_and_is_gone():
    messages = [READY, {"type": "ack", "received": 800}, READY | {"received": 600}]
    assert tell(speaker(), *messages) == ["200 acknowledged samples are gone after a reconnect"]


def test_client_notices_acks_that_cannot_be():
    problems = tell(speaker(), READY, {"type": "ack", "received": 1001}, {"type": "ack", "received": 900})
    assert problems == ["1 samples were acknowledged that nobody sent", "an ack went back from 1001 to 900"]


def test_client_notices_finals_that_come_twice_change_or_are_missing():
    problems = tell(speaker(), READY, final(0, "a"), final(0, "a"), final(0, "b"), final(2, "c"))
    assert problems == [
        "final segment 0 came twice",
        "final segment 0 was changed",
        "final segment 2 came after 1 segments",
    ]


def test_client_goes_back_to_where_a_gap_is():
    client = speaker()
    client._sent = 900
    tell(client, {"type": "error", "code": "gap", "message": "There is a gap.", "retry": True, "received": 300})
    assert client._sent == 300


def test_short_talk_is_flat_and_complete():
    sources = sorted(settings.BASE_DIR.glob("tests/data/*.flac"))
    simulation = live_talk.Simulation(live_talk.unbroken_speech(sources))
    parts = [simulation.part(60.0) for _ in range(10)]
    simulation.end()
    for each in parts:
        each.feeds = [1.0]  # times are for the measurement: here others may use the machine
    assert list(live_talk.growth(parts[1:])) == []
    assert list(simulation.lost_or_doubled()) == []
    assert len(simulation.words) == 1200


def part(**changes) -> live_talk.Part:
    return live_talk.Part(**({"feeds": [1.0], "windows": [12.0], "seconds": 60.0, "rss": 100} | changes))


def test_growth_is_seen():
    assert list(live_talk.growth([part(), part()])) == []
    grown = part(feeds=[1.5], windows=[12.0, 14.0], rss=30_000_100)
    assert list(live_talk.growth([part(), grown])) == [
        "calls a minute: 1.000 in the first part, 2.000 in the last",
        "window seconds a second: 0.200 in the first part, 0.433 in the last",
        "seconds a block: 1.000 in the first part, 1.500 in the last",
        "a window of 14.0 s",
        "the process grew by 30 MB",
    ]


def test_lost_and_doubled_words_of_a_talk_are_seen():
    simulation = live_talk.Simulation(np.zeros(16_000, dtype=np.float32))
    simulation._heard = 2 * 16_000
    simulation.words = ["w0", "w2", "w2", "w1"]
    assert list(simulation.lost_or_doubled()) == [
        "1 words were doubled",
        "1 words were lost: [3]",
        "words are out of order",
    ]
