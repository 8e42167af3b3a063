"""What decoding and the playback copy share: the sound track's timeline, and why there is none."""

from __future__ import annotations

from transcription.speech.audio.media import Description
from transcription.speech.audio.sandbox import Sandbox
from transcription.speech.errors import DecoderFailed, EmptyMedia, MediaError, NoAudioTrack, SpeechError

FIRST_TRACK = "0:a:0"
LONGEST_GAP = 120


def timeline(sample_rate: int) -> str:
    """An FFmpeg filter that resamples and keeps the file's own timeline, so that a word is where the player seeks.

    Missing packets and a late start of the sound become silence (async=1). Sound is never dropped to catch up:
    timestamps that go back (recordings joined with ``cat``) or leap more than two minutes (the resampler would hold
    that silence in memory) are read as continuing. In the expression N counts samples so far, variable 0 is the silence
    inserted so far, 1 the sum of ignored leaps, and 2 how far this frame is off.
    """
    return (
        f"asetpts='st(2,PTS*TB*SR-N-ld(1)-ld(0));"
        f"if(gt(abs(ld(2)),{LONGEST_GAP}*SR),st(1,ld(1)+ld(2)),st(0,ld(0)+max(0,ld(2))));"
        f"(N+ld(0))/SR/TB',aresample={sample_rate}:async=1:first_pts=0"
    )


def failure(sandbox: Sandbox, status: int, description: Description) -> SpeechError:
    """Why an FFmpeg that has ended gave no sound."""
    detail = f"exit status {status}: {sandbox.log.tail()}"
    if sandbox.ran_out(status):
        return DecoderFailed(detail=detail)
    if description.container and not description.audio:
        return NoAudioTrack(detail=detail)
    if description.container and status == 0:
        return EmptyMedia(detail=detail)
    return MediaError(detail=detail)
