from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sounds import JFK, run_ffmpeg
from tests.speech.captions.speech import document, untimed
from transcription.speech.audio import PLAIN, Limits, Overlay, burn_captions, decode, picture_size, probe
from transcription.speech.captions.typesetting import Typesetter
from transcription.speech.errors import Cancelled, MediaError

LIMITS = Limits(memory_bytes=6 << 30, file_bytes=1 << 30, cpu_seconds=600)
TALK = document(untimed("Words 今天 שלום", start=1.0, end=1.5), untimed("Again", start=3.2, end=3.6, index=1))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Four seconds, 320 × 240, a phone's: turned by 90 degrees."""
    path, turned = tmp_path / "video.mp4", tmp_path / "turned.mp4"
    picture = ["-f", "lavfi", "-i", "color=c=blue:s=320x240:r=10:d=4"]
    sound = ["-f", "lavfi", "-i", "sine=f=440:d=4"]
    run_ffmpeg(*picture, *sound, "-c:v", "libx264", "-c:a", "aac", path)
    run_ffmpeg("-display_rotation", "90", "-i", path, "-c", "copy", turned)
    return turned


def burn(source: Path, folder: Path, *, has_video: bool, **calls) -> Path:
    size = picture_size(source, limits=LIMITS) if has_video else PLAIN
    script, fonts = Typesetter("zh").script(TALK, size=size, labels=False)
    overlay = Overlay(folder / "it's [a] script, is:it.ass", folder / "fonts")
    overlay.script.write_text(script)
    overlay.fonts.mkdir()
    for font in fonts:
        (overlay.fonts / font.name).symlink_to(font)
    calls = {"duration": None, "progress": lambda _: None, "should_stop": lambda: False} | calls
    target = folder / "captioned.mp4"
    with target.open("w+b") as file:
        burn_captions(source, file.fileno(), overlay, has_video=has_video, limits=LIMITS, **calls)
    return target


def picture(path: Path, at: float, size: tuple[int, int]) -> NDArray[np.uint8]:
    raw = path.with_suffix(".raw")
    run_ffmpeg("-ss", str(at), "-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", raw)
    return np.fromfile(raw, np.uint8).reshape(size[1], size[0])


def bright(image: NDArray[np.uint8]) -> int:
    return int((image > 150).sum())


def test_captions_are_in_the_picture_while_they_are_said(video: Path, tmp_path: Path) -> None:
    seconds: list[float] = []
    target = burn(video, tmp_path, has_video=True, progress=seconds.append)
    size = picture_size(video, limits=LIMITS)
    assert size == (240, 320)
    lit = {at: bright(picture(target, at, size)) for at in (0.5, 1.3, 2.75, 3.5)}
    assert {at: count > 5 for at, count in lit.items()} == {0.5: False, 1.3: True, 2.75: False, 3.5: True}
    image = picture(target, 1.3, size)
    assert bright(image[: size[1] // 2]) == 0, "they stand at the bottom"
    info = probe(target, limits=LIMITS)
    assert (info.video_codec, info.codec, info.playable) == ("h264", "aac", True)
    assert info.duration == pytest.approx(4.0, abs=0.15)
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(4.0, abs=0.3)


def test_sound_alone_gets_a_plain_picture_on_the_same_timeline(tmp_path: Path) -> None:
    target = burn(JFK, tmp_path, has_video=False, duration=11.0)
    assert [bright(picture(target, at, PLAIN)) > 20 for at in (0.5, 1.3, 2.75, 3.5, 8.0)] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert probe(target, limits=LIMITS).duration == pytest.approx(11.0, abs=0.2)
    sound, original = (np.concatenate(list(decode(path, limits=LIMITS))) for path in (target, JFK))
    length = min(len(sound), len(original))
    spectrum = np.fft.rfft(sound[:length], 2 * length) * np.conj(np.fft.rfft(original[:length], 2 * length))
    assert np.argmax(np.fft.irfft(spectrum)) / 16_000 == pytest.approx(0.0, abs=0.03)


def test_it_stops_when_asked(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        burn(JFK, tmp_path, has_video=False, should_stop=lambda: True)


def test_something_unreadable_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("words " * 1000)
    with pytest.raises(MediaError):
        burn(path, tmp_path, has_video=False)
    with pytest.raises(MediaError):
        picture_size(path, limits=LIMITS)
    with pytest.raises(MediaError):
        picture_size(JFK, limits=LIMITS)
