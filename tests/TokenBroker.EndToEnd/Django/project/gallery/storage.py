"""A Django storage on azure.storage.blob. Nothing in it knows of TokenBroker: the connection string does."""
import io
import mimetypes

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient, ContentSettings
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.urls import reverse
from django.utils.deconstruct import deconstructible
from django.utils.functional import cached_property
from django.utils.timezone import make_naive

READ_AHEAD = 1024 * 1024


@deconstructible  # so that migrations name it without naming the account
class AzureBlobStorage(Storage):
    """Files are blobs of the container AZURE_CONTAINER of the account in AZURE_CONNECTION_STRING."""

    @cached_property
    def _container(self):
        return ContainerClient.from_connection_string(settings.AZURE_CONNECTION_STRING, settings.AZURE_CONTAINER)

    def _blob(self, name):
        return self._container.get_blob_client(name)

    def _open(self, name, mode="rb"):
        if mode != "rb":
            raise ValueError("Blobs are written whole, by save().")
        blob = self._blob(name)
        try:
            return BlobFile(name, blob, blob.get_blob_properties())
        except ResourceNotFoundError as error:
            raise FileNotFoundError(name) from error

    def _save(self, name, content):
        # An image form has set content_type from what the image is, whatever the browser claimed.
        content_type = getattr(content, "content_type", None) or mimetypes.guess_type(name)[0]
        content.seek(0)
        # Django has picked a free name. Should another process have taken it since, this fails and overwrites nothing.
        self._blob(name).upload_blob(
            content,
            length=content.size,
            overwrite=False,
            content_settings=ContentSettings(content_type=content_type or "application/octet-stream"),
        )
        return name

    def delete(self, name):
        try:
            self._blob(name).delete_blob()
        except ResourceNotFoundError:
            pass  # gone is what was asked for

    def exists(self, name):
        return self._blob(name).exists()

    def size(self, name):
        return self._blob(name).get_blob_properties().size

    def get_modified_time(self, name):
        modified = self._blob(name).get_blob_properties().last_modified
        return modified if settings.USE_TZ else make_naive(modified)

    def url(self, name):
        # Not the blob's own address: that is the sidecar's, on this machine's loopback, and no visitor can reach it.
        return reverse("gallery:picture", args=[name])


class BlobFile(File):
    """A blob that is read as it is asked for. Nothing is fetched before the first read, and never the whole."""

    def __init__(self, name, blob, properties):
        super().__init__(io.BufferedReader(_BlobReader(blob, properties), READ_AHEAD), name)
        self.size = properties.size
        self.content_type = properties.content_settings.content_type
        self.etag = properties.etag
        self.last_modified = properties.last_modified


class _BlobReader(io.RawIOBase):
    """Each read is one ranged request; BufferedReader asks for READ_AHEAD bytes at a time."""

    def __init__(self, blob, properties):
        self._blob, self._size, self._etag = blob, properties.size, properties.etag
        self._position = 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self):
        return self._position

    def readinto(self, buffer):
        count = min(len(buffer), self._size - self._position)
        if count <= 0:
            return 0
        # The condition: a blob that is replaced meanwhile is an error, and not half of one picture and half of another.
        data = self._blob.download_blob(
            offset=self._position, length=count, etag=self._etag, match_condition=MatchConditions.IfNotModified
        ).readall()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
