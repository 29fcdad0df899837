"""A Django storage on azure.storage.blob, the one of the example project, with the settings of docs/clients.md."""
import os
import sys

from report import content, operation, run, sha256

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Django", "project"))

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402

lines = {}
exec(os.environ["MATRIX_LINES"], lines)
lines["AZURE_CONTAINER"] = os.environ["MATRIX_CONTAINER"]
settings.configure(USE_TZ=True, **{name: value for name, value in lines.items() if name.isupper()})

from azure.storage.blob import ContainerClient  # noqa: E402
from gallery.storage import AzureBlobStorage  # noqa: E402

storage = AzureBlobStorage()
# A site is given its container.
ContainerClient.from_connection_string(settings.AZURE_CONNECTION_STRING, settings.AZURE_CONTAINER).create_container()
NAMES = ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"]


def put(name, data):
    return storage.save(name, ContentFile(data))


def read(name):
    with storage.open(name) as file:
        # As a view streams it: read() whole would ask for 8 KiB at a time.
        return b"".join(file.chunks(1 << 20))


@operation("put-get")
def put_get():
    data = content(100_000)
    name = put("put get.png", data)
    with storage.open(name) as file:
        kind, etag = file.content_type, bool(file.etag)
    return {"same": read(name) == data, "name": name, "size": storage.size(name), "modified": bool(storage.get_modified_time(name)), "type": kind, "etag": etag}


@operation("range")
def ranges():
    with storage.open(put("range", content(50_000))) as file:
        file.seek(1000)
        return {"sha256": sha256(file.read(5000))}


@operation("staged")
def staged():
    data = content(70 << 20)
    name = put("staged", data)
    result = {"same": sha256(read(name)) == sha256(data)}
    storage.delete(name)
    return result


@operation("delete")
def delete():
    name = put("delete", b"x")
    storage.delete(name)
    storage.delete(name)
    try:
        storage.open(name)
        return {"open": "ok"}
    except FileNotFoundError as error:
        return {"exists": storage.exists(name), "open": str(error)}


@operation("names")
def names():
    return {"same": {name: read(put(name, name.encode("utf-8"))) == name.encode("utf-8") for name in NAMES}}


@operation("name-dot-dot")
def dot_dot():
    put("dots/kept/../gone", b"x")


run()
