from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0014_comment_mail"),
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
                    ("times", "Times changed"),
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
    ]
