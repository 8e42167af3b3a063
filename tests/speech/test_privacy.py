"""Nothing that the product loads may report on its use."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SWITCHES = {"ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI"}
"""What keeps ONNX Runtime from reporting; a person's machine has none of it."""
DETECT = (
    "import numpy; from transcription.speech.vad import SpeechDetector as D; D().probabilities(numpy.zeros(5120, 'f'))"
)


def left_by(code: str, home: Path) -> list[str]:
    """Files that a process leaves in its home and its temporary folder: a reporter keeps its number and queue there."""
    kept = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    own = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept | own, check=True, timeout=60)
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


def test_detector_leaves_no_trace_of_a_report(tmp_path):
    assert left_by(DETECT, tmp_path) == []


def test_library_by_itself_would_leave_one(tmp_path):
    """If this fails, the library no longer reports, and the switch in ``transcription.speech`` can go."""
    assert left_by("import onnxruntime", tmp_path) != []
