"""Brings the database's schema up to date, once, however many processes ask for it at the same time."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ADVISORY_LOCK = 4_857_421_936
"""An arbitrary number that only this module uses for pg_advisory_lock."""


def bring_up_to_date() -> bool:
    """Apply pending migrations under a lock of the database; True when there were any."""
    if not _pending():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            if _pending():
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
    return True


def _pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
