"""Backup and restore of the database and the stored recordings.

A backup is a folder: ``database.dump`` (pg_dump's custom format), ``media/`` and ``backup.json``. The database comes
first: every file that its rows name exists then, and a file that comes later does no harm.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from config.embedded import locks
from config.embedded.identity import Identity
from config.embedded.postgres import binaries

DUMP, MEDIA, NOTE = "database.dump", "media", "backup.json"
UNREADABLE = b"\n\\.\nDO $$ BEGIN RAISE EXCEPTION 'the dump cannot be read to its end'; END $$;\n"
"""Ends the data of a COPY, should we be in one, and fails in any case."""
FRESH_SCHEMA = "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;"


class BackupError(Exception):
    """A backup or restore that was not made; the message is for the person at the console."""


def back_up(*, target: Path) -> int:
    """Write a backup to the new folder ``target``, complete or not at all; its size in bytes."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupError(f"{target} exists already. Name a new folder.")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(mode=0o700, parents=True)
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={partial / DUMP}")
        if (media := _media_folder()) and media.exists():
            shutil.copytree(media, partial / MEDIA, symlinks=True, copy_function=_copy_if_there)
        note = {"made": timezone.now().isoformat(), "migrations": sorted(_applied()), "media": media is not None}
        (partial / NOTE).write_text(json.dumps(note, indent=1) + "\n")
        size = sum(path.stat().st_size for path in partial.rglob("*") if path.is_file())
        partial.replace(target)
    except OSError as error:
        raise BackupError(f"The backup could not be written to {target}: {error.strerror}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return size


def restore(*, source: Path, force: bool) -> None:
    """Replace the database and the recordings by those of a backup, the database in one transaction.

    Refused when ``serve`` runs in this data folder (and it cannot start meanwhile), when there are users already unless
    ``force``, and for a backup of a newer version.
    """
    note = _read_note(source)
    if unknown := set(note["migrations"]) - _known():
        raise BackupError(f"A newer version of Scripta made this backup: {sorted(unknown)[-1]} is not known here.")
    serving = locks.serving(settings.DATA)
    if not serving.acquire(wait=False):
        raise BackupError("Scripta is running in this data folder. Stop it first.")
    try:
        if not force and _has_users():
            raise BackupError("This library is not empty. With --force, everything in it is replaced by the backup.")
        media = _media_folder()
        staged = _stage(source / MEDIA, media) if media else None
        try:
            _load(source / DUMP)
        except BackupError:
            shutil.rmtree(staged or "", ignore_errors=True)
            raise
        if media and staged:
            _swap(staged, media)
    finally:
        serving.release()


def _load(dump: Path) -> None:
    """Feed the dump to psql as one transaction. What ends early must end in an error, or psql would commit the half."""
    connection.close()
    programs = _programs()
    read = [str(programs / "pg_restore"), "--no-owner", "--file=-", str(dump)]
    load = [str(programs / "psql"), "-q", "-X", "-1", "-v", "ON_ERROR_STOP=1", "-c", FRESH_SCHEMA, "-f", "-"]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(read, stdout=pipe, stderr=subprocess.DEVNULL) as reader,
        subprocess.Popen(load, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe, env=_environment()) as loader,
    ):
        assert reader.stdout
        assert loader.stdin
        assert loader.stderr
        with contextlib.suppress(BrokenPipeError):  # psql gave up; it says why
            shutil.copyfileobj(reader.stdout, loader.stdin)
            if reader.wait():
                loader.stdin.write(UNREADABLE)
            loader.stdin.close()
        reader.stdout.close()
        reason = loader.stderr.read().decode(errors="replace").strip().splitlines()
    if loader.returncode or reader.returncode:
        raise BackupError(f"The database was left as it was: {reason[0] if reason else 'the dump cannot be read'}")


def _stage(backup: Path, media: Path) -> Path:
    """Copy the recordings beside their place, so that what can fail (a full disk) does so before anything changed."""
    staged = media.with_name(f"{media.name}.restoring")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        if backup.exists():
            shutil.copytree(backup, staged, symlinks=True)
        else:
            staged.mkdir(mode=0o700, parents=True)
    except OSError as error:
        shutil.rmtree(staged, ignore_errors=True)
        raise BackupError(f"The recordings could not be copied: {error.strerror}. Nothing was changed.") from error
    return staged


def _swap(staged: Path, media: Path) -> None:
    old = media.with_name(f"{media.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    if media.exists():
        media.rename(old)
    staged.rename(media)
    shutil.rmtree(old, ignore_errors=True)


def _copy_if_there(source: str, target: str) -> str:
    """A recording that is deleted while we copy is no longer wanted."""
    try:
        return str(shutil.copy2(source, target))
    except FileNotFoundError:
        return target


def _media_folder() -> Path | None:
    """None when the recordings lie in a store of their own, which has its own backups."""
    return Path(default_storage.location) if isinstance(default_storage, FileSystemStorage) else None


def _read_note(source: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((source / NOTE).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{source} is not a backup of Scripta.") from error
    return note


def _applied() -> set[str]:
    return {".".join(key) for key in MigrationLoader(connection).applied_migrations}


def _known() -> set[str]:
    return {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}


def _has_users() -> bool:
    table = "accounts_user"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
        return bool(cursor.fetchone()[0])


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [_programs() / program, *arguments], env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def _programs() -> Path:
    return binaries(Identity())


def _environment() -> dict[str, str]:
    """libpq's variables for the project's database; on a command line others could read the password."""
    database = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    return {**os.environ, **{name: str(database[key]) for name, key in names.items() if database.get(key)}}
