"""Threads for what must not be done on the event loop."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

_Result = TypeVar("_Result")

_database = ThreadPoolExecutor(max_workers=6, thread_name_prefix="live database")
"""Each keeps its connection to Postgres open."""
_listening = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live listening")
"""Decoding and detecting speech: two milliseconds for each tenth of a second of sound."""

PATIENCE = 20.0
"""Seconds without storage or database after which a speaker is sent to another process."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0


async def in_database(function: Callable[..., _Result], **arguments: Any) -> _Result:
    """Call a service. A connection that failed is not used again."""
    call = functools.partial(_with_connection, function, **arguments)
    return await asyncio.get_running_loop().run_in_executor(_database, call)


async def persistently(function: Callable[..., _Result], *, seconds: float, **arguments: Any) -> _Result:
    """The same, again and again while the database is away; after ``seconds`` its error is raised."""
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + seconds, FIRST_PAUSE
    while True:
        try:
            return await in_database(function, **arguments)
        except (OperationalError, InterfaceError):
            if loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def in_listening(function: Callable[..., _Result], *arguments: Any) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(_listening, function, *arguments)


def _with_connection(function: Callable[..., _Result], **arguments: Any) -> _Result:
    try:
        return function(**arguments)
    except (DatabaseError, InterfaceError):
        connection.close()
        raise
