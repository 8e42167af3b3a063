import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.sounds import JFK, convert, run_ffmpeg
from transcription.speech.audio import Limits, decode, encode_playback, probe, sandbox
from transcription.speech.audio.sandbox import Log
from transcription.speech.errors import DecoderFailed, MediaError

LIMITS = Limits()


def read(path: Path, limits: Limits = LIMITS) -> None:
    for _ in decode(path, limits=limits):
        pass


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def playlists(target: str) -> dict[str, str]:
    return {
        "hls": f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:11\n#EXTINF:11.0,\n{target}\n#EXT-X-ENDLIST\n",
        "ffconcat": f"ffconcat version 1.0\nfile '{target}'\n",
        "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT11S"><Period><AdaptationSet mimeType="audio/mp2t"><Representation id="1" '
        f'bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>',
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\na={target}\n",
    }


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "private").mkdir()
    return convert(JFK, tmp_path / "private" / "secret.ts", "-c:a", "aac")


@pytest.fixture
def listener():
    """A web server's port, and the list of connections made to it."""
    connections: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                connections.append(address)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield server.getsockname()[1], connections
        ended.set()
        thread.join()


def test_hostile_playlists_work_without_the_sandbox(tmp_path: Path, secret: Path) -> None:
    """The control: these files do make FFmpeg read the secret, so the tests below mean something."""
    for kind, options in {"hls": [], "ffconcat": ["-f", "concat", "-safe", "0"]}.items():
        path, copy = tmp_path / f"{kind}.m3u8", tmp_path / f"{kind}.wav"
        path.write_text(playlists(str(secret))[kind])
        run_ffmpeg(*options, "-i", path, copy)
        assert copy.stat().st_size > 100_000


@pytest.mark.parametrize("extension", ["mp3", "wav", "m3u8", "mp4"])
@pytest.mark.parametrize("kind", ["hls", "ffconcat", "dash", "sdp"])
def test_playlist_reads_no_other_file(tmp_path: Path, secret: Path, kind: str, extension: str) -> None:
    for target in (str(secret), f"file://{secret}", "private/secret.ts", f"concat:{secret}", f"subfile:,,:{secret}"):
        path = tmp_path / f"playlist.{extension}"
        path.write_text(playlists(target)[kind])
        with pytest.raises(MediaError):
            read(path)


@pytest.mark.parametrize("kind", ["hls", "ffconcat", "dash"])
def test_playlist_makes_no_connection(tmp_path: Path, listener, kind: str) -> None:
    port, connections = listener
    path = tmp_path / "playlist.mp3"
    path.write_text(playlists(f"http://127.0.0.1:{port}/secret.ts")[kind])
    for attempt in (
        read,
        lambda path: probe(path, limits=LIMITS),
        lambda path: list(encode_playback(path, limits=LIMITS)),
    ):
        with pytest.raises(MediaError):
            attempt(path)
    assert connections == []


@pytest.mark.parametrize("option", ["format_whitelist", "protocol_whitelist"])
def test_each_whitelist_holds_alone(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    monkeypatch.delitem(sandbox.INPUT, option)
    path = tmp_path / "playlist.m3u8"
    path.write_text(playlists(str(secret))["hls"])
    with pytest.raises(MediaError):
        read(path)


def test_reference_inside_a_quicktime_file_is_not_followed(tmp_path: Path) -> None:
    """A QuickTime track whose samples lie in another file, named by an alias record in ``dref``."""
    whole = convert(JFK, tmp_path / "sound.mov", "-c:a", "pcm_s16le", "-ac", "1").read_bytes()
    alias = whole.index(b"alis") if b"alis" in whole else whole.index(b"url ")
    path = tmp_path / "reference.mov"
    path.write_bytes(whole[: alias + 4] + b"\0\0\0\0" + whole[alias + 8 :])  # flag 1: "in this file", now unset
    read(path)  # it is read as if the samples were in the file itself


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: None], ids=["folder", "pipe", "missing"])
def test_only_regular_files_are_opened(tmp_path: Path, make) -> None:
    path = tmp_path / "upload"
    make(path)
    with pytest.raises(MediaError):
        read(path)


