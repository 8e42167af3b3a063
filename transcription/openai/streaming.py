"""A transcript as server-sent events, while the work runs."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError
from django.http import StreamingHttpResponse

from transcription.errors import ScriptaError
from transcription.openai import answers, errors
from transcription.openai.errors import ApiError
from transcription.openai.waiting import room
from transcription.openai.work import Work, unbroken
from transcription.speaking.threads import in_answering

log = structlog.get_logger(__name__)
STILL_WORKING = b": still working\n\n"


def stream(work: Work) -> StreamingHttpResponse:
    """Takes over the work: whatever happens, it is cleared away."""
    response = StreamingHttpResponse(_events(work), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the events back
    return response


async def _events(work: Work) -> AsyncGenerator[bytes, None]:
    try:
        with room.admit(again=True):
            async with aclosing(_texts(work)) as events:
                async for event in events:
                    yield event
    except ScriptaError as error:
        yield _error(errors.to_api_error(error))
    except (DatabaseError, InterfaceError):
        yield _error(errors.UNAVAILABLE)
    except Exception as error:
        log.exception("stream failed", error=type(error).__name__)
        yield _error(errors.INTERNAL)
    finally:
        await unbroken(work.clear())


async def _texts(work: Work) -> AsyncGenerator[bytes, None]:
    """Deltas as checkpoints land: they only ever add. Joined, they are the text that comes at the end."""
    text, index = "", -1
    async with aclosing(work.changes()) as changes:
        async for seen in changes:
            if seen is None:
                yield STILL_WORKING
                continue
            for segment in await in_answering(answers.segments_after, job_id=work.job_id, index=index):
                index = segment.index
                if delta := answers.continuation(text, segment):
                    text += delta
                    yield _event({"type": "transcript.text.delta", "delta": delta})
    job = await in_answering(answers.load, job_id=work.job_id)
    yield _event({"type": "transcript.text.done", "text": text, "usage": answers.usage(job)})


def _event(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


def _error(error: ApiError) -> bytes:
    return _event({"type": "error", **errors.body(error)})
