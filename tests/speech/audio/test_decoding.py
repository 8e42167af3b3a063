import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import JFK, Sound, convert, padded_speech, run_ffmpeg, silence, speech, tone, write_sound
from transcription.speech.audio import Limits, decode, probe
from transcription.speech.errors import EmptyMedia, MediaError, MediaTooLong, NoAudioTrack
from transcription.speech.types import SAMPLE_RATE

LIMITS = Limits()
PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=12:size=64x64:rate=25", "-shortest")

FORMATS = [
    ("pcm.wav", "-c:a", "pcm_s16le"),
    ("u8.wav", "-c:a", "pcm_u8", "-ar", "8000"),
    ("s24.wav", "-c:a", "pcm_s24le", "-ar", "48000"),
    ("f32.wav", "-c:a", "pcm_f32le", "-ar", "96000"),
    ("alaw.wav", "-c:a", "pcm_alaw", "-ar", "8000"),
    ("mulaw.au", "-c:a", "pcm_mulaw", "-ar", "8000"),
    ("adpcm.wav", "-c:a", "adpcm_ima_wav"),
    ("g722.wav", "-c:a", "g722", "-ar", "16000", "-ac", "1"),
    ("pcm.w64",),
    ("pcm.aiff",),
    ("pcm.caf",),
    ("alac.m4a", "-c:a", "alac"),
    ("aac.m4a", "-c:a", "aac"),
    ("fragmented.mp4", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"),
    ("aac.aac", "-c:a", "aac"),
    ("mp3.mp3", "-c:a", "libmp3lame"),
    ("mp2.mp2", "-c:a", "mp2"),
    ("amr.amr", "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1"),
    ("flac.flac",),
    ("opus.opus", "-c:a", "libopus"),
    ("opus.webm", "-c:a", "libopus"),
    ("vorbis.ogg", "-c:a", "libvorbis"),
    ("flac.ogg", "-c:a", "flac"),
    ("speech.mka", "-c:a", "libvorbis"),
    ("ac3.ac3",),
    ("eac3.eac3",),
    ("surround.ac3", "-ac", "6"),
    ("wma.wma", "-c:a", "wmav2"),
    ("sound.flv", "-c:a", "libmp3lame", "-ar", "44100"),
    ("sound.ts", "-c:a", "aac"),
    ("wavpack.wv",),
]


def decoded(path: Path) -> Sound:
    return np.concatenate(list(decode(path, limits=LIMITS)))


def similarity(one: Sound, other: Sound) -> float:
    """Cosine of the envelopes (100 ms), which survive every codec and the delay of some encoders (up to 46 ms)."""
    length = min(len(one), len(other)) // 1600 * 1600
    a, b = (np.abs(x[:length]).reshape(-1, 1600).mean(axis=1) for x in (one, other))
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@pytest.mark.parametrize(("name", "options"), [(name, options) for name, *options in FORMATS])
def test_decode_reads_format(tmp_path: Path, name: str, options: list[str]) -> None:
    path = convert(JFK, tmp_path / name, *options)
    decoder = decode(path, limits=LIMITS)
    sound = np.concatenate(list(decoder))
    assert sound.dtype == np.float32
    assert len(sound) / SAMPLE_RATE == pytest.approx(11.0, abs=0.15)
    assert decoder.position == len(sound) / SAMPLE_RATE
    assert not decoder.truncated
    assert similarity(sound, speech()) > 0.9


@pytest.mark.parametrize("name", ["film.mp4", "film.mov", "film.mkv", "film.avi", "film.webm", "film.wmv", "film.mpg"])
def test_decode_reads_video(tmp_path: Path, name: str) -> None:
    run_ffmpeg("-i", JFK, *PICTURE, tmp_path / name)
    sound = decoded(tmp_path / name)
    assert len(sound) / SAMPLE_RATE == pytest.approx(11.0, abs=0.15)
    assert similarity(sound, speech()) > 0.9


@pytest.mark.parametrize("name", ["a.flac", "a.mp3", "a.webm", "a.m4a", "stereo.wav"])
def test_decode_from_start_is_sample_exact(tmp_path: Path, name: str) -> None:
    path = convert(JFK, tmp_path / name, "-ac", "2")
    start = 3.37
    rest = np.concatenate(list(decode(path, limits=LIMITS, start=start)))
    np.testing.assert_array_equal(rest, decoded(path)[round(start * SAMPLE_RATE) :])


def test_decode_from_beyond_the_end_is_empty() -> None:
    decoder = decode(JFK, limits=LIMITS, start=60.0)
    assert list(decoder) == []
    assert decoder.position == pytest.approx(11.0)


def test_decode_gives_blocks_of_the_size_asked_for() -> None:
    sizes = [len(block) for block in decode(JFK, limits=LIMITS, block_seconds=2.0)]
    assert sizes == [2 * SAMPLE_RATE] * 5 + [SAMPLE_RATE]


def test_observer_hears_what_start_skips() -> None:
    heard: list[Sound] = []
    list(decode(JFK, limits=LIMITS, start=5.0, observe=heard.append))
    np.testing.assert_array_equal(np.concatenate(heard), speech())


def test_decode_fills_gaps_and_a_late_start(tmp_path: Path) -> None:
    late, gap = tmp_path / "late.mkv", tmp_path / "gap.mkv"
    run_ffmpeg("-itsoffset", "3", "-i", JFK, *PICTURE, "-c:a", "flac", late)
    sound = decoded(late)
    assert not np.any(sound[: round(2.9 * SAMPLE_RATE)])
    assert similarity(sound[3 * SAMPLE_RATE :], speech()) > 0.9
    run_ffmpeg("-i", JFK, "-af", "aselect='not(between(t,4,7))'", "-c:a", "flac", gap)
    assert len(decoded(gap)) / SAMPLE_RATE == pytest.approx(11.0, abs=0.1)


@pytest.mark.parametrize("name", ["a.webm", "a.ogg", "a.mp3"])
def test_decode_keeps_all_of_recordings_joined_as_bytes(tmp_path: Path, name: str) -> None:
    one = convert(JFK, tmp_path / name).read_bytes()
    twice = tmp_path / f"twice-{name}"
    twice.write_bytes(one + one)
    assert len(decoded(twice)) / SAMPLE_RATE == pytest.approx(22.0, abs=0.2)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.webm", "faststart.m4a", "a.opus", "a.aac"])
def test_truncated_file_gives_what_is_there(tmp_path: Path, name: str) -> None:
    whole = convert(JFK, tmp_path / name, *(["-movflags", "faststart"] if name.endswith("m4a") else []))
    cut = tmp_path / f"cut-{name}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    decoder = decode(cut, limits=LIMITS)
    sound = np.concatenate(list(decoder))
    assert 5.0 < len(sound) / SAMPLE_RATE < 7.5
    assert decoder.truncated == (name != "a.opus")  # Ogg pages do not tell that there was more
    assert similarity(sound[: 5 * SAMPLE_RATE], speech()) > 0.9


def test_wav_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    path = convert(JFK, tmp_path / "piped.wav", "-ac", "1", "-ar", "16000", "-fflags", "bitexact")
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff" * 4
    path.write_bytes(data)
    decoder = decode(path, limits=LIMITS)
    assert sum(map(len, decoder)) == len(speech())
    assert not decoder.truncated


def test_mislabelled_file_is_read_by_its_content(tmp_path: Path) -> None:
    path = convert(JFK, tmp_path / "a.mp3").rename(tmp_path / "a.wav")
    assert probe(path, limits=LIMITS).container == "mp3"
    assert len(decoded(path)) == pytest.approx(len(speech()), abs=800)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyMedia),
        (b"just some words\n" * 100, MediaError),
        (b"<!DOCTYPE html><html><title>Sign in</title></html>" * 50, MediaError),
        (np.random.default_rng(1).bytes(50_000), MediaError),
        (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\0\0\0\0", MediaError),
    ],
    ids=["empty", "text", "html", "random", "header"],
)
@pytest.mark.parametrize("read", [lambda path: probe(path, limits=LIMITS), decoded], ids=["probe", "decode"])
def test_unreadable_file_is_refused(tmp_path: Path, content: bytes, error: type[MediaError], read) -> None:
    path = tmp_path / "file.mp3"
    path.write_bytes(content)
    with pytest.raises(error):
        read(path)