def test_missing_ffmpeg_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nonexistent/ffmpeg")
    with pytest.raises(DecoderFailed, match="cannot run /nonexistent/ffmpeg"):
        read(JFK)


def test_too_little_memory_is_told() -> None:
    with pytest.raises(DecoderFailed):
        read(JFK, Limits(memory_bytes=200 << 20))


def test_stalled_decoder_is_killed() -> None:
    before = children()
    with pytest.raises(DecoderFailed, match="no sound for 0.001 s"):
        read(JFK, Limits(stall_seconds=0.001))
    assert children() == before


def test_processor_time_is_limited(tmp_path: Path) -> None:
    short = convert(JFK, tmp_path / "short.mp3", "-b:a", "32k", "-ar", "22050", "-ac", "1")
    costly = tmp_path / "costly.mka"
    run_ffmpeg("-stream_loop", "1000", "-i", short, "-c", "copy", costly)  # 3 hours: about 10 s of processor time
    with pytest.raises(DecoderFailed):
        read(costly, Limits(cpu_seconds=1, cpu_seconds_per_minute=0.0))


def test_processor_time_is_earned_by_sound() -> None:
    before = children()
    with decode(JFK, limits=Limits(cpu_seconds=5, cpu_seconds_per_minute=60.0), block_seconds=2.0) as decoder:
        next(decoder)
        next(decoder)
        (pid,) = children() - before
        assert resource.prlimit(pid, resource.RLIMIT_CPU) == (9, 5 + 12 * 3600)


def test_close_kills_ffmpeg(tmp_path: Path) -> None:
    before = children()
    with decode(JFK, limits=LIMITS, block_seconds=0.1) as decoder:
        next(decoder)
        assert len(children() - before) == 1
    assert children() == before
    assert list(decoder) == []


def test_forgotten_decoder_leaves_no_process_and_no_descriptor() -> None:
    before = children(), descriptors()
    for _ in range(3):
        next(decode(JFK, limits=LIMITS))
        with pytest.raises(DecoderFailed):
            read(JFK, Limits(stall_seconds=0.001))
    assert (children(), descriptors()) == before


@pytest.mark.parametrize("stuck", [False, True])
def test_kill_of_the_worker_ends_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: bool) -> None:
    """Also one that never writes, and so would not notice a broken pipe."""
    long, sleeper = tmp_path / "long.mka", tmp_path / "ffmpeg-sleeper"
    run_ffmpeg("-stream_loop", "-1", "-i", JFK, "-t", "1200", "-c", "copy", long)
    sleeper.write_text("#!/bin/sh\nwhile :; do read x; done\n")
    sleeper.chmod(0o700)
    if stuck:
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(sleeper))
    program = f"""
import time
from transcription.speech.audio import Limits, decode
decoder = decode({str(long)!r}, limits=Limits())
next(decoder)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program]) as worker:
        try:
            decoder = wait_for(lambda: ffmpeg_of(worker.pid))
        finally:
            worker.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_running(decoder))


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return result


def ffmpeg_of(worker: int) -> int | None:
    """The worker's child once it has become FFmpeg."""
    for child in Path(f"/proc/{worker}/task/{worker}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_text()
        if "ffmpeg-" in command and "launcher" not in command:
            return int(child)
    return None


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_ffmpeg_runs_with_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPTA_SECRET_KEY", "x")
    before = children()
    with decode(JFK, limits=LIMITS, block_seconds=0.1) as decoder:
        next(decoder)
        (pid,) = children() - before
        assert Path(f"/proc/{pid}/environ").read_bytes() == b""
        assert Path(f"/proc/{pid}/fd/0").readlink() == JFK
        assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0)
        assert resource.prlimit(pid, resource.RLIMIT_AS) == (1 << 30, 1 << 30)


def test_log_is_bounded() -> None:
    seen: list[str] = []
    log = Log(seen.append)
    for _ in range(1000):
        log.feed(b"x" * 10_000)
    log.feed(b"\n[info] end\n" + b"line\n" * 1000 + b"rest")
    log.close()
    assert len(seen[0]) == 4096
    assert (seen[1], seen[-1], len(seen)) == ("[info] end", "rest", 1003)
    assert len(log.lines) == 40
