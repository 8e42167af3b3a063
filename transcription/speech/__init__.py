"""Speech in, text out. Pure Python: no Django, no settings, no clock of its own."""

import os

# ONNX Runtime, which runs the voice activity detector, reports its use to its maker by default since 1.29. It reads
# this once, when it is loaded, so it is set before any module here can import it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
