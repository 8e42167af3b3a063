"""Parts of a transcript that are transcribed again, as a proposal: asked for, compared, accepted, dismissed.

The text changes only when a person accepts: one edit in the log, against the text as that person saw it.
``proposal_attempts`` has what workers do with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from transcription import whisper_service
from transcription.editing import proposals
from transcription.editing.changes import Change
from transcription.editing.compare import Run
from transcription.editing.passages import FIELDS, Refused, read_words
from transcription.editing.proposals import Numbered, Span
from transcription.enums import EditKind, ProposalState, RecordingState, Task
from transcription.errors import AlreadyRunning, BadRequest, EditConflict, TooManyProposals, WrongState
from transcription.models import Proposal, Recording, Transcript, TranscriptEdit, TranscriptSegment
from transcription.services import edits, queue, vocabulary
from transcription.services.edits import By, Plan
from transcription.speech.types import Word

MOST_SECONDS = 180.0
"""Of one proposal: a person compares it by eye."""
MOST_WAITING = 5
"""Of one person, that wait or are being made: each takes a worker for about as long as its sound, or longer."""
MARGIN = 1.0
"""Seconds of a pause beside the passages that are listened to again: words that were left out stand there."""
CONTEXT_SECONDS, CONTEXT_LENGTH, CONTEXT_CONFIDENCE = 10.0, 200, 0.6
"""How close the text before must be, how many characters of it are told, and how sure it must be: a wrong one leads
the decoder astray."""


# What people do ------------------------------------------------------------------------------------------------------


def request_proposal(
    *, transcript_id: int, user: User, first: int, last: int | None = None, model: str = ""
) -> Proposal:
    """Have the passages from ``first`` to ``last`` transcribed again, and enqueue that. Changes no text.

    Without a ``model`` it is the largest that is here for the language. A finished proposal for the same passages is
    forgotten. Raises WrongState for what has no sound or is being written, AlreadyRunning, TooManyProposals,
    EditConflict for passages that are gone, and BadRequest for a part that is too long and a model that is not offered.
    """
    with transaction.atomic():
        transcript = edits.hold(transcript_id)
        _require_sound(transcript)
        rows = _chosen(transcript, first, first if last is None else last)
        above = transcript.segments.filter(rank__lt=rows[0].rank).order_by("-rank", "-index").first()
        span = _span(transcript, rows, above)
        language = _language(transcript, rows)
        model = _model(model, language)
        same = transcript.proposals.exclude(state=ProposalState.ACCEPTED).filter(_overlaps(span))
        if same.active().exists():
            raise AlreadyRunning(gettext("This passage is being transcribed again already."))
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two requests at once must not pass both
        if Proposal.objects.active().filter(user=user).count() >= MOST_WAITING:
            raise TooManyProposals
        same.delete()
        proposal = Proposal.objects.create(
            transcript=transcript,
            user=user,
            start=span.start,
            end=span.end,
            engine=settings.ENGINE,
            model=model,
            language=language,
            vocabulary="\n".join(vocabulary.terms_for(transcript=transcript, model=model)),
            context=_context(above, rows[0]),
        )
        enqueue(proposal)
    return proposal


def dismiss_proposal(*, proposal: Proposal) -> None:
    """Forget it; one that is waited for or being made ends. Raises WrongState for one that was accepted."""
    with transaction.atomic():
        row = Proposal.objects.select_for_update().filter(pk=proposal.pk).first()
        if row is None:
            return
        if row.state == ProposalState.ACCEPTED:
            raise WrongState(gettext("This proposal was accepted. Undo takes it back."))
        queue.forget(task_id=row.task_id)
        row.delete()


def accept_proposal(*, proposal: Proposal, by: By, revision: int) -> TranscriptEdit | None:
    """Put its words in the place of the present ones, as one edit; None if that changes nothing.

    ``revision`` is that of the transcript with which the person compared it. Raises EditConflict if the passages have
    got another text since, or are gone, and WrongState if it is not ready.
    """

    def plan(transcript: Transcript) -> Plan:
        row = Proposal.objects.select_for_update().filter(pk=proposal.pk, state=ProposalState.READY).first()
        if row is None:
            raise WrongState(gettext("This proposal is not ready, or was accepted or dismissed."))
        span = Span(row.start, row.end)
        rows = proposals.touched(_rows(transcript, [span]), span)
        _check_unchanged(transcript, rows, span, revision)
        Proposal.objects.filter(pk=row.pk).update(state=ProposalState.ACCEPTED, finished_at=timezone.now())
        return Plan(_changes(rows, _heard(row), span))

    def is_same(_: TranscriptEdit) -> bool:
        return Proposal.objects.filter(pk=proposal.pk, state=ProposalState.ACCEPTED).exists()

    return edits.commit(transcript_id=proposal.transcript_id, by=by, kind=EditKind.PROPOSAL, plan=plan, is_same=is_same)


# What it comes to ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """A proposal beside the text as it is in ``revision``. ``passages``: numbers of those that it concerns now."""

    proposal: Proposal
    revision: int
    passages: list[int]
    runs: list[Run]

    @property
    def state(self) -> str:
        is_equal = all(run.kind == "same" for run in self.runs)
        is_ready = self.proposal.state == ProposalState.READY
        return ProposalState.EQUAL if is_ready and is_equal and self.passages else self.proposal.state

    @property
    def text(self) -> str:
        """Of the proposal."""
        return "".join(word.text for word in _heard(self.proposal)).strip()

    @property
    def added(self) -> int:
        return self._count("added")

    @property
    def removed(self) -> int:
        return self._count("removed")

    def _count(self, kind: str) -> int:
        return sum(len(run.words) for run in self.runs if run.kind == kind)


def compare_proposals(*, transcript: Transcript, rows: Sequence[Proposal]) -> list[Compared]:
    """Each with what it would change, in one query for any number of them."""
    spans = [Span(row.start, row.end) for row in rows]
    passages = _rows(transcript, spans) if spans else []
    return [_compared(transcript, row, span, passages) for row, span in zip(rows, spans, strict=True)]


def _compared(transcript: Transcript, row: Proposal, span: Span, passages: Sequence[Numbered]) -> Compared:
    concerned = proposals.touched(passages, span)
    is_ready = row.state == ProposalState.READY
    runs = proposals.differences(concerned, _heard(row), span) if is_ready else []
    return Compared(row, transcript.revision, [number for number, _row in concerned], runs)


def _rows(transcript: Transcript, spans: Iterable[Span]) -> list[Numbered]:
    found = transcript.segments.filter(reduce(or_, map(_overlaps, spans))).in_order()
    return [(index, dict(zip(FIELDS, values, strict=True))) for index, *values in found.values_list("index", *FIELDS)]


def _overlaps(span: Span) -> Q:
    return Q(start__lt=span.end, end__gt=span.start)


def _heard(row: Proposal) -> tuple[Word, ...]:
    return read_words({"words": row.words})


def _changes(rows: Sequence[Numbered], heard: Sequence[Word], span: Span) -> list[Change]:
    try:
        return proposals.accepted(rows, heard, span)
    except Refused as refused:
        raise BadRequest(
            gettext("The passage would get too long. Split it, and accept the proposal then.")
        ) from refused


def _check_unchanged(transcript: Transcript, rows: Sequence[Numbered], span: Span, revision: int) -> None:
    if not rows:
        message = gettext("The passages of this proposal have been deleted in the meantime.")
        raise EditConflict(message, index=None, text=None, revision=transcript.revision)
    edits.require_revision(transcript, revision)
    numbers = {number for number, _row in rows}
    for edit in transcript.edits.filter(revision__gt=revision):
        if any(proposals.concerns(change, numbers, span) for change in edits.segment_changes(edit)):
            message = gettext("The text has changed since you compared it with this proposal. Look at it again.")
            text = " ".join(row["text"].strip() for _number, row in rows)
            raise EditConflict(message, index=rows[0][0], text=text, revision=transcript.revision)


# What is asked for ---------------------------------------------------------------------------------------------------


def _require_sound(transcript: Transcript) -> None:
    kept = Recording.objects.kept().filter(pk=transcript.recording_id)
    if not kept.filter(state=RecordingState.READY).exclude(media="").exists():
        raise WrongState(gettext("This recording has no sound that could be transcribed again."))


def _chosen(transcript: Transcript, first: int, last: int) -> list[TranscriptSegment]:
    """The passages from one to another, in their order, whichever of the two comes first."""
    ranks = dict(transcript.segments.filter(index__in=[first, last]).values_list("index", "rank"))
    for index in (first, last):
        if index not in ranks:
            raise EditConflict(
                gettext("This passage has been deleted in the meantime."), index=index, text=None, revision=0
            )
    low, high = sorted(ranks[index] for index in (first, last))
    return list(transcript.segments.filter(rank__gte=low, rank__lte=high).in_order())


def _span(transcript: Transcript, rows: Sequence[TranscriptSegment], above: TranscriptSegment | None) -> Span:
    """With up to half of the pauses beside the passages, so that those of neighbours never overlap."""
    start, end = min(row.start for row in rows), max(row.end for row in rows)
    if end - start > MOST_SECONDS:
        raise BadRequest(
            gettext("This part is too long: three minutes are the most. Choose fewer passages, or split one.")
        )
    below = transcript.segments.filter(rank__gt=rows[-1].rank).in_order().first()
    before = start - (above.end if above else 0.0)
    behind = below.start - end if below else 2 * MARGIN
    return Span(start - min(max(before, 0.0) / 2, MARGIN), end + min(max(behind, 0.0) / 2, MARGIN))


def _language(transcript: Transcript, rows: Sequence[TranscriptSegment]) -> str:
    """That is spoken there: a translation says that it is English, and passages may differ from the rest."""
    spoken = {row.language for row in rows}
    return spoken.pop() if len(spoken) == 1 and transcript.task != Task.TRANSLATE else transcript.language


def _model(model: str, language: str) -> str:
    if not model:
        return whisper_service.best_model(language)
    if model not in whisper_service.offered_models():
        raise BadRequest(gettext("The model “%(model)s” is not offered here.") % {"model": model[:40]})
    return model


def _context(above: TranscriptSegment | None, first: TranscriptSegment) -> str:
    """The end of the passage above, if it is close and was heard well."""
    if above is None or above.doubt or above.confidence < CONTEXT_CONFIDENCE:
        return ""
    if first.start - above.end > CONTEXT_SECONDS:
        return ""
    text: str = above.text.strip()
    if len(text) <= CONTEXT_LENGTH:
        return text
    return text[-CONTEXT_LENGTH:].partition(" ")[2]


def enqueue(proposal: Proposal) -> None:
    """In the caller's transaction."""
    task = queue.defer_proposal(proposal_id=proposal.pk)
    Proposal.objects.filter(pk=proposal.pk).update(task_id=task)
