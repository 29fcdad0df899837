"""Apache libcloud, as an application uses it: nothing is set but what docs/clients.md says."""
import io
import os

from report import content, documented, operation, run, sha256

[driver] = documented("driver")
NAMES = ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"]


def attempt(function, *arguments):
    """The kind of error alone: its words hold addresses of objects in memory."""
    try:
        function(*arguments)
        return "ok"
    except Exception as error:
        return type(error).__name__


def container():
    return driver.get_container(os.environ["MATRIX_CONTAINER"])


def put(name, data=b"some content", **options):
    return driver.upload_object_via_stream(iter([data]), container(), name, **options)


def read(item):
    return b"".join(driver.download_object_as_stream(item))


@operation("create")
def create():
    name = os.environ["MATRIX_CONTAINER"]
    return {"name": driver.create_container(name).name, "again": attempt(driver.create_container, name)}


@operation("put-get")
def put_get():
    data = content(100_000)
    put("put-get", data, extra={"content_type": "text/x-matrix", "meta_data": {"Colour": "blue"}})
    seen = driver.get_object(container().name, "put-get")
    return {"same": read(seen) == data, "size": seen.size, "type": seen.extra["content_type"], "metadata": seen.meta_data, "md5": seen.extra["md5_hash"]}


@operation("range")
def ranges():
    put("range", content(50_000))
    part = driver.download_object_range_as_stream(driver.get_object(container().name, "range"), 1000, 6000)
    return {"sha256": sha256(b"".join(part))}


@operation("staged")
def staged():
    data = content(70 << 20)
    item = driver.upload_object_via_stream(io.BytesIO(data), container(), "staged")
    result = {"same": sha256(read(item)) == sha256(data), "size": item.size}
    item.delete()
    return result


@operation("list")
def listing():
    for name in ("list/a", "list/b", "list/deep/c"):
        put(name, b"1234", extra={"meta_data": {"of": "list"}})
    return {
        "all": [(item.name, item.size, item.meta_data) for item in driver.iterate_container_objects(container(), prefix="list/")],
        "containers": container().name in [item.name for item in driver.iterate_containers()],
    }


@operation("delete")
def delete():
    item = put("delete")
    return {"deleted": item.delete(), "again": attempt(item.delete), "get": attempt(driver.get_object, container().name, "delete")}


@operation("lease")
def lease():
    put("lease")
    item = put("lease", b"under a lease", ex_use_lease=True)
    return {"size": driver.get_object(container().name, "lease").size, "name": item.name}


def round_trip(name):
    put(name, name.encode("utf-8"))
    return read(driver.get_object(container().name, name)) == name.encode("utf-8")


@operation("names")
def names():
    same = {name: round_trip(name) for name in NAMES}
    return {"same": same, "listed": sorted(item.name for item in driver.iterate_container_objects(container()) if item.name in NAMES)}


run()