def test_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1", path)
    with pytest.raises(MediaError):
        decoded(path.rename(tmp_path / "picture.mp4"))


def test_video_without_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=duration=1:size=64x64:rate=5", path)
    with pytest.raises(NoAudioTrack):
        decoded(path)


@pytest.mark.parametrize("samples", [1, 1600])
def test_very_short_sound_is_decoded(tmp_path: Path, samples: int) -> None:
    path = write_sound(tmp_path / "short.wav", tone(1.0)[:samples])
    assert len(decoded(path)) == samples


def test_sound_beyond_full_scale_and_no_number_is_bounded(tmp_path: Path) -> None:
    wild = np.array([np.nan, np.inf, -np.inf, 1e38, 0.25] * 320, np.float32)
    sound = decoded(write_sound(tmp_path / "wild.wav", wild, "-c:a", "pcm_f32le"))
    np.testing.assert_array_equal(sound, np.array([0, 1, -1, 1, 0.25] * 320, np.float32))


def test_quiet_sound_keeps_its_precision(tmp_path: Path) -> None:
    quiet = padded_speech(0.5) * 1e-4
    sound = decoded(write_sound(tmp_path / "quiet.wav", quiet, "-c:a", "pcm_f32le"))
    np.testing.assert_allclose(sound, quiet, atol=1e-9)


