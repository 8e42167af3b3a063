"""Resumable uploads: tus 1.0 (https://tus.io/protocols/resumable-upload), core, creation, expiration, termination."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import HasScope, key_of
from accounts.models import Scope, User
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.schema import answered, operation
from transcription.errors import BadRequest
from transcription.models import Upload
from transcription.services import uploads

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
CHUNK_LIMIT = settings.UPLOAD_CHUNK_SIZE + 2**20
"""The server refuses larger bodies before they are read; this holds behind another server too."""
LISTED = 100
_FLAGS = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False, "": False}


class UnsupportedVersion(exceptions.APIException):
    status_code = 412
    default_code = "unsupported_version"
    default_detail = format_lazy(_("This server speaks version {version} of tus."), version=VERSION)


class ChunkTooLarge(exceptions.APIException):
    status_code = 413
    default_code = "request_too_large"
    default_detail = format_lazy(
        _("One request may bring at most {size} bytes of a file."), size=settings.UPLOAD_CHUNK_SIZE
    )


class UploadSerializer(serializers.ModelSerializer[Upload]):
    url = serializers.SerializerMethodField()
    title = serializers.CharField(source="recording.title")
    filename = serializers.CharField(source="recording.original_name")

    class Meta:
        model = Upload
        fields = ("id", "url", "recording", "title", "filename", "fingerprint", "offset", "length", "expires_at")

    def get_url(self, upload: Upload) -> str:
        return reverse("upload", args=[upload.pk])


def _header(name: str, description: str, *, required: bool = True, **schema: Any) -> OpenApiParameter:
    return OpenApiParameter(
        name, {"type": "string"} | schema, OpenApiParameter.HEADER, required=required, description=description
    )


RESUMABLE = _header("Tus-Resumable", "Of the protocol.", enum=[VERSION])
LENGTH = _header("Upload-Length", "Bytes of the file.", pattern="^[0-9]{1,18}$")
OFFSET = _header("Upload-Offset", "Bytes that have arrived.", pattern="^[0-9]{1,18}$")
METADATA = _header(
    "Upload-Metadata",
    "Names and values in base64: filename, title, fingerprint, language, task, model, vocabulary, notify.",
    required=False,
)
EXAMPLE = {
    "id": "5a5f4c0e-3c43-4c8e-8f0b-5a0d8b8e6c11",
    "url": "/api/v1/uploads/5a5f4c0e-3c43-4c8e-8f0b-5a0d8b8e6c11/",
    "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "title": "Hearing",
    "filename": "hearing.m4a",
    "fingerprint": "",
    "offset": 8388608,
    "length": 400000000,
    "expires_at": "2026-11-29T09:00:00Z",
}
TUS = "uploads"


class SignedInOrAsking(HasScope):
    """OPTIONS tells everybody what the protocol can do here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method == "OPTIONS" or super().has_permission(request, view)


