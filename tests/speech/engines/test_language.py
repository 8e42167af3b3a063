"""Pooling evidence for a language."""

import pytest

from transcription.speech.engines.language import LanguageEvidence, pooled


def test_best_without_evidence_is_unknown():
    assert LanguageEvidence().best() == ("", 0.0)


def test_pooled_agreeing_windows_grow_surer():
    language, probability = pooled([{"de": 0.6, "nl": 0.4}] * 3)
    assert language == "de"
    assert probability == pytest.approx(0.6**3 / (0.6**3 + 0.4**3))


def test_pooled_one_wrong_window_is_outvoted():
    assert pooled([{"de": 0.0, "en": 1.0}, *[{"de": 0.99, "en": 0.01}] * 3])[0] == "de"


def test_sure_only_after_enough_evidence():
    evidence = LanguageEvidence()
    evidence.add([{"pt": 0.55, "es": 0.45}])
    assert not evidence.sure
    evidence.add([{"pt": 0.9, "es": 0.1}])
    assert evidence.sure
