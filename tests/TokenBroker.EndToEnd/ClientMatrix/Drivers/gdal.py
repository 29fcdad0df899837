"""GDAL's /vsiaz/ file system with the variable of docs/clients.md."""
import os
import re

os.environ.update(re.findall(r"^export (\w+)='(.*)'$", os.environ["MATRIX_LINES"], re.M))
os.environ["VSIAZ_CHUNK_SIZE"] = "4"  # MiB
os.environ["GDAL_HTTP_MAX_RETRY"] = "0"

from osgeo import gdal

from report import content, operation, run, sha256

gdal.UseExceptions()
ROOT = f"/vsiaz/{os.environ['MATRIX_CONTAINER']}"
NAMES = ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"]


def put(name, data=b"some content"):
    file = gdal.VSIFOpenL(f"{ROOT}/{name}", "wb")
    written = gdal.VSIFWriteL(data, 1, len(data), file)
    return written == len(data) and gdal.VSIFCloseL(file) == 0


def read(name, start=0, size=None):
    gdal.VSICurlClearCache()
    file = gdal.VSIFOpenL(f"{ROOT}/{name}", "rb")
    if file is None:
        return None
    if size is None:
        gdal.VSIFSeekL(file, 0, 2)
        size = gdal.VSIFTellL(file)
    gdal.VSIFSeekL(file, start, 0)
    data = gdal.VSIFReadL(1, size, file)
    gdal.VSIFCloseL(file)
    return bytes(data)


def listed(folder, recursive=True):
    gdal.VSICurlClearCache()
    names = (gdal.ReadDirRecursive if recursive else gdal.ReadDir)(f"{ROOT}/{folder}".rstrip("/"))
    return sorted(names or [])


def exists(name):
    gdal.VSICurlClearCache()
    return gdal.VSIStatL(f"{ROOT}/{name}") is not None


@operation("put-get")
def put_get():
    data = content(100_000)
    written = put("put-get.bin", data)
    metadata = gdal.SetFileMetadata(f"{ROOT}/put-get.bin", {"x-ms-meta-colour": "blue"}, "METADATA")
    seen = gdal.GetFileMetadata(f"{ROOT}/put-get.bin", "METADATA")
    stat = gdal.VSIStatL(f"{ROOT}/put-get.bin")
    return {"written": written, "same": read("put-get.bin") == data, "size": stat.size, "set": metadata, "metadata": {name: value for name, value in seen.items() if "meta" in name}}


@operation("range")
def ranges():
    put("range.bin", content(50_000))
    return {"sha256": sha256(read("range.bin", 1000, 5000))}


@operation("staged")
def staged():
    data = content(70 << 20)
    written = put("staged.bin", data)
    same = sha256(read("staged.bin")) == sha256(data)
    return {"written": written, "same": same, "deleted": gdal.Unlink(f"{ROOT}/staged.bin")}


@operation("list")
def listing():
    for name in ("list/a", "list/b", "list/deep/c"):
        put(name, b"1234")
    return {"all": listed("list"), "folder": listed("list", recursive=False), "root": "list" in listed("", recursive=False)}


@operation("delete")
def delete():
    put("delete/one")
    put("delete/two")
    one = gdal.Unlink(f"{ROOT}/delete/one")
    return {"one": one, "left": listed("delete"), "more": gdal.UnlinkBatch([f"{ROOT}/delete/two"]), "exists": exists("delete/two"), "again": attempt(gdal.Unlink, f"{ROOT}/delete/one")}


def round_trip(name):
    return put(name, name.encode("utf-8")) and read(name) == name.encode("utf-8")


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except RuntimeError:
        return "error"


@operation("names")
def names():
    same = {name: attempt(round_trip, name) for name in NAMES}
    return {"same": same, "listed": [name for name in listed("") if name in NAMES]}


@operation("copy")
def copy():
    put("copy/a source", content(3000))
    renamed = gdal.Rename(f"{ROOT}/copy/a source", f"{ROOT}/copy/target")
    return {"renamed": renamed, "sha256": sha256(read("copy/target")), "left": listed("copy")}


run()
