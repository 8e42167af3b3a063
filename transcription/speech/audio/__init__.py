"""Media files in, samples out: FFmpeg in a sandbox."""

from transcription.speech.audio.decoding import Decoder, decode, probe
from transcription.speech.audio.media import MediaInfo
from transcription.speech.audio.peaks import Peaks
from transcription.speech.audio.sandbox import Limits

__all__ = ["Decoder", "Limits", "MediaInfo", "Peaks", "decode", "probe"]
