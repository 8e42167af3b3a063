"""What an audience is shown: each followed recording is read once in a process, for all who follow it here.

The channel layer only hints that something is new, and may lose that. What is new is read from where it is kept: final
segments from Postgres by index, the newest partial from Redis. So a lost hint costs a watcher two seconds, and nothing
else. Used from the event loop only; Postgres is asked in a thread of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError, connection
from redis.exceptions import RedisError

from transcription import protocol as messages
from transcription.services import events, following, partials
from transcription.services.following import Followed
from transcription.speech.types import Segment

logger = structlog.get_logger(__name__)

JOIN_EVERY = 30.0
"""Seconds after which a feed enters its group again: a Valkey that came back without its data has forgotten it."""
READ_EVERY = 2.0
"""Seconds after which Postgres is asked without any hint."""
REST = 0.1
"""Seconds between two reads, however many hints come."""
KEPT = 500
"""Final segments of a recording that are held ready; who is further behind has them read."""
BATCH = 200

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Final:
    """A final segment, written as JSON once for all watchers."""

    index: int
    segment: str


class Feed:
    """One recording as its watchers see it. It reads from when it is started until the recording has ended.

    ``version`` grows with each change; ``followed`` is None when the recording is gone.
    """

    def __init__(self, recording_id: UUID) -> None:
        self.recording_id = recording_id
        self.followed: Followed | None = None
        self.looked_at = 0.0
        self.is_over = False
        self.partial: messages.Partial | None = None
        self.version = 0
        self.watchers = 0
        self.ready = asyncio.Event()
        self._finals: deque[Final] = deque(maxlen=KEPT)
        self._revision = -1
        self._changed = asyncio.Event()
        self._hinted = asyncio.Event()

    @property
    def last_index(self) -> int:
        """Of the newest final segment; -1 before the first."""
        return self._finals[-1].index if self._finals else -1

    async def changed(self, *, since: int) -> int:
        """Wait until there is a newer version than ``since``; the newest."""
        while self.version == since:
            await self._changed.wait()
        return self.version

    async def finals(self, *, after: int) -> list[Final]:
        """What comes after ``after``, in order; not always all of it. Empty: there is nothing newer."""
        if after >= self.last_index or self.followed is None or self.followed.transcript_id is None:
            return []
        if after + 1 >= self._finals[0].index:
            return [final for final in self._finals if final.index > after]
        return await in_thread(_read_finals, self.followed.transcript_id, after, BATCH)

    # Reading ----------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read until the recording has ended; then ``is_over``. A server that is away is asked again."""
        listening = asyncio.create_task(self._listen())
        try:
            while not self.is_over:
                await self._read_if_possible()
                await asyncio.sleep(REST)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._hinted.wait(), READ_EVERY - REST)
        finally:
            listening.cancel()

    async def _read_if_possible(self) -> None:
        try:
            await self._read()
        except DatabaseError as error:
            logger.warning("captions not read", recording=str(self.recording_id), error=type(error).__name__)

    async def _read(self) -> None:
        """Ask Redis; ask Postgres unless what is new is all in the partial."""
        hinted = self._hinted.is_set()
        self._hinted.clear()
        before = self._state()
        told = await self._read_partial()
        is_due = asyncio.get_running_loop().time() >= self.looked_at + READ_EVERY - REST
        if is_due or (hinted and not told):
            await self._look()
        if self.is_over or (self.partial is not None and self.partial["index"] <= self.last_index):
            self.partial = None
        self.ready.set()
        if self._state() != before:
            self.version += 1
            announced, self._changed = self._changed, asyncio.Event()
            announced.set()

    def _state(self) -> tuple[Any, ...]:
        """What watchers would notice a change of."""
        followed = self.followed and (self.followed.is_live, self.followed.links)
        return self.ready.is_set(), followed, self.last_index, self.is_over, self._revision, self.partial is None

    async def _read_partial(self) -> bool:
        """True if there is a new partial and it follows the finals that are known: then no final is missing."""
        try:
            kept = await partials.get(recording_id=self.recording_id)
        except (RedisError, OSError):
            kept = None  # final segments do not wait for it
        if kept is None:
            self.partial = None
            return False
        is_new = kept["revision"] != self._revision
        self._revision = kept["revision"]
        self.partial = messages.partial(
            index=kept["index"], start=kept["start"], stable=kept["stable"], unstable=kept["unstable"]
        )
        return is_new and kept["index"] == self.last_index + 1

    async def _look(self) -> None:
        """Ask Postgres how the recording is and for its new final segments."""
        started = asyncio.get_running_loop().time()
        followed, new = await in_thread(_look, self.recording_id, self.last_index)
        self.followed, self.looked_at = followed, started
        self._finals.extend(new)
        self.is_over = followed is None or not followed.is_live

    async def _listen(self) -> None:
        """Turn hints of the channel layer into reads. When Redis is away, time alone makes them."""
        while True:
            try:
                async with _joined(events.live_group(live_id=self.recording_id)) as (layer, channel):
                    while True:
                        await layer.receive(channel)
                        self._hinted.set()
            except (RedisError, OSError):
                await asyncio.sleep(READ_EVERY)


