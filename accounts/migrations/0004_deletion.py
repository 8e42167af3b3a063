from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_programs")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="deleted_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="The account is gone; its data are being deleted.",
                null=True,
            ),
        ),
    ]
