"""The endpoints of ``/v1`` that work by HTTP."""

from __future__ import annotations

from contextlib import aclosing

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Scope
from transcription.enums import Task
from transcription.openai import answers, errors, names, work
from transcription.openai.access import for_programs
from transcription.openai.errors import ApiError
from transcription.openai.streaming import stream
from transcription.openai.waiting import room
from transcription.openai.work import Work, unbroken
from transcription.speaking.threads import in_answering


@for_programs("POST", scope=Scope.WRITE)
async def transcriptions(request: HttpRequest) -> HttpResponseBase:
    return await _answer(request, Task.TRANSCRIBE)


@for_programs("POST", scope=Scope.WRITE)
async def translations(request: HttpRequest) -> HttpResponseBase:
    """The text is English, whatever is spoken."""
    return await _answer(request, Task.TRANSLATE)


@for_programs("GET", "HEAD", scope=Scope.READ)
async def models(request: HttpRequest) -> HttpResponseBase:
    return JsonResponse({"object": "list", "data": [names.describe_model(name) for name in names.models()]})


@for_programs("GET", "HEAD", scope=Scope.READ)
async def model(request: HttpRequest, name: str) -> HttpResponseBase:
    if name not in names.models():
        raise names.unknown_model(name)
    return JsonResponse(names.describe_model(name))


@csrf_exempt
async def nothing_here(request: HttpRequest) -> HttpResponseBase:
    message = f"Invalid URL ({request.method} {request.path[:200]})"
    return errors.response(ApiError(message, status=404, code="unknown_url"))


async def _answer(request: HttpRequest, task: Task) -> HttpResponseBase:
    with room.admit():
        begun = await work.begin(request, task=task)
        try:
            if begun.wish.stream and not await _ends_without_text(begun):
                return stream(begun)
            return await _whole_answer(begun)
        except BaseException:  # hang-ups as well
            await unbroken(begun.clear())
            raise


async def _ends_without_text(begun: Work) -> bool:
    """Waits for the first text. Until then an error still has a status of its own, as for those who do not stream."""
    async with aclosing(begun.changes()) as changes:
        async for seen in changes:
            if seen is not None and seen.revision > 0:
                return False
    return True


async def _whole_answer(begun: Work) -> HttpResponseBase:
    async for _ in begun.changes():
        pass
    response = await in_answering(answers.answer, job_id=begun.job_id, wish=begun.wish)
    begun.clear_later()
    return response
