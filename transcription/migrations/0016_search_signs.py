"""Words beside signs of which Postgres makes tags, entities and addresses, and emoji one by one."""

from importlib import import_module

from django.db import migrations

before = import_module("transcription.migrations.0011_search_words")

SIGNS, EMOJI = "&/<>", r"\+01F000-\+01FAFF"
TEXT = before.TEXT.replace("text", "NEW.text")
WORDS = rf"regexp_replace({TEXT}, U&'[{SIGNS}{before.PUNCTUATION}]', ' ', 'g')"
LETTERS = rf"regexp_replace({WORDS}, U&'([{before.UNSPACED}{EMOJI}])', ' \1 ', 'g')"
STEMS = " ".join(
    f"WHEN '{language}' THEN setweight(to_tsvector('pg_catalog.{name}'::regconfig, said), 'B')"
    for language, name in before.CONFIGURATIONS.items()
)
# A generated column with another expression would be made anew for all segments, which are locked for minutes then. What a
# trigger makes stays as it is, and only segments with one of these signs are read into the index again: a million are
# looked through in about four seconds, and of those that have one 2,000 are indexed in a second.
AFTER = rf"""
ALTER TABLE transcription_transcriptsegment ALTER COLUMN search DROP EXPRESSION;
CREATE FUNCTION make_segment_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said text := {LETTERS};
BEGIN
    NEW.search := setweight(to_tsvector('pg_catalog.simple'::regconfig, said), 'A')
        || CASE NEW.language {STEMS} ELSE ''::tsvector END
        || array_to_tsvector(ARRAY[{before.BLOCKS.replace("id", "NEW.id")}]);
    RETURN NEW;
END $$;
CREATE TRIGGER make_search BEFORE INSERT OR UPDATE OF text, language ON transcription_transcriptsegment
    FOR EACH ROW EXECUTE FUNCTION make_segment_search();
UPDATE transcription_transcriptsegment SET text = text WHERE text ~ U&'[{SIGNS}{EMOJI}]';
"""
BEFORE = f"""
DROP TRIGGER make_search ON transcription_transcriptsegment;
DROP FUNCTION make_segment_search();
{before.column(before.LETTERS)}
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0015_times"),
    ]

    operations = [
        migrations.RunSQL(AFTER, BEFORE),
    ]
