"""Locks that hold between all processes that share the database."""

from __future__ import annotations

from django.db import connection


def lock(*, name: str) -> None:
    """Wait for the lock of that name and hold it until the transaction ends. Needs an open transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"accounts:{name}"])