@asynccontextmanager
async def _joined(group: str) -> AsyncIterator[tuple[Any, str]]:
    """A channel of its own in a group of the channel layer, in which it stays however the layer fares."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    joining = asyncio.create_task(_join(layer, group, channel))
    try:
        yield layer, channel
    finally:
        joining.cancel()
        with suppress(RedisError, OSError):
            await layer.group_discard(group, channel)


async def _join(layer: Any, group: str, channel: str) -> None:
    while True:
        with suppress(RedisError, OSError):
            await layer.group_add(group, channel)
        await asyncio.sleep(JOIN_EVERY)


class FeedFull(Exception):  # noqa: N818  (an answer, not an error)
    pass


class Feeds:
    """The feeds of this process, one for each recording that anybody follows here."""

    def __init__(self) -> None:
        self._feeds: dict[UUID, tuple[Feed, asyncio.Task[None]]] = {}

    async def join(self, recording_id: UUID, *, limit: int) -> Feed:
        """Begin to follow; returns when what was said so far is there. Each ``join`` needs its ``leave``.

        Raises FeedFull when ``limit`` watchers follow already.
        """
        if recording_id not in self._feeds:
            feed = Feed(recording_id)
            self._feeds[recording_id] = feed, asyncio.create_task(self._run(feed))
        feed, _ = self._feeds[recording_id]
        if feed.watchers >= limit:
            raise FeedFull
        feed.watchers += 1
        try:
            await feed.ready.wait()
        except BaseException:
            self.leave(feed)
            raise
        return feed

    def leave(self, feed: Feed) -> None:
        feed.watchers -= 1
        current, task = self._feeds.get(feed.recording_id, (None, None))
        if feed.watchers == 0 and current is feed and task is not None:
            task.cancel()
            self._forget(feed)

    async def _run(self, feed: Feed) -> None:
        await feed.run()
        # The audience of a recording that has just ended comes back all at once, and shares this one.
        await asyncio.sleep(READ_EVERY)
        self._forget(feed)

    def _forget(self, feed: Feed) -> None:
        if self._feeds.get(feed.recording_id, (None,))[0] is feed:
            del self._feeds[feed.recording_id]


feeds = Feeds()

_reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="watch")
"""Its one connection to Postgres stays open. Reads are short, so that one thread serves very many recordings."""


async def in_thread(function: Callable[..., _Result], *arguments: Any) -> _Result:
    """Call it in the reading thread. A connection that failed is not used again."""
    call = partial(_with_connection, function, *arguments)
    result: _Result = await sync_to_async(call, thread_sensitive=False, executor=_reader)()
    return result


def _with_connection(function: Callable[..., _Result], *arguments: Any) -> _Result:
    try:
        return function(*arguments)
    except DatabaseError:
        connection.close()
        raise


def _look(recording_id: UUID, after: int) -> tuple[Followed | None, list[Final]]:
    followed = following.look(recording_id=recording_id)
    if followed is None or followed.transcript_id is None:
        return followed, []
    new = following.newest_finals(transcript_id=followed.transcript_id, limit=KEPT, after=after)
    return followed, _as_text(new)


def _read_finals(transcript_id: int, after: int, limit: int) -> list[Final]:
    return _as_text(following.finals(transcript_id=transcript_id, after=after, limit=limit))


def _as_text(segments: Iterable[Segment]) -> list[Final]:
    return [Final(each.index, json.dumps(messages.segment(each))) for each in segments]
