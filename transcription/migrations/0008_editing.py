"""Corrections: passages with an order of their own, speakers, a log of edits, and what the machine wrote."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# One pass over the table, which an UPDATE would leave twice as large.
RANK = """
ALTER TABLE transcription_transcriptsegment ALTER COLUMN rank TYPE double precision USING index::double precision;
"""
IMMUTABLE = """
CREATE FUNCTION transcription_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What a machine wrote is not changed.';
END $$;
CREATE TRIGGER machine_segment_immutable BEFORE UPDATE ON transcription_machinesegment
    FOR EACH ROW EXECUTE FUNCTION transcription_refuse_update();
"""
MUTABLE = """
DROP TRIGGER machine_segment_immutable ON transcription_machinesegment;
DROP FUNCTION transcription_refuse_update();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0007_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MachineSegment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("index", models.PositiveIntegerField()),
                ("row", models.JSONField(help_text="All fields, as transcription.editing.passages names them.")),
            ],
        ),
        migrations.CreateModel(
            name="NamedRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Speaker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(help_text="Segments name their speaker by it.")),
                ("name", models.CharField(blank=True, max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="TranscriptEdit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField(help_text="Of the transcript, once this was done.")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text corrected"),
                            ("split", "Passage split"),
                            ("merge", "Passages joined"),
                            ("delete", "Passage deleted"),
                            ("confirm", "Passage confirmed"),
                            ("replace", "Replaced everywhere"),
                            ("assign_speaker", "Speaker chosen"),
                            ("rename_speaker", "Speaker renamed"),
                            ("merge_speakers", "Speakers joined"),
                            ("restore", "Earlier state restored"),
                            ("undo", "Undone"),
                            ("redo", "Done again"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "request",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="The client's name for it: sent twice, it is done once."
                    ),
                ),
                (
                    "group",
                    models.UUIDField(
                        blank=True, help_text="Edits of one go, such as one visit to a text field.", null=True
                    ),
                ),
                ("is_undone", models.BooleanField(default=False)),
                ("segments", models.JSONField(default=list, help_text="Changes of segments: [number, before, after].")),
                ("speakers", models.JSONField(default=list, help_text="Changes of speakers: [number, before, after].")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="recording",
            name="shown_version",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Of its transcripts, as somebody chose; empty: the newest that is complete.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="transcriptsegment",
            name="rank",
            field=models.FloatField(
                default=0.0, help_text="Its place in the order: as the index, until passages are split."
            ),
        ),
        migrations.RunSQL(RANK, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="transcriptsegment",
            name="rank",
            field=models.FloatField(help_text="Its place in the order: as the index, until passages are split."),
        ),
        migrations.AddField(
            model_name="transcriptsegment",
            name="revision",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="Of the transcript, when it was last changed."
            ),
        ),
        migrations.AddField(
            model_name="transcriptsegment",
            name="speaker",
            field=models.PositiveSmallIntegerField(blank=True, help_text="The number of a speaker.", null=True),
        ),
        migrations.AlterField(
            model_name="transcriptsegment",
            name="index",
            field=models.PositiveIntegerField(help_text="Its number in the transcript, which it keeps for good."),
        ),
        migrations.AddIndex(
            model_name="transcriptsegment",
            index=models.Index(fields=["transcript", "rank", "index"], name="segment_order"),
        ),
        migrations.AddField(
            model_name="machinesegment",
            name="transcript",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="machine_segments",
                to="transcription.transcript",
            ),
        ),
        migrations.AddField(
            model_name="namedrevision",
            name="transcript",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="named_revisions",
                to="transcription.transcript",
            ),
        ),
        migrations.AddField(
            model_name="namedrevision",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="speaker",
            name="transcript",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="speakers", to="transcription.transcript"
            ),
        ),
        migrations.AddField(
            model_name="transcriptedit",
            name="transcript",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="edits", to="transcription.transcript"
            ),
        ),
        migrations.AddField(
            model_name="transcriptedit",
            name="user",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="machinesegment",
            constraint=models.UniqueConstraint(fields=("transcript", "index"), name="machine_segment_index"),
        ),
        migrations.AddIndex(
            model_name="namedrevision",
            index=models.Index(fields=["transcript", "-revision"], name="named_revision"),
        ),
        migrations.AddConstraint(
            model_name="speaker",
            constraint=models.UniqueConstraint(fields=("transcript", "number"), name="speaker_number"),
        ),
        migrations.AddIndex(
            model_name="transcriptedit",
            index=models.Index(
                condition=models.Q(("kind__in", ["undo", "redo"]), _negated=True),
                fields=["transcript", "user", "-revision"],
                name="edit_of_user",
            ),
        ),
        migrations.AddConstraint(
            model_name="transcriptedit",
            constraint=models.UniqueConstraint(fields=("transcript", "revision"), name="edit_revision"),
        ),
        migrations.AddConstraint(
            model_name="transcriptedit",
            constraint=models.UniqueConstraint(fields=("transcript", "request"), name="edit_request"),
        ),
        migrations.RunSQL(IMMUTABLE, MUTABLE),
    ]
