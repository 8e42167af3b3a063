"""What can be wrong with an installation, found by ``manage.py check`` and at every start of ``serve``.

Errors stop the start; warnings tell of what will fail later or is less safe than it looks. What matters only to a
server in earnest is checked with ``check --deploy``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from transcription.models import SpokenWord
from transcription.services.search_words import missing_extensions
from transcription.speech.audio import ffmpeg_program
from transcription.speech.engines import weights
from transcription.speech.engines.catalogue import CATALOGUE
from transcription.speech.errors import DecoderFailed, ModelCorrupt, UnknownModel

MIN_FREE_DISK = 2 * 2**30
"""Bytes. An hour of video is about 1 GB; Postgres stops all writing when the disk is full."""
MIN_KEY_LENGTH = 50
MIN_KEY_CHARACTERS = 5
"""Both as in Django's own security.W009."""
_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]", "::1"}


@register("speech")
def check_ffmpeg(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        program = ffmpeg_program()
    except DecoderFailed:
        program = ""
    if program and os.access(program, os.X_OK):
        return []
    return [
        Error(
            "FFmpeg is missing, so no recording can be read.",
            hint="Install the package imageio-ffmpeg again (make .venv), or name a program in IMAGEIO_FFMPEG_EXE.",
            id="scripta.E001",
        )
    ]


@register("speech")
def check_model(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The models of jobs and of live captions are where they should be."""
    if settings.ENGINE == "scripted":
        return []
    found = _model_messages(settings.MODEL, "SCRIPTA_MODEL")
    if settings.LIVE and settings.LIVE_MODEL != settings.MODEL:
        found += _model_messages(settings.LIVE_MODEL, "SCRIPTA_LIVE_MODEL")
    return found


def _model_messages(name: str, variable: str) -> list[CheckMessage]:
    """One that can be fetched is only worth a warning."""
    fetch = f"It is fetched when it is first needed; to do so now: manage.py fetch_model {name}"
    try:
        folder = weights.locate(name, settings.MODELS)
        if folder is None:
            return [Warning(f"The speech model “{name}” is not on this machine yet.", hint=fetch, id="scripta.W001")]
        with (folder / "model.bin").open("rb"):
            return []
    except UnknownModel as unknown:
        return [Error(unknown.message, hint=f"Change {variable}.", id="scripta.E002")]
    except ModelCorrupt as corrupt:
        if name in CATALOGUE:
            return [Warning(f"The speech model “{name}” is damaged. {corrupt.message}", hint=fetch, id="scripta.W002")]
        return [Error(corrupt.message, hint=f"Give {variable} another folder.", id="scripta.E002")]
    except OSError as error:
        return [
            Error(
                f"The files of the speech model “{name}” cannot be read: {error.strerror}.",
                hint=f"Give the user that runs Scripta the right to read {settings.MODELS}.",
                id="scripta.E003",
            )
        ]


@register("files")
def check_disk(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    free = shutil.disk_usage(settings.DATA).free
    if free >= MIN_FREE_DISK:
        return []
    return [
        Warning(
            f"Only {free / 2**30:.1f} GiB of disk are free at {settings.DATA}.",
            hint="Delete recordings, empty the trash, or move SCRIPTA_DATA to a larger disk.",
            id="scripta.W003",
        )
    ]


@register(Tags.database)
def check_similar_words(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Made with ``check --database default``, and at every start of ``serve``. Migrations bring extensions along."""
    if not databases or not _is_migrated() or not (missing := missing_extensions()):
        return []
    statements = " ".join(f"CREATE EXTENSION {name};" for name in missing)
    return [
        Warning(
            "Searches do not find misspelt words: this database has not the extensions " + ", ".join(missing) + ".",
            hint=f"Have someone who may do so run in it: {statements} They come with Postgres (postgresql-contrib).",
            id="scripta.W004",
        )
    ]


def _is_migrated() -> bool:
    return SpokenWord._meta.db_table in connection.introspection.table_names()


@register(Tags.security)
def check_network(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What would harm an installation that others can reach; on this machine alone it is nobody's business."""
    if not _is_reachable():
        return []
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(
            Error(
                "SCRIPTA_DEBUG is on while others can reach this server: error pages show code and settings.",
                hint="Unset SCRIPTA_DEBUG, or listen on 127.0.0.1 only.",
                id="scripta.E010",
            )
        )
    if not _is_strong(settings.SECRET_KEY):
        found.append(
            Error(
                "The secret key is weak: whoever guesses it can sign in as anybody.",
                hint="Unset SCRIPTA_SECRET_KEY, and a strong key is made and kept in the data folder.",
                id="scripta.E011",
            )
        )
    if not settings.HTTPS:
        found.append(
            Warning(
                "Others can reach this server without encryption: passwords and recordings can be read on the way, and "
                "browsers do not open the microphone.",
                hint="Put a proxy with HTTPS before it and set SCRIPTA_BEHIND_PROXY=1 (docs/deploy.md).",
                id="scripta.W010",
            )
        )
    return found + _host_names(settings.ALLOWED_HOSTS)


def _host_names(names: Sequence[str]) -> list[CheckMessage]:
    if "*" in names:
        return [
            Warning(
                "SCRIPTA_ALLOWED_HOSTS is *: links in mails can be forged to lead to another site.",
                hint="List the names under which people open Scripta, for example scripta.example.org.",
                id="scripta.W011",
            )
        ]
    if set(names) <= _LOCAL_NAMES | {"0.0.0.0", "::", "[::]"}:
        return [
            Warning(
                "Others can reach this server, but it answers only to names of this machine.",
                hint="List the names under which people open Scripta in SCRIPTA_ALLOWED_HOSTS.",
                id="scripta.W012",
            )
        ]
    return []


@register(Tags.security)
def check_key_file(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    path = settings.DATA / "secret_key"
    if not path.exists() or not path.stat().st_mode & 0o077:
        return []
    return [
        Warning(
            "Other users of this machine can read the secret key.",
            hint=f"chmod 600 {path}",
            id="scripta.W013",
        )
    ]


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.PUBLIC_URL:
        found.append(
            Warning(
                "Links in mails lead to the address that Scripta listens on.",
                hint="Set SCRIPTA_PUBLIC_URL to the address that people use, for example https://scripta.example.org.",
                id="scripta.W020",
            )
        )
    if settings.EMAIL_BACKEND.endswith(("console.EmailBackend", "dummy.EmailBackend", "locmem.EmailBackend")):
        found.append(
            Warning(
                "Mail is not sent: nobody can reset a forgotten password.",
                hint="Set SCRIPTA_EMAIL_URL, for example smtp+tls://user:password@mail.example.org:587.",
                id="scripta.W021",
            )
        )
    return found


def _is_reachable() -> bool:
    """Whether others than this machine can open Scripta."""
    if settings.BEHIND_PROXY:
        return True
    host = settings.HOST.strip("[]")
    if host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:  # a name: whose it is, only the resolver knows
        return True


def _is_strong(key: str) -> bool:
    return len(key) >= MIN_KEY_LENGTH and len(set(key)) >= MIN_KEY_CHARACTERS and not key.startswith("django-insecure-")
