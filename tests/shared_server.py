"""One server for test modules of the same settings, one after the other: starting it for each takes longer than many of
them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from psycopg.errors import DeadlockDetected
from redis import Redis

from config.embedded import redis_url
from tests.server import Server

Settings = dict[str, str]

KEPT = ("django_migrations", "django_content_type", "auth_permission", "procrastinate_workers")
"""What is in the database of a first start, and the rows of the workers that run. Files stay: no row knows them."""
EVERYTHING = {"web", "worker", "keeper", "postgres", "valkey"}
PATIENCE = 10.0
"""Seconds for a worker to notice that what it works at is gone."""
ATTEMPTS = 5


class SharedServer:
    """Runs at most one server until it is closed, in a new folder of ``new_folder`` each time."""

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._server: Server | None = None
        self._settings: Settings = {}

    def with_settings(self, settings: Settings) -> Server:
        """A server that runs with ``settings``, with an empty library and nobody in it."""
        if self._server is None or settings != self._settings or not _emptied(self._server):
            self.close()
            self._server, self._settings = Server(self._new_folder(), **settings), settings
            self._server.start()
        return self._server

    def close(self) -> None:
        server, self._server = self._server, None
        if server:
            server.__exit__(None, None, None)


def _emptied(server: Server) -> bool:
    """Make it as after its first start; False when a test has left it so that a new one is better."""
    if not set(server.processes()) >= EVERYTHING or not server.is_ready():
        return False
    server.query("UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo'")
    _empty_tables(server, of_the_queue=False)
    deadline = time.monotonic() + PATIENCE
    while server.query("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'"):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    _empty_tables(server, of_the_queue=True)
    _empty_tables(server, of_the_queue=False)  # again, for the last words of jobs that have ended
    with Redis.from_url(redis_url(server.data)) as redis:
        redis.flushall()
    return True


def _empty_tables(server: Server, *, of_the_queue: bool) -> None:
    names = server.query(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND starts_with(tablename, 'procrastinate') = %s AND tablename != ALL (%s)",
        of_the_queue,
        list(KEPT),
    )
    tables = ", ".join(f'"{name}"' for (name,) in names)
    for attempt in range(ATTEMPTS):
        try:
            # The numbers of rows go on: what a process still remembers of one is never true of another.
            server.query(f"TRUNCATE {tables} CASCADE")
            return
        except DeadlockDetected:
            if attempt == ATTEMPTS - 1:
                raise