def test_anti_phase_stereo_is_not_silence(tmp_path: Path) -> None:
    voice = speech()
    path = write_sound(tmp_path / "anti.wav", np.stack([voice, -voice], axis=1), "-c:a", "pcm_f32le")
    np.testing.assert_allclose(decoded(path), voice, atol=1e-6)


def test_recording_longer_than_allowed_is_refused(tmp_path: Path) -> None:
    limits = Limits(max_seconds=5.0)
    with pytest.raises(MediaTooLong):
        probe(JFK, limits=limits)
    # raw AAC declares no length: it is refused once the sound has gone on for too long
    with pytest.raises(MediaTooLong):
        list(decode(convert(JFK, tmp_path / "a.aac"), limits=limits))


def test_odd_names_are_only_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [
        "-version",
        "-i file.wav",
        "a b'\"$(id);|&.mp3",
        "http:example",
        "concat:a|b",
        "ü\n\x01.wav",
        "%d.wav",
    ]:
        Path(name).write_bytes(JFK.read_bytes())
        assert sum(map(len, decode(Path(name), limits=LIMITS))) == len(speech())


def test_long_recording_takes_little_memory(tmp_path: Path) -> None:
    long = tmp_path / "long.mka"
    run_ffmpeg("-stream_loop", "-1", "-i", JFK, "-t", "1200", "-c", "copy", long)
    tracemalloc.start()
    try:
        seconds = sum(len(block) for block in decode(long, limits=LIMITS)) / SAMPLE_RATE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seconds == pytest.approx(1200, abs=1)
    assert peak < 8_000_000  # the whole is 77 MB


def test_sounds_are_written_without_the_sandbox() -> None:
    """The helper reports a failing FFmpeg, or the tests above could pass on files that were never written."""
    with pytest.raises(subprocess.CalledProcessError):
        run_ffmpeg("-i", "/nonexistent", "/dev/null")


def test_silence_is_sound(tmp_path: Path) -> None:
    np.testing.assert_array_equal(decoded(write_sound(tmp_path / "silence.wav", silence(2.0))), silence(2.0))
