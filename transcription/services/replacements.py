"""Find and replace in a whole transcript: what would change is shown first, and carried out as one edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from transcription.editing import passages, replacing
from transcription.editing.changes import Change, Row, taken
from transcription.editing.passages import Refused
from transcription.editing.replacing import Search
from transcription.enums import EditKind
from transcription.errors import BadRequest, EditConflict
from transcription.models import Transcript, TranscriptEdit
from transcription.services import editing, edits
from transcription.services.edits import By, Plan

MOST_FOUND = 2000
"""Passages that one replacement may change."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage in which something would be replaced: ``parts`` are its new text, and which of it is new."""

    index: int
    revision: int
    start: float
    text: str
    parts: list[tuple[str, bool]]
    count: int


def find(*, transcript: Transcript, search: Search, replacement: str | None) -> tuple[list[Found], bool]:
    """What a replacement would do, in order; at most ``MOST_FOUND`` passages, and whether there are more.

    Without a replacement: what there is to replace. Raises BadRequest for an empty search.
    """
    _check_search(search, replacement or "")
    rows = transcript.segments.in_order().values_list("index", "revision", "start", "text")
    found: list[Found] = []
    for index, revision, start, text in rows.iterator(chunk_size=2000):
        if count := len(replacing.places(search, text)):
            if len(found) == MOST_FOUND:
                return found, True
            parts = list(replacing.parts(search, text, replacement))
            found.append(Found(index, revision, start, text, parts, count))
    return found, False


def replace_everywhere(
    *, transcript_id: int, by: By, search: Search, replacement: str, revisions: Mapping[int, int]
) -> TranscriptEdit | None:
    """Replace in the passages that the preview named, all or none: one edit, undone in one step.

    A passage that would be left without text is deleted. Raises EditConflict where somebody else has changed one.
    """
    _check_search(search, replacement)
    if len(revisions) > MOST_FOUND:
        raise BadRequest(gettext("These are too many passages for one replacement."))

    def plan(transcript: Transcript) -> Plan:
        _require_as_previewed(transcript, revisions)
        rows = edits.segment_rows(transcript, revisions)
        return Plan([_replaced(index, row, search, replacement) for index, row in rows.items()])

    def is_same(edit: TranscriptEdit) -> bool:
        return revisions.keys() >= {change.number for change in edits.segment_changes(edit)}

    return edits.commit(transcript_id=transcript_id, by=by, kind=EditKind.REPLACE, plan=plan, is_same=is_same)


def _require_as_previewed(transcript: Transcript, revisions: Mapping[int, int]) -> None:
    try:
        editing.require_unchanged(transcript, revisions)
    except EditConflict as conflict:
        message = gettext("Somebody else has changed one of these passages in the meantime. Nothing was replaced.")
        raise EditConflict(message, **conflict.details) from conflict


def _replaced(index: int, row: Row, search: Search, replacement: str) -> Change:
    text = replacing.replaced(search, row["text"], replacement)
    try:
        return passages.text_changed(index, row, text)
    except Refused as refused:
        if refused.code == "empty":
            return taken(index, row)
        raise editing.bad_request(refused) from refused


def _check_search(search: Search, replacement: str) -> None:
    if not search.text.strip():
        raise BadRequest(gettext("Please say what to look for."))
    if max(len(search.text), len(replacement)) > replacing.LONGEST_SEARCH:
        raise BadRequest(gettext("At most 200 characters can be looked for or put in place."))
