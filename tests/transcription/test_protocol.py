"""The live protocol: what is understood, and that its description shows what is sent."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription import protocol
from transcription.protocol import Configure, Finish, Frame, Plain, ProtocolError
from transcription.speech.types import Segment, Word

CONTRACTS = Path(__file__).parents[2] / "docs/contracts"
EXAMPLES = json.loads((CONTRACTS / "live-examples.json").read_text())
WORDS = (Word(0.22, 0.52, " And", 0.98), Word(0.52, 0.9, " so", 0.99))
SEGMENT = Segment(0, 0.22, 0.9, "And so", "en", WORDS)
RECORDING = UUID("501f4205-89d6-4d2a-b9b3-7154d540cacd")
SENT = {
    "ready": protocol.ready(received=160_000, captions="live", segments=[SEGMENT]),
    "ack": protocol.ack(176_000),
    "speech_started": protocol.speech("speech_started", 3.328),
    "speech_ended": protocol.speech("speech_ended", 4.352),
    "partial": protocol.partial(index=1, start=3.328, stable="Ask not", unstable=" what you"),
    "final": protocol.final(SEGMENT),
    "lag": protocol.lag(2.44),
    "finished": protocol.finished(recording=RECORDING, transcript=7),
    "pong": protocol.pong(),
    "error": protocol.error(code="gap", message="Sound is missing before this position.", retry=True, received=160_000),
}
UNDERSTOOD = {
    "configure": Configure("de"),
    "pause": Plain("pause"),
    "resume": Plain("resume"),
    "finish": Finish(176_000),
    "ping": Plain("ping"),
}


@pytest.mark.parametrize("kind", sorted(SENT))
def test_what_is_sent_looks_like_its_example(kind):
    assert json.loads(json.dumps(SENT[kind])) == EXAMPLES["server"][kind]


@pytest.mark.parametrize("kind", sorted(UNDERSTOOD))
def test_examples_are_understood(kind):
    assert protocol.parse_text(json.dumps(EXAMPLES["client"][kind])) == UNDERSTOOD[kind]


def test_every_message_has_an_example_and_a_description():
    assert set(EXAMPLES["server"]) == set(SENT)
    assert set(EXAMPLES["client"]) == set(UNDERSTOOD)
    described = (CONTRACTS / "live.md").read_text()
    for kind in [*SENT, *UNDERSTOOD]:
        assert f"`{kind}`" in described
    for close in protocol.Close:
        assert str(int(close)) in described


@given(st.integers(0, protocol.LARGEST_POSITION), st.binary(max_size=200))
def test_frames_carry_position_and_sound(position, payload):
    assert protocol.parse_frame(protocol.frame(position, payload)) == Frame(position, payload)


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(data):
    if len(data) >= 8 and int.from_bytes(data[:8], "little") <= protocol.LARGEST_POSITION:
        assert protocol.parse_frame(data).payload == data[8:]
        return
    with pytest.raises(ProtocolError) as refused:
        protocol.parse_frame(data)
    assert refused.value.close == 4400


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_no_text_does_harm(text):
    with pytest.raises(ProtocolError):
        protocol.parse_text(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "finish", "received": -1}',
        '{"type": "finish", "received": true}',
        '{"type": "finish", "received": "7"}',
        '{"type": "configure"}',
        '{"type": "configure", "language": 7}',
        '{"type": ["ping"]}',
        "[" * 100_000,
    ],
)
def test_wrong_values_are_refused(text):
    with pytest.raises(ProtocolError):
        protocol.parse_text(text)


def test_a_frame_that_is_too_big_is_refused():
    with pytest.raises(ProtocolError) as refused:
        protocol.parse_frame(protocol.frame(0, bytes(protocol.MAX_PAYLOAD + 1)))
    assert refused.value.close == 1009
