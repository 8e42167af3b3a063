"""Full-text search over what was said, and answers that are given again."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# The words as written have weight A, stems B. A tsvector holds 1 MB at most, and a row must never fail for that.
TEXT = "left(text, 20000)"
STEMS = " ".join(
    f"WHEN '{language}' THEN setweight(to_tsvector('pg_catalog.{name}'::regconfig, {TEXT}), 'B')"
    for language, name in CONFIGURATIONS.items()
)
# Segments are numbered as they are written: the blocks that a segment is in, as words that no text can hold (they begin
# with a blank), let a search ask the index for the newest alone. Of five sizes, so that few words name any number.
BLOCKS = ", ".join(f"' {name}' || (id >> {bits})" for name, bits in zip("abcde", (14, 16, 18, 20, 22), strict=True))
# The column is the database's own and no field of the model: Django would read it with every segment.
# Without a list of pending entries, which every search would have to read through, too.
ADD = f"""
ALTER TABLE transcription_transcriptsegment ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('pg_catalog.simple'::regconfig, {TEXT}), 'A') || CASE language {STEMS} ELSE ''::tsvector END
    || array_to_tsvector(ARRAY[{BLOCKS}])
) STORED;
CREATE INDEX segment_search ON transcription_transcriptsegment USING gin (search) WITH (fastupdate = off);
"""
REMOVE = "ALTER TABLE transcription_transcriptsegment DROP COLUMN search;"


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0006_openai"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(ADD, REMOVE),
        migrations.CreateModel(
            name="IdempotentAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty while it is being worked on.", null=True
                    ),
                ),
                ("headers", models.JSONField(default=dict)),
                (
                    "body",
                    models.BinaryField(default=bytes, help_text="Encrypted: a new API key is among what is answered."),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="answer_of_a_key")],
            },
        ),
    ]
