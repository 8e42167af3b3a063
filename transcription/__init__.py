"""Scripta's application. Nothing here needs Django, so that ``transcription.speech`` can be used without it."""

import os

# NumPy's OpenBLAS computes the spectrogram of a window in 2 ms, and then its other threads spin for a while in case
# there is more: for nothing, and on the processor that the engine needs. A window of 8 s took the encoder 0.099 s on
# two cores and 0.168 s of processor time; without them 0.054 and 0.096 s. It is read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
