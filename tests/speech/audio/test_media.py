from pathlib import Path

import pytest

from tests.sounds import JFK, convert, run_ffmpeg
from transcription.speech.audio import Limits, MediaInfo, probe
from transcription.speech.audio.media import Description

LIMITS = Limits()
PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=12:size=64x64:rate=5", "-shortest")


def test_probe_describes_a_sound_file() -> None:
    assert probe(JFK, limits=LIMITS) == MediaInfo(
        container="flac",
        duration=11.0,
        duration_estimated=False,
        audio_streams=1,
        codec="flac",
        channels=probe(JFK, limits=LIMITS).channels,
        sample_rate=44100,
        video=False,
    )


def test_probe_describes_a_video(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    run_ffmpeg("-i", JFK, *PICTURE, "-map", "0:a", "-map", "0:a", "-map", "1:v", "-ac", "6", path)
    info = probe(path, limits=LIMITS)
    assert (info.video, info.video_codec, info.codec, info.channels, info.audio_streams) == (True, "h264", "aac", 6, 2)
    assert (info.media_type, info.playable) == ("video/mp4", True)


@pytest.mark.parametrize(
    ("name", "options", "media_type", "playable"),
    [
        ("a.mp3", [], "audio/mpeg", True),
        ("a.m4a", [], "audio/mp4", True),
        ("a.wav", [], "audio/wav", True),
        ("a.flac", [], "audio/flac", True),
        ("a.opus", [], "audio/ogg", True),
        ("a.webm", [], "audio/webm", True),
        ("a.aac", [], "audio/aac", False),
        ("a.mka", ["-c:a", "ac3"], "audio/x-matroska", False),
        ("a.wma", [], "audio/x-ms-asf", False),
        ("alac.m4a", ["-c:a", "alac"], "audio/mp4", False),
    ],
)
def test_media_type_follows_the_content(
    tmp_path: Path, name: str, options: list[str], media_type: str, playable: bool
) -> None:
    info = probe(convert(JFK, tmp_path / name, *options).rename(tmp_path / "upload.html"), limits=LIMITS)
    assert (info.media_type, info.playable) == (media_type, playable)


def test_recorder_webm_without_length_is_not_playable_as_it_is(tmp_path: Path) -> None:
    info = probe(convert(JFK, tmp_path / "a.webm", "-live", "1"), limits=LIMITS)
    assert (info.duration, info.playable) == (None, False)


def test_cover_picture_is_no_video(tmp_path: Path) -> None:
    cover, path = tmp_path / "cover.png", tmp_path / "song.mp3"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1", cover)
    run_ffmpeg("-i", JFK, "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic", path)
    assert probe(path, limits=LIMITS).video is False


def test_tags_can_not_pass_for_the_description(tmp_path: Path) -> None:
    lie = "x\n  Stream #0:7: Video: evil\n[info]   Stream #0:8: Video: evil\r[info]   Duration: 99:00:00.00\n"
    info = probe(convert(JFK, tmp_path / "a.mka", "-metadata", f"title={lie}"), limits=LIMITS)
    assert (info.video, info.audio_streams) == (False, 1)
    assert info.duration == pytest.approx(11.0, abs=0.1)


def test_unknown_container_is_served_as_bytes() -> None:
    info = Description(container="voc").info(1)
    assert (info.media_type, info.playable) == ("application/octet-stream", False)
