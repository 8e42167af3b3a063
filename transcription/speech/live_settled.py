"""Up to where a live transcriber's sound is settled, and the segments that are final."""

from __future__ import annotations

from collections.abc import Sequence

from transcription.speech.earlier import EarlierText, SpokenLanguage
from transcription.speech.guards import Reading, confidence
from transcription.speech.sound_buffer import SoundBuffer
from transcription.speech.types import Checkpoint, Segment, Word


class Settled:
    """What was settled is never read again: it only grows."""

    def __init__(
        self, sound: SoundBuffer, earlier: EarlierText, language: SpokenLanguage, *, task: str, first_index: int
    ) -> None:
        self._sound, self._earlier, self._language, self._task = sound, earlier, language, task
        self.frame = 0
        """Everything before it is final."""
        self.index = first_index
        """Of the segment that comes next."""

    @property
    def position(self) -> float:
        """As ``frame``, in seconds of the recording."""
        return self._sound.seconds(self.frame)

    def add(self, words: Sequence[Word], reading: Reading, end: int) -> Checkpoint:
        """The words are final, and nothing else was said before the frame ``end``."""
        self.frame = max(self.frame, end)
        segments: tuple[Segment, ...] = ()
        if words:
            language = "en" if self._task == "translate" else reading.hypothesis.language
            text = "".join(word.text for word in words).strip()
            start, stop, doubt = words[0].start, words[-1].end, reading.doubt
            segments = (Segment(self.index, start, stop, text, language, tuple(words), confidence(words), doubt),)
            self.index += 1
            self._earlier.add(words)
        return self._checkpoint(segments)

    def move_to(self, frame: int) -> Checkpoint:
        """Nothing was said before it."""
        self.frame = frame
        return self._checkpoint(())

    def _checkpoint(self, segments: tuple[Segment, ...]) -> Checkpoint:
        return Checkpoint(self.position, segments, self._language.code, self._language.probability)


def before_a_gap(words: Sequence[Word], until: float) -> Sequence[Word]:
    """The words before the widest gap in the last third of what ends before ``until``; all of them if there is none."""
    inside = [word for word in words if word.end <= until]
    if len(inside) == len(words) or not inside:
        return inside
    first = 2 * len(inside) // 3
    gaps = [(words[i + 1].start - words[i].end, i) for i in range(first, len(inside))]
    return words[: max(gaps)[1] + 1]
