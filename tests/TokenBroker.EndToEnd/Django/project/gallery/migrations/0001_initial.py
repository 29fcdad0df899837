from django.db import migrations, models

import gallery.storage


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100)),
                ("image", models.ImageField(storage=gallery.storage.AzureBlobStorage(), upload_to="uploads/")),
                ("added", models.DateTimeField(auto_now_add=True)),
            ],
            options={"ordering": ["-added"]},
        ),
    ]
