"""Deleting a transcript whose words were just being gathered failed at its very end, by this constraint."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0018_speaker_index"),
    ]

    operations = [
        migrations.AlterField(
            model_name="gatheredtranscript",
            name="transcript",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=models.CASCADE,
                primary_key=True,
                related_name="+",
                serialize=False,
                to="transcription.transcript",
            ),
        ),
    ]
