"""Which sound a live transcriber gives to the engine, and with which words before it."""

from __future__ import annotations

from transcription.speech.earlier import EarlierText, SpokenLanguage
from transcription.speech.engines.base import SHORT_WINDOW
from transcription.speech.live_work import Utterance, Work
from transcription.speech.sound_buffer import SoundBuffer
from transcription.speech.types import DecodeOptions, TranscribeOptions, Word
from transcription.speech.vad import FRAME_SECONDS

MOST_CONTEXT = 8.0
"""Seconds of settled speech that a full reading hears again, at most."""
PARTIAL_CONTEXT = 4.0
"""As ``MOST_CONTEXT``, for partial readings: a shorter window is read sooner."""
PARTIAL_BEAM = 1


class Windows:
    """Cuts windows out of what was heard; changes nothing."""

    def __init__(
        self, sound: SoundBuffer, earlier: EarlierText, language: SpokenLanguage, options: TranscribeOptions
    ) -> None:
        self._sound, self._earlier, self._language, self._options = sound, earlier, language, options

    def cut(self, utterance: Utterance, end: int, *, is_final: bool, full: bool) -> Work:
        """The utterance up to the frame ``end``, to be read."""
        context = self._context(utterance.begin, end, MOST_CONTEXT if full else PARTIAL_CONTEXT)
        begin = self._sound.frame(context[0].start - 0.1) if context else utterance.begin
        cut = self._sound.cut(
            max(min(begin, utterance.begin), self._sound.first),
            end,
            utterance.speech,
            prompt=self._earlier.prompt(self._options.vocabulary, without=len(context)),
            prefix="".join(word.text for word in context),
        )
        beam = self._options.beam_size if full else PARTIAL_BEAM
        options = DecodeOptions(self._language.code, self._options.task, beam, word_times=full, quick=not full)
        detect = full and not self._language.is_sure
        return Work(is_final, cut, options, detect=detect, full=full, utterance=utterance, end=end)

    def _context(self, begin: int, end: int, most: float) -> list[Word]:
        """The settled words before ``begin`` that fit into the window, of ``most`` seconds."""
        room = min(SHORT_WINDOW - 0.2 - (end - begin) * FRAME_SECONDS, most)
        edge = self._sound.seconds(begin)
        since = max(edge - room, self._sound.seconds(self._sound.first) + 0.1)
        return self._earlier.context(before=edge, since=since)
