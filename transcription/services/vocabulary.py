"""Names and terms of people and groups, which every transcription of theirs is told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, Group
from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from transcription import whisper_service
from transcription.errors import BadRequest
from transcription.models import Job, Live, Transcript, Vocabulary
from transcription.services.recordings import clean_line
from transcription.speech.engines.prompts import PROMPT_TOKENS
from transcription.speech.terms import TermFinder, find_terms

MOST_TERMS = 500
LONGEST_TERM = 80
LIVE_TOKENS = 120
"""While somebody speaks, the rest of the prompt is for the words just before."""
PLACES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Fit:
    """Which terms the recogniser can be told of at once; ``left_out``: all from the first that does not fit."""

    told: tuple[str, ...]
    left_out: tuple[str, ...]
    tokens: int

    @property
    def count(self) -> int:
        return len(self.told) + len(self.left_out)


@dataclass(frozen=True, slots=True)
class FoundTerm:
    term: str
    count: int
    places: list[float]
    """Seconds, at most ``PLACES_SHOWN``."""


def split_terms(text: str) -> list[str]:
    """One a line, cleaned, none twice in any case of letters."""
    terms: dict[str, str] = {}
    for line in text.splitlines():
        if term := clean_line(line, limit=LONGEST_TERM + 1):
            terms.setdefault(term.casefold(), term)
    return list(terms.values())


def save_terms(*, text: str, user: User | None = None, group: Group | None = None) -> Vocabulary:
    """Replace the terms of a person or of a group. Raises BadRequest for too many, or for one that is too long."""
    terms = split_terms(text)
    if len(terms) > MOST_TERMS:
        raise BadRequest(
            gettext("These are %(count)d terms; there may be %(most)d.") % {"count": len(terms), "most": MOST_TERMS}
        )
    if long := [term for term in terms if len(term) > LONGEST_TERM]:
        raise BadRequest(
            gettext("“%(term)s…” is too long: a term may have %(most)d characters.")
            % {"term": long[0][:40], "most": LONGEST_TERM}
        )
    with transaction.atomic():
        row, _made = Vocabulary.objects.update_or_create(user=user, group=group, defaults={"terms": "\n".join(terms)})
    return row


def terms_of(*, user: User | None = None, group: Group | None = None) -> list[str]:
    text = Vocabulary.objects.filter(user=user, group=group).values_list("terms", flat=True).first()
    return (text or "").splitlines()


def all_terms(owner: User) -> list[str]:
    """The person's own first, then those of the person's groups, by the groups' names; none twice."""
    rows = Vocabulary.objects.visible_to(owner).order_by("group__name").values_list("user_id", "terms")
    texts = sorted(rows, key=lambda row: row[0] is None)
    return split_terms("\n".join(text for _owner, text in texts))


def fitting(terms: Iterable[str], *, model: str, beside: Sequence[str] = (), tokens: int = PROMPT_TOKENS) -> Fit:
    """As many as fit, in their order, beside what a single job names, which comes first in importance."""
    given = {term.casefold() for term in beside}
    wanted = [term for term in terms if term.casefold() not in given]
    used = whisper_service.prompt_tokens(" " + ", ".join(beside), model=model) if beside else 0
    for number, term in enumerate(wanted):
        cost = whisper_service.prompt_tokens(f" {term},", model=model)
        if used + cost > tokens:
            return Fit(tuple(wanted[:number]), tuple(wanted[number:]), used)
        used += cost
    return Fit(tuple(wanted), (), used)


def standing_terms(*, owner: User, own: str, model: str, tokens: int = PROMPT_TOKENS) -> str:
    """What a new job is told of beside its ``own`` terms, one a line; as many as fit."""
    terms = all_terms(owner)
    if not terms:
        return ""
    return "\n".join(fitting(terms, model=model, beside=own.splitlines(), tokens=tokens).told)


def told_terms(job: Job | Live) -> tuple[str, ...]:
    """All that a job was told of: its own terms last, for the end of a prompt is what is never cut."""
    lines = [*job.standing_terms.splitlines(), *job.vocabulary.splitlines()]
    return tuple(term for line in lines if (term := line.strip()))


def terms_of_job(transcript: Transcript) -> tuple[str, ...]:
    """All that the job or the live recording was told of that wrote it; none for what was imported."""
    found = Transcript.objects.select_related("job", "live").get(pk=transcript.pk)
    told = getattr(found, "job", None) or getattr(found, "live", None)
    return told_terms(told) if told else ()


def terms_for(*, transcript: Transcript, model: str) -> list[str]:
    """What is told when a part of it is read again: the terms that are kept by now, and last those of its job."""
    told = terms_of_job(transcript)
    owner = transcript.recording.owner
    standing = standing_terms(owner=owner, own="\n".join(told), model=model, tokens=LIVE_TOKENS)
    return [*standing.splitlines(), *told]


def found_terms(transcript: Transcript, *, user: User | AnonymousUser) -> list[FoundTerm]:
    """The terms that its job was told of, the most frequent first; those that do not occur last.

    These only for the owner: what others may not read in the text, they do not read in a list of terms either.
    """
    told = terms_of_job(transcript)
    if not told:
        return []
    passages = transcript.segments.in_order().values_list("start", "text")
    found = find_terms(passages.iterator(chunk_size=2000), told)
    rows = [FoundTerm(term, len(places), places[:PLACES_SHOWN]) for term, places in found.items()]
    is_owner = transcript.recording.owner_id == user.pk
    return sorted((row for row in rows if row.count or is_owner), key=lambda row: (-row.count, row.term.casefold()))


def finder_for(transcript: Transcript) -> TermFinder:
    """Finds in its passages the terms that its job was told of. One query."""
    return TermFinder(terms_of_job(transcript))
