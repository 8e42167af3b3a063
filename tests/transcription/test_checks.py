import os
from types import SimpleNamespace

import pytest
from django.core.checks import registry, run_checks

from transcription import checks
from transcription.speech.engines import weights

STRONG_KEY = "kD8vQ2xw-Zr5tYb1nLs7Jm3Hc9Gf6Pa0Ue4Xo_iWTqRBVNM2K5"
OWN = [
    checks.check_ffmpeg,
    checks.check_model,
    checks.check_disk,
    checks.check_similar_words,
    checks.check_network,
    checks.check_key_file,
]


@pytest.fixture(autouse=True)
def installation(settings, tmp_path):
    """An installation with nothing to complain about, and without its model."""
    settings.DATA = tmp_path
    settings.MODELS = tmp_path / "models"
    settings.ENGINE, settings.MODEL, settings.LIVE = "faster-whisper", "base", False
    settings.HOST, settings.ALLOWED_HOSTS = "127.0.0.1", ["localhost", "127.0.0.1", "[::1]"]
    settings.DEBUG, settings.BEHIND_PROXY, settings.HTTPS = False, False, False
    settings.SECRET_KEY = STRONG_KEY
    return settings


@pytest.fixture
def public(installation):
    """The same behind a proxy, as docs/deploy.md says."""
    installation.HOST, installation.BEHIND_PROXY, installation.HTTPS = "0.0.0.0", True, True
    installation.ALLOWED_HOSTS = ["scripta.example.org"]
    return installation


def ids(check):
    found = check(app_configs=None)
    assert all(message.hint for message in found)
    return [message.id for message in found]


def make_model(folder):
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text("{}")
    return folder


def test_checks_are_registered():
    plain = registry.registry.get_checks()
    assert [check in plain for check in OWN] == [True] * len(OWN)
    assert checks.check_deployment not in plain
    assert checks.check_deployment in registry.registry.get_checks(include_deployment_checks=True)


def test_run_checks_of_a_healthy_installation(installation, tmp_path):
    installation.MODEL = str(make_model(tmp_path / "own"))
    found = run_checks(tags=["speech", "files", "security"])
    assert [message for message in found if message.id.startswith("scripta.")] == []


def test_ffmpeg_missing(monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    assert ids(checks.check_ffmpeg) == ["scripta.E001"]


def test_ffmpeg_not_executable(monkeypatch, tmp_path):
    (tmp_path / "ffmpeg").write_text("")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "ffmpeg"))
    assert ids(checks.check_ffmpeg) == ["scripta.E001"]


def test_model_of_live_captions_is_checked_too(installation, tmp_path):
    installation.MODEL, installation.LIVE_MODEL = str(make_model(tmp_path / "own")), "parrot"
    assert ids(checks.check_model) == []
    installation.LIVE = True
    assert ids(checks.check_model) == ["scripta.E002"]
    assert checks.check_model(app_configs=None)[0].hint == "Change SCRIPTA_LIVE_MODEL."


def test_model_not_fetched_yet():
    assert ids(checks.check_model) == ["scripta.W001"]


def test_model_unknown(installation):
    installation.MODEL = "enormous"
    assert ids(checks.check_model) == ["scripta.E002"]


def test_model_of_the_catalogue_damaged(tmp_path):
    make_model(tmp_path / "models" / "base")
    assert ids(checks.check_model) == ["scripta.W002"]


def test_model_folder_damaged(installation, tmp_path):
    folder = make_model(tmp_path / "own")
    (folder / "tokenizer.json").unlink()
    installation.MODEL = str(folder)
    assert ids(checks.check_model) == ["scripta.E002"]


def test_model_unreadable(monkeypatch, installation, tmp_path):
    folder = make_model(tmp_path / "own")
    installation.MODEL = str(folder)
    if os.geteuid() == 0:  # root may read everything, so the refusal itself is put in place

        def refuse(*args):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(weights, "locate", refuse)
    else:
        (folder / "model.bin").chmod(0)
    assert ids(checks.check_model) == ["scripta.E003"]
    assert checks.check_model(None)[0].msg.endswith("cannot be read: Permission denied.")


def test_model_of_the_scripted_engine_is_not_needed(installation):
    installation.ENGINE = "scripted"
    assert ids(checks.check_model) == []


@pytest.mark.parametrize(("free", "expected"), [(2 * 2**30 - 1, ["scripta.W003"]), (2 * 2**30, [])])
def test_disk(monkeypatch, free, expected):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert ids(checks.check_disk) == expected


@pytest.mark.django_db
def test_extensions_for_similar_words_missing(monkeypatch):
    monkeypatch.setattr(checks, "missing_extensions", lambda: ["btree_gin", "pg_trgm"])
    assert checks.check_similar_words(None) == []  # the database may not even run
    [found] = checks.check_similar_words(None, databases=["default"])
    assert (found.id, found.msg.endswith("btree_gin, pg_trgm.")) == ("scripta.W004", True)
    assert "CREATE EXTENSION btree_gin; CREATE EXTENSION pg_trgm;" in found.hint


@pytest.mark.django_db
def test_extensions_for_similar_words_present():
    assert checks.check_similar_words(None, databases=["default"]) == []


def test_network_behind_a_proxy(public):
    assert ids(checks.check_network) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "[::1]"])
def test_network_of_this_machine_alone_may_be_anything(installation, host):
    installation.HOST, installation.DEBUG, installation.SECRET_KEY = host, True, "short"
    installation.ALLOWED_HOSTS = ["*"]
    assert ids(checks.check_network) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "scripta.lan"])
def test_network_reachable_without_a_proxy(installation, host):
    installation.HOST, installation.ALLOWED_HOSTS = host, ["scripta.lan"]
    assert ids(checks.check_network) == ["scripta.W010"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", True, "scripta.E010"),
        ("SECRET_KEY", "a-short-key", "scripta.E011"),
        ("SECRET_KEY", "abc" * 30, "scripta.E011"),
        ("SECRET_KEY", f"django-insecure-{STRONG_KEY}", "scripta.E011"),
        ("HTTPS", False, "scripta.W010"),
        ("ALLOWED_HOSTS", ["scripta.example.org", "*"], "scripta.W011"),
        ("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"], "scripta.W012"),
    ],
)
def test_network_with_one_insecure_setting(public, name, value, expected):
    setattr(public, name, value)
    assert ids(checks.check_network) == [expected]


@pytest.mark.parametrize(("mode", "expected"), [(0o600, []), (0o640, ["scripta.W013"]), (0o604, ["scripta.W013"])])
def test_key_file(tmp_path, mode, expected):
    (tmp_path / "secret_key").write_text(STRONG_KEY)
    (tmp_path / "secret_key").chmod(mode)
    assert ids(checks.check_key_file) == expected


def test_key_file_absent():
    assert ids(checks.check_key_file) == []


def test_deployment(public):
    public.PUBLIC_URL = ""
    public.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert ids(checks.check_deployment) == ["scripta.W020", "scripta.W021"]
    public.PUBLIC_URL = "https://scripta.example.org"
    public.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert ids(checks.check_deployment) == []