class TusView(APIView):
    """What all requests of the protocol share."""

    permission_classes = (SignedInOrAsking,)
    required_scope = Scope.WRITE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # For clients behind something that knows only GET and POST. Not from GET, which is not protected from forgery.
        if request.method == "POST" and (method := request.headers.get("X-HTTP-Method-Override")):
            request.method = method.upper()
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in {"GET", "OPTIONS"} and request.headers.get("Tus-Resumable") != VERSION:
            raise UnsupportedVersion

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = response["Tus-Version"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(exclude=True)
    def options(self, request: HttpRequest | Request, *args: Any, **kwargs: Any) -> Response:
        headers = {"Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(settings.MAX_UPLOAD_SIZE)}
        return Response(status=204, headers=headers)


class UploadsView(TusView):
    @operation(
        "uploads_list",
        "List unfinished uploads",
        TUS,
        {200: UploadSerializer(many=True)},
        parameters=[
            OpenApiParameter("fingerprint", {"type": "string", "maxLength": 200}, description="Only those of one file.")
        ],
        examples=[answered([EXAMPLE])],
    )
    def get(self, request: Request) -> Response:
        """The user's unfinished uploads, newest first; with ``?fingerprint=`` those of one file."""
        found = (
            Upload.objects.owned_by(request.user)
            .unfinished()
            .filter(recording__deleted_at=None, recording__delete_after=None)
        )
        if fingerprint := request.query_params.get("fingerprint", "").replace("\0", ""):
            found = found.filter(fingerprint=fingerprint)
        newest = found.select_related("recording").order_by("-created_at")[:LISTED]
        return Response(UploadSerializer(newest, many=True).data)

    @operation(
        "uploads_create",
        "Begin an upload",
        TUS,
        {201: None},
        problems=(400, 409, 412, 413, 422, 507),
        parameters=[RESUMABLE, LENGTH, METADATA, IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin an upload: 201 and where to send its bytes."""
        if "Upload-Defer-Length" in request.headers:
            raise BadRequest(gettext("The length of the file must be known from the start."))
        metadata = parse_metadata(request.headers.get("Upload-Metadata", ""))
        upload = uploads.create_upload(
            owner=cast(User, request.user),  # a permission sees to it
            length=_number(request, "Upload-Length"),
            filename=metadata.get("filename", ""),
            fingerprint=_fingerprint(metadata),
            options=_options(metadata),
            title=metadata.get("title", ""),
            api_key=key_of(request),
        )
        headers = {"Location": reverse("upload", args=[upload.pk]), **_expires(upload)}
        return Response(status=201, headers=headers)


class UploadView(TusView):
    @operation(
        "uploads_offset", "How far an upload is", TUS, {200: None}, problems=(404, 410, 412), parameters=[RESUMABLE]
    )
    def head(self, request: Request, pk: UUID) -> Response:
        """How far the upload is."""
        upload = uploads.recover_upload(upload=_own_upload(request, pk))
        headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.length), **_expires(upload)}
        return Response(headers=headers)

    @operation(
        "uploads_append",
        "Add bytes to an upload",
        TUS,
        {204: None},
        problems=(400, 404, 409, 410, 412, 413, 415, 423, 507),
        request={"application/offset+octet-stream": OpenApiTypes.BINARY},
        parameters=[RESUMABLE, OFFSET],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        """Add bytes. They are on disk before this answers."""
        if request.content_type != "application/offset+octet-stream":
            raise exceptions.UnsupportedMediaType(str(request.content_type))
        offset = _number(request, "Upload-Offset")
        upload = _own_upload(request, pk)
        data = request._request.read(CHUNK_LIMIT + 1)
        if len(data) > CHUNK_LIMIT:
            raise ChunkTooLarge
        offset = uploads.append_chunk(upload=upload, offset=offset, data=data)
        return Response(status=204, headers={"Upload-Offset": str(offset), **_expires(upload)})

    @operation(
        "uploads_delete", "Give an upload up", TUS, {204: None}, problems=(404, 409, 412, 423), parameters=[RESUMABLE]
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Give the upload up."""
        uploads.cancel_upload(upload=_own_upload(request, pk))
        return Response(status=204)


def parse_metadata(header: str) -> dict[str, str]:
    """``key base64, key base64, key`` as names and texts. Raises BadRequest for anything that is not exactly that."""
    values: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else []:
        key, _, encoded = pair.strip().partition(" ")
        if not re.fullmatch(r"[\x21-\x7e]{1,100}", key) or key in values:
            raise BadRequest(gettext("Upload-Metadata must be a list of different names."))
        try:
            values[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError) as error:
            raise BadRequest(
                gettext("Upload-Metadata: the value of “%(name)s” is not base64 of UTF-8 text.") % {"name": key}
            ) from error
    return values


def _fingerprint(metadata: dict[str, str]) -> str:
    fingerprint = metadata.get("fingerprint", "")
    if len(fingerprint) > 200 or not fingerprint.isprintable():
        raise BadRequest(gettext("The fingerprint may have at most 200 printable characters."))
    return fingerprint


def _options(metadata: dict[str, str]) -> dict[str, str | bool]:
    """An empty model or task is the usual one; an empty language means: detect it."""
    options: dict[str, str | bool] = {name: metadata[name] for name in ("language", "vocabulary") if name in metadata}
    options |= {name: metadata[name] for name in ("model", "task") if metadata.get(name)}
    if "notify" in metadata:
        if metadata["notify"] not in _FLAGS:
            raise BadRequest(gettext("“%(name)s” must be true or false.") % {"name": "notify"})
        options["notify_by_mail"] = _FLAGS[metadata["notify"]]
    return options


def _number(request: Request, header: str) -> int:
    value = request.headers.get(header, "")
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise BadRequest(gettext("%(name)s must be a whole number.") % {"name": header})
    return int(value)


def _own_upload(request: Request, pk: UUID) -> Upload:
    upload: Upload = get_object_or_404(Upload.objects.owned_by(request.user), pk=pk)
    return upload


def _expires(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(upload.expires_at.timestamp())}
