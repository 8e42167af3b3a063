"""Attempts at proposals: a worker's side of them.

The row is the truth, an entry in the queue only says "look at this row". A worker that dies leaves its row behind;
``queue.take_back_lost_tasks`` and ``resume_proposals`` see to it that another one begins again. Each claim raises
``attempt``, and an older attempt can write nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from transcription.editing.passages import written_words
from transcription.enums import ProposalState
from transcription.errors import StaleAttempt
from transcription.models import Proposal, Transcript
from transcription.querysets import ProposalQuerySet
from transcription.services import proposals, queue
from transcription.speech.types import Word

MOST_ATTEMPTS = 3
"""Times that a worker may die over one."""


def claim_proposal(*, proposal_id: int) -> Proposal | None:
    """Begin an attempt; None if it is not wanted any more, is finished, or has killed its workers too often."""
    counters = {"attempt": F("attempt") + 1, "idle_attempts": F("idle_attempts") + 1}
    waiting = Proposal.objects.active().filter(_is_kept(), pk=proposal_id, idle_attempts__lt=MOST_ATTEMPTS)
    if not waiting.update(state=ProposalState.RUNNING, progress=0.0, **counters):
        return None
    return Proposal.objects.select_related("transcript__recording").filter(pk=proposal_id).first()


def note_progress(proposal: Proposal, share: float) -> bool:
    """False if the proposal is no longer this attempt's."""
    return bool(_mine(proposal).update(progress=min(share, 0.99)))


def finish_proposal(*, proposal: Proposal, words: Sequence[Word], doubt: str) -> None:
    """Keep what was heard. Raises StaleAttempt."""
    ended = {"state": ProposalState.READY, "progress": 1.0, "finished_at": timezone.now()}
    if not _mine(proposal).update(words=written_words(words), doubt=doubt, **ended):
        raise StaleAttempt


def fail_proposal(*, proposal: Proposal, code: str, message: str) -> None:
    """End badly, with words for the user; nothing if it is another attempt's by now."""
    ended = {"error_code": code, "error_message": message[:300], "finished_at": timezone.now()}
    unfinished = Proposal.objects.active().filter(pk=proposal.pk, attempt=proposal.attempt)
    unfinished.update(state=ProposalState.FAILED, **ended)


def release_proposal(*, proposal: Proposal) -> None:
    """This worker stops: another one begins again."""
    with transaction.atomic():
        if _mine(proposal).update(state=ProposalState.WAITING, idle_attempts=F("idle_attempts") - 1):
            proposals.enqueue(proposal)


def resume_proposals() -> int:
    """Begin again what no queue entry stands for: its worker is gone. What killed it too often fails. How many."""
    count = 0
    for pk in Proposal.objects.active().filter(_is_kept()).values_list("pk", flat=True):
        with transaction.atomic():
            row = Proposal.objects.active().select_for_update(skip_locked=True).filter(pk=pk).first()
            if row is None or queue.is_proposal_under_way(proposal_id=pk):
                continue
            count += 1
            if row.idle_attempts >= MOST_ATTEMPTS:
                message = gettext(
                    "The worker stopped several times over this passage. The server may be out of memory."
                )
                fail_proposal(proposal=row, code="worker_lost", message=message)
            else:
                proposals.enqueue(row)
    return count


def _mine(proposal: Proposal) -> ProposalQuerySet:
    running = Proposal.objects.filter(pk=proposal.pk, attempt=proposal.attempt, state=ProposalState.RUNNING)
    return running.filter(_is_kept())


def _is_kept() -> Q:
    return Q(transcript__in=Transcript.objects.filter(recording__deleted_at=None))
