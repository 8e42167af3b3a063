"""What a speaker said is looked up, and counted, without reading the segments."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0017_undone_revision"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="transcriptsegment",
            index=models.Index(
                fields=["transcript", "speaker", "language"],
                name="segment_speaker",
                condition=models.Q(speaker__isnull=False),
            ),
        ),
    ]
