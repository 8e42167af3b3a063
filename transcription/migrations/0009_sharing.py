"""Recordings shared with people and groups, links to transcripts, and comments on passages."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("transcription", "0008_editing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="sharelink",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="kind",
            field=models.CharField(
                choices=[("live", "Live captions"), ("transcript", "Transcript and sound")],
                default="live",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="label",
            field=models.CharField(blank=True, help_text="For the owner, to tell links apart.", max_length=100),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="last_visit_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="password",
            field=models.CharField(
                blank=True, editable=False, help_text="Hashed; empty: none is asked.", max_length=128
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="role",
            field=models.CharField(
                choices=[("view", "Can view"), ("comment", "Can view and comment")], default="view", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="visits",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("index", models.PositiveIntegerField(default=0, help_text="Of the passage in that transcript.")),
                ("start", models.FloatField(help_text="Seconds.")),
                ("quote", models.CharField(blank=True, max_length=500)),
                (
                    "name",
                    models.CharField(help_text="Of the author as it was then, or as a guest gave it.", max_length=150),
                ),
                (
                    "guest_hash",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="SHA-256 of the secret in a guest's browser.",
                        max_length=64,
                    ),
                ),
                ("text", models.TextField(max_length=4000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="comments",
                        to="transcription.sharelink",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="transcription.comment",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="transcription.recording",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                "indexes": [models.Index(fields=["recording", "start", "id"], name="comment_threads")],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("reader", "Can read and comment"), ("editor", "Can edit the text")],
                        default="reader",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="auth.group",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="transcription.recording"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group", None), ("user__isnull", False)),
                            models.Q(("group__isnull", False), ("user", None)),
                            _connector="OR",
                        ),
                        name="grant_to_one",
                    ),
                    models.UniqueConstraint(fields=("recording", "user"), name="grant_to_user"),
                    models.UniqueConstraint(fields=("recording", "group"), name="grant_to_group"),
                ],
            },
        ),
    ]
