import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0011_search_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaptionedVideo",
            fields=[
                (
                    "recording",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="captioned",
                        serialize=False,
                        to="transcription.recording",
                    ),
                ),
                ("speakers", models.BooleanField(default=True, help_text="With the names of speakers.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Being made"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                (
                    "attempt",
                    models.PositiveIntegerField(
                        default=0, help_text="Raised by each claim; older attempts may not write."
                    ),
                ),
                (
                    "idle_attempts",
                    models.PositiveIntegerField(default=0, help_text="Attempts since it was wished for."),
                ),
                (
                    "task_id",
                    models.BigIntegerField(
                        blank=True, help_text="The queue's own number of the newest attempt.", null=True
                    ),
                ),
                ("progress", models.FloatField(default=0, help_text="0 to 1.")),
                ("error_code", models.CharField(blank=True, max_length=40)),
                ("error_message", models.CharField(blank=True, max_length=300)),
                ("file", models.FileField(blank=True, max_length=200, upload_to="")),
                ("size", models.BigIntegerField(default=0, help_text="Bytes of the file.")),
                ("queued_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "transcript",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="transcription.transcript",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["queued_at"],
                        name="captioned_active",
                    )
                ],
            },
        ),
    ]
