"""The words that were said, by whose they are, for searches with a misspelt word; and words in any writing."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Both extensions come with Postgres, and the owner of a database may create them. Where that is not so, a system check
# tells what to do, and searches do without; see services/search_words.py, which makes the index once they are there.
EXTENSIONS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE EXTENSION IF NOT EXISTS btree_gin;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE NOTICE 'Misspelt words will not be found: %', SQLERRM;
END $$;
"""

CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
UNSPACED = r"\0E01-\0EFF\1000-\109F\1780-\17FF\3005-\3007\3021-\30FF\3400-\4DBF\4E00-\9FFF\F900-\FAFF"
PUNCTUATION = (
    r"\00A0-\00A9\00AB-\00B4\00B6-\00B9\00BB-\00BF\00D7\00F7\0589\05BE\05F3\05F4\060C\061B"
    r"\061F\066A-\066D\06D4\0964\0965\2000-\206F\20A0-\20CF\2190-\2BFF\2E00-\2E7F"
    r"\3000-\3004\3008-\3020\FF01-\FF0F\FF1A-\FF20\FF3B-\FF40\FF5B-\FF65"
)
TEXT = "left(text, 20000)"
WORDS = rf"regexp_replace({TEXT}, U&'[{PUNCTUATION}]', ' ', 'g')"
LETTERS = rf"regexp_replace({WORDS}, U&'([{UNSPACED}])', ' \1 ', 'g')"
BLOCKS = ", ".join(f"' {name}' || (id >> {bits})" for name, bits in zip("abcde", (14, 16, 18, 20, 22), strict=True))


def column(text: str) -> str:
    """As migration 0007 says; Postgres makes the column anew for all segments, a million in some minutes."""
    stems = " ".join(
        f"WHEN '{language}' THEN setweight(to_tsvector('pg_catalog.{name}'::regconfig, {text}), 'B')"
        for language, name in CONFIGURATIONS.items()
    )
    return f"""
ALTER TABLE transcription_transcriptsegment DROP COLUMN search;
ALTER TABLE transcription_transcriptsegment ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('pg_catalog.simple'::regconfig, {text}), 'A') || CASE language {stems} ELSE ''::tsvector END
    || array_to_tsvector(ARRAY[{BLOCKS}])
) STORED;
CREATE INDEX segment_search ON transcription_transcriptsegment USING gin (search) WITH (fastupdate = off);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0010_library"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(column(LETTERS), column(TEXT)),
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="GatheredTranscript",
            fields=[
                (
                    "transcript",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="transcription.transcript",
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SpokenWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.TextField()),
                ("plain", models.TextField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("owner", "word"), name="word_of_an_owner")],
            },
        ),
    ]
