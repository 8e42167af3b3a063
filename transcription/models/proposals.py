"""Parts of a recording that somebody had transcribed again, to compare with the text."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from transcription.enums import ACTIVE_PROPOSALS, ProposalState
from transcription.models.library import Transcript
from transcription.querysets import ProposalQuerySet


class Proposal(models.Model):
    """Other words for a span of a transcript. They change no text until somebody accepts them.

    It names no passages: they may be split, joined and deleted while it waits. Those concerned are the ones that have
    words between ``start`` and ``end``.
    """

    transcript = models.ForeignKey(Transcript, models.CASCADE, related_name="proposals")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", help_text="Who asked for it."
    )
    start = models.FloatField(help_text="Seconds.")
    end = models.FloatField(help_text="Seconds.")
    engine = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    language = models.CharField(max_length=10, blank=True, help_text="Empty: detect it.")
    vocabulary = models.TextField(blank=True, help_text="Names and terms that the engine is told of, one a line.")
    context = models.TextField(blank=True, help_text="The text before it, where that is believed.")
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.WAITING)
    words = models.JSONField(default=list, help_text="As those of a segment.")
    doubt = models.CharField(max_length=40, blank=True, help_text="What a guard has against this reading, too.")
    attempt = models.PositiveIntegerField(default=0, help_text="Raised by each claim; older attempts may not write.")
    idle_attempts = models.PositiveIntegerField(default=0, help_text="Attempts since it was asked for.")
    task_id = models.BigIntegerField(null=True, blank=True, help_text="The queue's own number of the newest attempt.")
    progress = models.FloatField(default=0, help_text="0 to 1.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["transcript", "start"], name="proposal_order"),
            models.Index(
                fields=["user"], name="proposal_active", condition=models.Q(state__in=sorted(ACTIVE_PROPOSALS))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transcript_id}, {self.start:.1f} to {self.end:.1f}: {self.state}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_PROPOSALS

    @property
    def percent(self) -> int:
        return int(self.progress * 100)
