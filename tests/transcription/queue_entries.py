"""Entries of the queue as workers leave them."""

from __future__ import annotations

from django.db import connection


def leave_entry(number: int, *, status: str, attempts: int = 0) -> None:
    """By hand: the models of the queue are for reading only. ``doing`` without a worker is what a killed one leaves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status, attempts = %s WHERE id = %s",
            [status, attempts, number],
        )
