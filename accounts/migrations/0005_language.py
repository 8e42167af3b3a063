from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_deletion")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True, help_text="Empty: as the browser asks.", max_length=10, verbose_name="language of the pages"
            ),
        ),
    ]
