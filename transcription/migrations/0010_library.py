import uuid
from contextlib import suppress
from typing import Any

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


def measure_copies(apps: Any, schema_editor: Any) -> None:
    """Copies for the player that are there already, as far as their files are."""
    for recording in apps.get_model("transcription", "Recording").objects.exclude(playback="").iterator():
        with suppress(OSError):
            recording.playback_size = recording.playback.size
            recording.save(update_fields=["playback_size"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_deletion"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("transcription", "0009_sharing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="retention_rule",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sound_days",
                    models.PositiveIntegerField(
                        blank=True, help_text="Then the sound goes; the text stays.", null=True
                    ),
                ),
                ("all_days", models.PositiveIntegerField(blank=True, help_text="Then everything goes.", null=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.AddField(
            model_name="job",
            name="standing_terms",
            field=models.TextField(
                blank=True, help_text="From the vocabularies of its owner and their groups, when it was submitted."
            ),
        ),
        migrations.AddField(
            model_name="live",
            name="standing_terms",
            field=models.TextField(
                blank=True, help_text="From the vocabularies of its owner and their groups, when it began."
            ),
        ),
        migrations.AddField(
            model_name="recording",
            name="is_exempt",
            field=models.BooleanField(default=False, help_text="No rule of retention touches it."),
        ),
        migrations.AddField(
            model_name="recording",
            name="playback_size",
            field=models.BigIntegerField(default=0, help_text="Bytes of that copy."),
        ),
        migrations.AddField(
            model_name="recording",
            name="removal_announced_at",
            field=models.DateTimeField(
                blank=True, help_text="When its owner was told that all of it will go.", null=True
            ),
        ),
        migrations.AddField(
            model_name="recording",
            name="sound_announced_at",
            field=models.DateTimeField(
                blank=True, help_text="When its owner was told that the sound will go.", null=True
            ),
        ),
        migrations.AddField(
            model_name="recording",
            name="sound_removed_at",
            field=models.DateTimeField(blank=True, help_text="When a rule deleted its sound.", null=True),
        ),
        migrations.AlterField(
            model_name="recording",
            name="delete_after",
            field=models.DateTimeField(
                blank=True, help_text="It goes by itself, for good: no library and no trash shows it.", null=True
            ),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                (
                    "color",
                    models.CharField(
                        choices=[
                            ("grey", "Grey"),
                            ("red", "Red"),
                            ("amber", "Amber"),
                            ("green", "Green"),
                            ("teal", "Teal"),
                            ("blue", "Blue"),
                            ("violet", "Violet"),
                            ("pink", "Pink"),
                        ],
                        default="grey",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tags", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TagUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tag_uses",
                        to="transcription.recording",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="transcription.tag"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="tag",
            name="recordings",
            field=models.ManyToManyField(
                related_name="tags", through="transcription.TagUse", to="transcription.recording"
            ),
        ),
        migrations.CreateModel(
            name="Vocabulary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("terms", models.TextField(blank=True, help_text="One a line; the first are the most important.")),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "group",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vocabulary",
                        to="auth.group",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vocabulary",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "vocabularies",
            },
        ),
        migrations.CreateModel(
            name="DataExport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("writing", "Being written"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("progress", models.FloatField(default=0, help_text="0 to 1.")),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("file", models.FileField(blank=True, max_length=200, upload_to="")),
                ("size", models.BigIntegerField(default=0)),
                ("error_message", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="data_exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "writing"])),
                        fields=("user",),
                        name="one_active_export",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="transcription.recording",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "recording"), name="favourite_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="taguse",
            constraint=models.UniqueConstraint(fields=("tag", "recording"), name="tag_once"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                models.F("owner"), django.db.models.functions.text.Lower("name"), name="tag_name_any_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="vocabulary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__isnull", True), ("user__isnull", False)),
                    models.Q(("group__isnull", False), ("user__isnull", True)),
                    _connector="OR",
                ),
                name="vocabulary_of_one",
            ),
        ),
        migrations.RunPython(measure_copies, migrations.RunPython.noop, elidable=True),
    ]
