"""Pages of lists: a cursor says after which row the next one begins, so that it costs the same however deep it is."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from transcription.api.problems import BadCursor, UnknownParameter
from transcription.downloads import choice
from transcription.errors import BadRequest
from transcription.moments import to_moment
from transcription.services.recordings import clean_line

MOST, USUAL = 100, 50
LONGEST_CURSOR = 200
LARGEST_ID = 2**63 - 1


def refuse_unknown(request: Request, *known: str) -> None:
    """Raises UnknownParameter: a misspelt filter must not look like one that finds everything."""
    if unknown := set(request.query_params) - set(known):
        raise UnknownParameter(
            gettext("There is no parameter “%(name)s” here.") % {"name": clean_line(min(unknown), limit=40)}
        )


def number(request: Request, name: str, *, least: int, most: int, usual: int) -> int:
    """A whole number from the query. Raises BadRequest."""
    value = request.query_params.get(name)
    if value is None:
        return usual
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or not least <= int(value) <= most:
        raise BadRequest(
            gettext("“%(name)s” must be a whole number from %(least)d to %(most)d.")
            % {"name": name, "least": least, "most": most}
        )
    return int(value)


def flag(request: Request, name: str) -> bool:
    """``true`` or ``false``, which is usual. Raises BadRequest."""
    return bool(choice(request.query_params, name))


def newest_page(request: Request, rows: QuerySet[Any], *, by: str = "") -> tuple[list[Any], str | None]:
    """At most ``limit`` rows after ``cursor``, newest first by the time ``by``, if any, and id; the next page's URL.

    Raises BadRequest for a limit, BadCursor for a cursor that cannot be.
    """
    limit = number(request, "limit", least=1, most=MOST, usual=USUAL)
    order = [f"-{by}", "-pk"] if by else ["-pk"]
    if (cursor := request.query_params.get("cursor")) is not None:
        rows = rows.filter(_older_than(decode(cursor), rows, by))
    page = list(rows.order_by(*order)[: limit + 1])
    if len(page) <= limit:
        return page, None
    last = page[limit - 1]
    moment = [getattr(last, by).isoformat()] if by else []
    return page[:limit], next_url(request, encode([*moment, str(last.pk)]))


def next_url(request: Request, cursor: str) -> str:
    return str(replace_query_param(request.build_absolute_uri(), "cursor", cursor))


def next_url_after(request: Request, number: int) -> str:
    """Of lists that are numbered, whose pages begin ``after`` one."""
    query = request.query_params.copy()
    query["after"] = str(number)
    return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"


def paged(rows: Any, url: str | None, **more: Any) -> Response:
    return Response({"next": url, "results": rows} | more)


def encode(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str) -> list[Any]:
    """Raises BadCursor."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise BadCursor
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor from error
    if not isinstance(values, list):
        raise BadCursor
    return values


def _older_than(values: list[Any], rows: QuerySet[Any], by: str) -> Q:
    try:
        *moments, pk = values
        key = rows.model._meta.pk.to_python(pk)
        if isinstance(key, int) and abs(key) > LARGEST_ID:
            raise BadCursor
        if not by and not moments:
            return Q(pk__lt=key)
        (moment,) = (to_moment(text) for text in moments)
        return Q(**{f"{by}__lte": moment}) & (Q(**{f"{by}__lt": moment}) | Q(pk__lt=key))
    except BadCursor:
        raise
    except Exception as error:  # whatever cannot be unpacked, parsed or converted
        raise BadCursor from error
