"""What helps searches that find nothing: the words that were said, by whose recordings they are in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from transcription.models.library import Transcript


class SpokenWord(models.Model):
    """A word that somebody's recordings hold. ``plain``: in letters from a to z, for a trigram index."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    word = models.TextField()
    plain = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "word"], name="word_of_an_owner")]

    def __str__(self) -> str:
        return self.word


class GatheredTranscript(models.Model):
    """The words of a transcript are among its owner's, as they were in this revision.

    The database does not hold it to the transcript: who deletes that never fails because its words are being gathered.
    """

    transcript = models.OneToOneField(
        Transcript, models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )
    revision = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.transcript_id} in revision {self.revision}"
