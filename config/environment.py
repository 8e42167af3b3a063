"""What the environment says, read for the settings: a bad value stops the start and names its variable."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def read(kind: str, name: str, default: Any) -> Any:
    """Read one variable; a value that does not parse names the variable and what was expected."""
    try:
        return getattr(env, kind)(name, default=default)
    except (ValueError, TypeError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name}={os.environ.get(name)!r} is not a valid {kind}.") from error


def size(name: str, default: str) -> int:
    """Read a number of bytes such as ``500M`` or ``10G`` (powers of 1024)."""
    value = os.environ.get(name) or default
    match = re.fullmatch(r"(\d+)\s*([KMGT]?)i?B?", value.strip(), re.IGNORECASE)
    if match is None:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a size. Write a number and a unit, for example 500M or 10G."
        )
    return int(match[1]) * 1024 ** " KMGT".index(match[2].upper() or " ")


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = os.environ.get(name) or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of: {', '.join(choices)}.")
    return value


def days(name: str) -> int:
    days: int = read("int", name, 0)
    if days < 0:
        raise ImproperlyConfigured(f"{name}={days} is not a number of days. Write 0 for none.")
    return days


def networks(name: str) -> list[str]:
    """Read a list of host names, addresses and networks; what looks like a network must be one."""
    values = [str(value).strip().lower() for value in read("list", name, []) if str(value).strip()]
    for value in values:
        if "/" in value or ":" in value or re.fullmatch(r"[0-9.]+", value):
            try:
                ipaddress.ip_network(value)
            except ValueError as error:
                raise ImproperlyConfigured(f"{name}: {value!r} is neither a host name nor a network.") from error
    return values


def private_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def secret_key(name: str, path: Path) -> str:
    """The key given by the environment, else one made once and kept in the data folder, readable by its owner only."""
    if key := os.environ.get(name):
        return key
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key
