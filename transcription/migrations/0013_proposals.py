import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0012_captioned_video"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                    ("replace", "Replaced everywhere"),
                    ("assign_speaker", "Speaker chosen"),
                    ("rename_speaker", "Speaker renamed"),
                    ("merge_speakers", "Speakers joined"),
                    ("restore", "Earlier state restored"),
                    ("proposal", "Another transcription accepted"),
                    ("undo", "Undone"),
                    ("redo", "Done again"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.FloatField(help_text="Seconds.")),
                ("end", models.FloatField(help_text="Seconds.")),
                ("engine", models.CharField(max_length=40)),
                ("model", models.CharField(max_length=200)),
                ("language", models.CharField(blank=True, help_text="Empty: detect it.", max_length=10)),
                (
                    "vocabulary",
                    models.TextField(blank=True, help_text="Names and terms that the engine is told of, one a line."),
                ),
                ("context", models.TextField(blank=True, help_text="The text before it, where that is believed.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Being transcribed"),
                            ("ready", "Ready"),
                            ("equal", "The same words were heard again"),
                            ("failed", "Failed"),
                            ("accepted", "Accepted"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("words", models.JSONField(default=list, help_text="As those of a segment.")),
                (
                    "doubt",
                    models.CharField(
                        blank=True, help_text="What a guard has against this reading, too.", max_length=40
                    ),
                ),
                (
                    "attempt",
                    models.PositiveIntegerField(
                        default=0, help_text="Raised by each claim; older attempts may not write."
                    ),
                ),
                ("idle_attempts", models.PositiveIntegerField(default=0, help_text="Attempts since it was asked for.")),
                (
                    "task_id",
                    models.BigIntegerField(
                        blank=True, help_text="The queue's own number of the newest attempt.", null=True
                    ),
                ),
                ("progress", models.FloatField(default=0, help_text="0 to 1.")),
                ("error_code", models.CharField(blank=True, max_length=40)),
                ("error_message", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "transcript",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="transcription.transcript",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        help_text="Who asked for it.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["transcript", "start"], name="proposal_order"),
                    models.Index(
                        condition=models.Q(("state__in", ["running", "waiting"])),
                        fields=["user"],
                        name="proposal_active",
                    ),
                ],
            },
        ),
    ]
