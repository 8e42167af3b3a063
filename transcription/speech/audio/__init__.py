"""Media files in, samples out: FFmpeg in a sandbox."""

from transcription.speech.audio.burning import PLAIN, VIDEO_TYPE, Overlay, burn_captions, picture_size
from transcription.speech.audio.decoding import Decoder, decode, probe
from transcription.speech.audio.joining import join_container, join_pcm
from transcription.speech.audio.media import MediaInfo
from transcription.speech.audio.pcm import bytes_per_sample
from transcription.speech.audio.peaks import Peaks
from transcription.speech.audio.playback import PLAYBACK_TYPE, encode_playback
from transcription.speech.audio.sandbox import Limits, ffmpeg_program
from transcription.speech.audio.stream import StreamDecoder, open_stream

__all__ = [
    "PLAIN",
    "PLAYBACK_TYPE",
    "VIDEO_TYPE",
    "Decoder",
    "Limits",
    "MediaInfo",
    "Overlay",
    "Peaks",
    "StreamDecoder",
    "burn_captions",
    "bytes_per_sample",
    "decode",
    "encode_playback",
    "ffmpeg_program",
    "join_container",
    "join_pcm",
    "open_stream",
    "picture_size",
    "probe",
]
