"""When a step was taken back, which tells what may be done again, instead of only that it was."""

from django.db import migrations, models
from django.db.models import Case, Exists, F, OuterRef, Subquery, When

BACK_OR_FORTH = ("undo", "redo")


def note_when(apps, schema_editor):
    """What was taken back and could be done again still can: as if it had been taken back now."""
    edit, transcript = (apps.get_model("transcription", name) for name in ("TranscriptEdit", "Transcript"))
    later = edit.objects.filter(
        transcript=OuterRef("transcript"), user=OuterRef("user"), is_undone=False, revision__gt=OuterRef("revision")
    ).exclude(kind__in=BACK_OR_FORTH)
    now = Subquery(transcript.objects.filter(pk=OuterRef("transcript")).values("revision")[:1])
    edit.objects.filter(is_undone=True).update(
        undone_revision=Case(When(Exists(later), then=F("revision")), default=now)
    )


def note_that(apps, schema_editor):
    apps.get_model("transcription", "TranscriptEdit").objects.exclude(undone_revision=None).update(is_undone=True)


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0016_search_signs"),
    ]

    operations = [
        migrations.AddField(
            model_name="transcriptedit",
            name="undone_revision",
            field=models.PositiveIntegerField(
                null=True, blank=True, help_text="Of the transcript, once this was taken back; empty if it was not."
            ),
        ),
        migrations.RunPython(note_when, note_that),
        migrations.RemoveField(model_name="transcriptedit", name="is_undone"),
        migrations.AlterField(
            model_name="transcriptedit",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text", "Text corrected"),
                    ("split", "Passage split"),
                    ("merge", "Passages joined"),
                    ("delete", "Passage deleted"),
                    ("confirm", "Passage confirmed"),
                    ("times", "Times changed"),
                    ("replace", "Replaced everywhere"),
                    ("assign_speaker", "Speaker chosen"),
                    ("rename_speaker", "Speaker renamed"),
                    ("merge_speakers", "Speakers joined"),
                    ("remove_speaker", "Speaker removed"),
                    ("restore", "Earlier state restored"),
                    ("proposal", "Another transcription accepted"),
                    ("undo", "Undone"),
                    ("redo", "Done again"),
                ],
                max_length=20,
            ),
        ),
    ]
