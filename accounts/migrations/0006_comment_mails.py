from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="notify_of_comments",
            field=models.BooleanField(default=True, verbose_name="mail me about new comments"),
        ),
    ]
