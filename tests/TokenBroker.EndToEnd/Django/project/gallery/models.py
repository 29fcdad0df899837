from django.db import models

from .storage import AzureBlobStorage


class Picture(models.Model):
    title = models.CharField(max_length=100)
    image = models.ImageField(upload_to="uploads/", storage=AzureBlobStorage())
    added = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-added"]

    def __str__(self):
        return self.title
