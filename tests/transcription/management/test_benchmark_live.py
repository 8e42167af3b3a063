"""The measurements of live captions, small."""

import json
import re

import pytest

from tests.server import ROOT

pytestmark = [pytest.mark.server, pytest.mark.long]


def test_killed_processes_lose_no_acknowledged_sample_and_no_final_word(benchmark):
    done = benchmark("live-faults", "--kills", "3", "--every", "4", "--speakers", "2", "--seconds", "20")
    said = done.stdout
    assert re.search(r"^acknowledged samples [1-9]\d+, lost 0$", said, re.MULTILINE), said + done.stderr
    assert re.search(r"^final words [1-9]\d+, lost 0, doubled 0$", said, re.MULTILINE), said
    assert done.returncode == 0, said


def test_many_connections_are_all_acknowledged(benchmark):
    done = benchmark("live-load", "--sockets", "8", "--quiet", "1", "--seconds", "10", "--speech", "3")
    found = re.search(r"^(\d+) final segments; lost or broken: (\d+)", done.stdout, re.MULTILINE)
    assert found, done.stdout + done.stderr
    assert found[2] == "0", done.stdout


def test_live_figures_of_a_server_are_told_and_judged(benchmark, tmp_path):
    """Those times depend on the machine, so that the status does; what is asserted does not."""
    stream = tmp_path / "jfk.flac"
    stream.write_bytes((ROOT / "tests" / "data" / "jfk.flac").read_bytes())
    words = [{"word": f"w{slot}", "start": slot / 2, "end": slot / 2 + 0.5} for slot in range(22)]
    known = {"text": " ".join(word["word"] for word in words), "words": words}
    stream.with_suffix(".json").write_text(json.dumps(known))
    done = benchmark("live", str(stream), "--engine", "scripted", "--rounds", "1", "--speakers", "2")
    rows = re.findall(r"^\| scripta \| jfk \| (\d) \| -?[\d.]+ / [\d.]+ \|", done.stdout, re.MULTILINE)
    assert rows == ["2"], done.stdout + done.stderr
    assert "holds  one speaker too many is refused: 1013" in done.stdout
    assert "holds  nobody was disturbed" in done.stdout
