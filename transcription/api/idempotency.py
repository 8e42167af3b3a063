"""``Idempotency-Key``: a request that is sent twice is done once, and answered twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from transcription.api.admission import user_of
from transcription.errors import BadRequest
from transcription.services import answers
from transcription.services.answers import Answer

LONGEST_KEY = 200
DESCRIBING_HEADERS = ("Upload-Length", "Upload-Metadata")
"""What a request to begin an upload says beside its body."""
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description="A name for this wish. Sent again within 24 hours, it gets the same answer, and nothing is made twice.",
)

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Callable[..., HttpResponseBase]:
    """A view's method: with a key, what succeeded is answered again as it was. What failed may be tried again."""

    @wraps(handler)
    def answered_once(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
            raise BadRequest(
                gettext("An Idempotency-Key has 1 to %(limit)d printable characters.") % {"limit": LONGEST_KEY}
            )
        row, stored = answers.begin(user=user_of(request), key=key, fingerprint=_fingerprint(request))
        if stored is not None:
            return HttpResponse(stored.body, status=stored.status, headers=stored.headers)
        try:
            response = handler(view, request, *args, **kwargs)
        except BaseException:
            answers.give_up(row=row)
            raise
        answers.finish(row=row, answer=_answer(response))
        return response

    return answered_once


def _answer(response: Response) -> Answer:
    headers = dict(response.headers)
    if response.data is None:
        return Answer(response.status_code, headers, b"")
    return Answer(
        response.status_code, headers | {"Content-Type": "application/json"}, JSONRenderer().render(response.data)
    )


def _fingerprint(request: Request) -> str:
    """Of method, address and content. A form's parts count, not how they were put together: boundaries are random."""
    found = hashlib.sha256()
    described = [request.headers.get(name, "") for name in DESCRIBING_HEADERS]
    for value in (request.method, request.get_full_path(), *described):
        found.update(_framed(str(value).encode()))
    sent = request._request  # which a view that takes no forms can be asked, too
    if (request.content_type or "").startswith("multipart/"):
        parts: list[tuple[str, list[Any]]] = [*sorted(sent.POST.lists()), *sorted(sent.FILES.lists())]
        for name, values in parts:
            found.update(_framed(name.encode()))
            for part in values:
                found.update(_framed(_digest(part) if isinstance(part, UploadedFile) else str(part).encode()))
    else:
        found.update(_framed(sent.body))
    return found.hexdigest()


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def _digest(file: UploadedFile) -> bytes:
    found = hashlib.sha256((file.name or "").encode())
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.digest()
