"""A captioner goes on where the settled text ends, whatever of the sound was durable by then."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.factories import make_live
from tests.speech.sounds import speech
from transcription import whisper_service
from transcription.services import chunks, live
from transcription.services.chunks import PendingChunk
from transcription.speaking.captioner import Captioner
from transcription.speech.types import Checkpoint

pytestmark = pytest.mark.django_db(transaction=True)
RATE = 16_000
SAID = (np.clip(speech(), -1, 1) * 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("durable", [2.0, 5.0, 8.0])
def test_settled_sound_is_not_read_again(owner, durable):
    """Text may be final before its sound is durable. After a crash the speaker sends that sound again."""
    spoken = make_live(owner)
    first = live.connect(live_id=spoken.pk, user=owner)
    chunks.append_chunks([PendingChunk(first, 0, SAID[: int(durable * 2 * RATE)])])
    live.save_final(connection=first, checkpoint=Checkpoint(5.0, (), "en", 1.0))
    connection = live.connect(live_id=spoken.pk, user=owner)
    told = []
    captioner = Captioner(connection, told.extend)
    captioner.catch_up()
    for begin in range(connection.received * 2, len(SAID), 3200):
        captioner.hear(SAID[begin : begin + 3200])
    captioner.finish()
    deadline = time.monotonic() + 20
    while not captioner.is_done and time.monotonic() < deadline:
        time.sleep(0.02)
    captioner.close()
    words = [
        word for each in told if isinstance(each, Checkpoint) for segment in each.segments for word in segment.words
    ]
    assert words
    assert all(word.text.strip() == f"w{int((word.start + word.end) / 2 // 0.5)}" for word in words[1:-1])
    assert words[0].start >= 4.5
    last = [each for each in told if isinstance(each, Checkpoint)][-1]
    assert last.position == pytest.approx(len(SAID) / 2 / RATE, abs=0.1)
    assert whisper_service.live_state().name == "ready"
