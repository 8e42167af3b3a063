"""Jobs: how far they are, at once, when something changes, or as a stream; cancelled and tried again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, recheck, user_of
from transcription.api.filters import JOB_PARAMETERS, JobFilter, filtered
from transcription.api.pagination import newest_page, number, paged, refuse_unknown
from transcription.api.recordings import EXAMPLE as RECORDING
from transcription.api.recordings import seen
from transcription.api.renderers import EventRenderer
from transcription.api.schema import PAGE, answered, operation, page_of
from transcription.api.serializers import JobSerializer
from transcription.downloads import release_connection
from transcription.enums import ENDED_STATES
from transcription.job_watching import follow, mark_of, wait_for_change
from transcription.models import Job
from transcription.querysets import JobQuerySet
from transcription.services import access, jobs
from transcription.watching import in_thread

LONGEST_WAIT = 60
KEEP_ALIVE_LOOKS = 30
"""Looks at an unchanged job after which a stream says that it is still there: every 15 seconds."""
RECHECK_LOOKS = 90
"""Looks after which a stream makes sure that its reader may go on: every 45 seconds."""
EXAMPLE = RECORDING["job"]
JOB_PAGE = page_of("Job", JobSerializer)


def visible(request: Request) -> JobQuerySet:
    """With their places in line."""
    return Job.objects.visible_to(user_of(request)).in_library().with_place()


def seen_job(request: Request, pk: int) -> Job:
    """Raises Http404."""
    return get_object_or_404(visible(request), pk=pk)


def own_job(request: Request, pk: int) -> Job:
    """Raises Http404, and NotTheOwner."""
    found = get_object_or_404(visible(request).select_related("recording"), pk=pk)
    access.require_owner(recording=found.recording, user=user_of(request))
    return found


def answer_with_job(request: Request, pk: int, *, status: int = 200) -> Response:
    headers = {"Location": reverse("api-job", args=[pk])} if status == 201 else None
    return Response(JobSerializer(seen_job(request, pk)).data, status=status, headers=headers)


class JobsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "jobs_list",
        "List jobs",
        "jobs",
        {200: JOB_PAGE},
        problems=(400,),
        parameters=[*JOB_PARAMETERS, *PAGE],
        examples=[answered({"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        page, url = newest_page(request, filtered(JobFilter, request, visible(request)))
        return paged(JobSerializer(page, many=True).data, url)


class RecordingJobsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "recordings_jobs_list",
        "List the jobs of a recording",
        "jobs",
        {200: JOB_PAGE},
        problems=(400, 404),
        parameters=PAGE,
        examples=[answered({"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Newest first."""
        refuse_unknown(request, "limit", "cursor")
        page, url = newest_page(request, visible(request).filter(recording=seen(request, pk)))
        return paged(JobSerializer(page, many=True).data, url)


class JobView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "jobs_retrieve",
        "Show a job, or wait for it",
        "jobs",
        {200: JobSerializer},
        problems=(400, 404),
        parameters=[
            OpenApiParameter(
                "wait",
                {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
                description="Seconds to wait for another state, attempt, percent or place in line.",
            ),
            OpenApiParameter(
                "If-None-Match",
                {"type": "string"},
                OpenApiParameter.HEADER,
                description="The ETag of what you know: if that is not the newest, there is nothing to wait for.",
            ),
        ],
        examples=[answered(EXAMPLE)],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """With `wait` the answer comes when something changes, when the job has ended, or when the time is over."""
        refuse_unknown(request, "wait")
        wait = number(request, "wait", least=0, most=LONGEST_WAIT, usual=0)
        job = seen_job(request, pk)
        known = request.headers.get("If-None-Match")
        if not wait or job.state in ENDED_STATES or known not in {None, _etag(job)}:
            return Response(JobSerializer(job).data, headers={"ETag": _etag(job), "Cache-Control": "no-store"})
        release_connection()
        answer = StreamingHttpResponse(_when_changed(job, wait), content_type="application/json")
        answer["Cache-Control"] = "no-store"
        return answer


def _etag(job: Job) -> str:
    return '"{}"'.format("-".join(str(each) for each in (job.pk, *mark_of(job))))


async def _when_changed(job: Job, seconds: int) -> AsyncIterator[bytes]:
    """The body alone waits, in the event loop, without a connection. It ends when the client hangs up."""
    yield _as_json(await wait_for_change(job, seconds=seconds))


def _as_json(job: Job) -> bytes:
    return JSONRenderer().render(JobSerializer(job).data)


EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string", "enum": ["progress", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "The job."},
    },
}
EVENT_EXAMPLE = {"event": "progress", "data": '{"id": 7, "state": "transcribing", "progress": 0.4}'}


class EventsView(APIView):
    required_scope = READ_OR_WRITE
    renderer_classes = (EventRenderer, JSONRenderer)

    @operation(
        "jobs_events",
        "Follow a job",
        "jobs",
        {(200, "text/event-stream"): EVENT},
        problems=(404,),
        examples=[OpenApiExample("Progress", EVENT_EXAMPLE, media_type="text/event-stream", status_codes=["200"])],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Server-sent events: `progress` with the job as it is, then and whenever it changes; `end` when it has ended.

        Every 15 seconds without news there is a comment. A stream whose key or session is no longer good ends.
        """
        refuse_unknown(request)
        job = seen_job(request, pk)
        release_connection()
        answer = StreamingHttpResponse(_events(job, _recheck(request, pk)), content_type="text/event-stream")
        answer["Cache-Control"] = "no-store"
        answer["X-Accel-Buffering"] = "no"  # nginx would collect the events
        return answer


def _recheck(request: Request, pk: int) -> Callable[[], bool]:
    """Whether who began to follow a job may go on: the key or session is good, and the job still to be seen."""
    is_still_good, user = recheck(request), user_of(request)
    return lambda: is_still_good() and Job.objects.visible_to(user).in_library().filter(pk=pk).exists()


async def _events(job: Job, is_still_good: Callable[[], bool]) -> AsyncIterator[bytes]:
    yield _event("progress", _as_json(job))
    shown, quiet, looks = mark_of(job), 0, 0
    async for found in follow(job):
        looks, quiet = looks + 1, quiet + 1
        if found is None or (looks % RECHECK_LOOKS == 0 and not await in_thread(is_still_good)):
            break
        job = found
        if mark_of(job) != shown:
            shown, quiet = mark_of(job), 0
            yield _event("progress", _as_json(job))
        elif quiet % KEEP_ALIVE_LOOKS == 0:
            yield b": still there\n\n"
    yield _event("end", _as_json(job))


def _event(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)


class CancelView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "jobs_cancel",
        "Cancel a job",
        "jobs",
        {200: JobSerializer},
        problems=(404, 409),
        examples=[answered(EXAMPLE)],
    )
    def post(self, request: Request, pk: int) -> Response:
        refuse_unknown(request)
        jobs.cancel_job(job=own_job(request, pk))
        return answer_with_job(request, pk)


class RetryView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "jobs_retry",
        "Try a job again",
        "jobs",
        {200: JobSerializer},
        problems=(404, 409),
        examples=[answered(EXAMPLE)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """One that failed or was cancelled; it goes on from where it was."""
        refuse_unknown(request)
        jobs.retry_job(job=own_job(request, pk))
        return answer_with_job(request, pk)
