"""azure-storage-blob of Python, as an application uses it: nothing is set but what docs/clients.md says."""
import os
from datetime import datetime, timedelta, timezone

from azure.core import MatchConditions
from azure.storage.blob import (
    AccessPolicy, BlobBlock, BlobClient, BlobSasPermissions, ContainerSasPermissions, ContentSettings, generate_blob_sas,
)

from report import attempt, content, documented, operation, run, sha256

[service] = documented("service")
container = service.get_container_client(os.environ["MATRIX_CONTAINER"])


def put(name, data=b"some content", **options):
    blob = container.get_blob_client(name)
    blob.upload_blob(data, overwrite=True, **options)
    return blob


def read(blob, **options):
    return sha256(blob.download_blob(**options).readall())


@operation("create")
def create():
    created = container.create_container(metadata={"purpose": "matrix"})
    properties = container.get_container_properties()
    return {"etag": bool(created["etag"]), "metadata": properties.metadata, "again": attempt(container.create_container)}


@operation("put-get")
def put_get():
    data = content(100_000)
    blob = container.get_blob_client("put-get")
    written = blob.upload_blob(data, metadata={"Colour": "blue"}, content_settings=ContentSettings(content_type="text/x-matrix", cache_control="no-store"))
    stream = blob.download_blob()
    seen = stream.properties
    return {
        "same": sha256(stream.readall()) == sha256(data), "size": seen.size, "etag": seen.etag == written["etag"], "type": seen.blob_type,
        "content_type": seen.content_settings.content_type, "cache": seen.content_settings.cache_control,
        "md5": bytes(seen.content_settings.content_md5 or b"").hex(), "metadata": seen.metadata, "head": blob.get_blob_properties().size,
    }


@operation("range")
def ranges():
    stream = put("range", content(50_000)).download_blob(offset=1000, length=5000)
    return {"sha256": sha256(stream.readall()), "total": stream.properties.size, "range": stream.properties.content_range}


@operation("staged")
def staged():
    data = content(70 << 20)
    blob = put("staged", data)
    committed, _ = blob.get_block_list("all")
    result = {"blocks": len(committed), "same": read(blob, max_concurrency=2) == sha256(data)}
    blob.delete_blob()
    return result


@operation("list")
def listing():
    for name in ("list/a", "list/b", "list/deep/c"):
        put(name, b"1234", metadata={"of": "list"})
    pages = [[item.name for item in page] for page in container.list_blobs("list/", results_per_page=2).by_page()]
    return {
        "pages": pages, "walk": sorted(item.name for item in container.walk_blobs("list/")),
        "metadata": [(item.name, item.size, item.metadata) for item in container.list_blobs("list/", include=["metadata"])],
        "containers": [item.name for item in service.list_containers(container.container_name)],
    }


@operation("delete")
def delete():
    blob = put("delete")
    blob.delete_blob()
    return {"exists": blob.exists(), "again": attempt(blob.delete_blob), "get": attempt(blob.download_blob)}


@operation("snapshot")
def snapshot():
    blob = put("snapshot", b"old")
    taken = blob.create_snapshot()["snapshot"]
    put("snapshot", b"new")
    old = container.get_blob_client("snapshot", snapshot=taken)
    return {
        "old": read(old), "new": read(blob), "listed": len(list(container.list_blobs("snapshot", include=["snapshots"]))),
        "delete": [attempt(blob.delete_blob), attempt(blob.delete_blob, delete_snapshots="include")],
    }


@operation("lease")
def lease():
    blob = put("lease")
    held = blob.acquire_lease(lease_duration=15)
    result = {"without": attempt(put, "lease", b"x"), "with": attempt(put, "lease", b"y", lease=held), "state": blob.get_blob_properties().lease.state}
    held.renew()
    held.change("11111111-2222-3333-4444-555555555555")
    return {**result, "second": attempt(blob.acquire_lease, lease_duration=15), "break": held.break_lease(0), "after": attempt(put, "lease", b"z")}


@operation("conditional")
def conditional():
    blob = put("conditional")
    etag = blob.get_blob_properties().etag
    later = datetime.now(timezone.utc) + timedelta(days=1)
    return {
        "not_modified": attempt(blob.download_blob, etag=etag, match_condition=MatchConditions.IfModified),
        "since": attempt(blob.download_blob, if_modified_since=later - timedelta(days=2)),
        "exists": attempt(blob.upload_blob, b"x"),
        "wrong": attempt(blob.upload_blob, b"x", overwrite=True, etag="0x123", match_condition=MatchConditions.IfNotModified),
        "right": attempt(blob.upload_blob, b"x", overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified),
    }


@operation("tags")
def tags():
    blob = put("tags", tags={"stage": "first"})
    first = blob.get_blob_tags()
    blob.set_blob_tags({"stage": "second", "a b": "c+d"})
    return {"first": first, "second": blob.get_blob_tags(), "refused": attempt(blob.delete_blob, if_tags_match_condition="\"stage\" = 'first'")}


@operation("append")
def append():
    blob = container.get_blob_client("append")
    blob.create_append_blob()
    for part in (b"one ", b"two ", b"three"):
        blob.append_block(part)
    return {
        "sha256": read(blob), "blocks": blob.get_blob_properties().append_blob_committed_block_count,
        "position": attempt(blob.append_block, b"x", appendpos_condition=1),
    }


@operation("page")
def page():
    blob = container.get_blob_client("page")
    blob.create_page_blob(4096)
    blob.upload_page(content(1024), offset=512, length=1024)
    blob.clear_page(offset=512, length=512)
    ranges, _ = blob.get_page_ranges()
    blob.resize_blob(8192)
    return {"sha256": read(blob), "ranges": ranges, "size": blob.get_blob_properties().size}


NAMES = ["a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"]


def round_trip(name):
    written = put(f"{name}", name.encode("utf-8"))
    return written.blob_name == name and read(written) == sha256(name.encode("utf-8"))


@operation("names")
def names():
    return {"same": {name: round_trip(name) for name in NAMES}, "listed": sorted(item.name for item in container.list_blobs() if item.name in NAMES)}


def single_name(name):
    return {"same": round_trip(name), "listed": [item.name for item in container.list_blobs() if item.name == name]}


@operation("name-leading-slash")
def leading_slash():
    return single_name("/lead")


@operation("name-backslash")
def backslash():
    return {"same": round_trip("back\\slash"), "listed": [item.name for item in container.list_blobs("back")]}


@operation("name-dot-dot")
def dot_dot():
    put("dots/kept/../gone", b"x")
    return {"listed": [item.name for item in container.list_blobs("dots/")]}


@operation("metadata-umlaut")
def metadata():
    return {"metadata": put("metadata", metadata={"note": "ü"}).get_blob_properties().metadata}


@operation("batch")
def batch():
    names = [f"batch/{number} of 256" for number in range(256)]
    for name in names:
        put(name, b"x")
    deleted = [answer.status_code for answer in container.delete_blobs(*names)]
    put("batch/one")
    some = container.delete_blobs("batch/one", "batch/none", raise_on_any_failure=False)
    put("batch/tier")
    tiers = container.set_standard_blob_tier_blobs("Cool", "batch/tier")
    return {
        "deleted": {str(status): deleted.count(status) for status in deleted}, "left": len(list(container.list_blobs("batch/"))),
        "some": [(answer.status_code, answer.headers.get("x-ms-error-code")) for answer in some], "tiers": [answer.status_code for answer in tiers],
    }


def source():
    return put("copy/a source", content(3000)).url


@operation("copy")
def copy():
    target = container.get_blob_client("copy/target")
    status = target.start_copy_from_url(source(), metadata={"copied": "yes"})["copy_status"]
    return {"status": status, "sha256": read(target), "metadata": target.get_blob_properties().metadata}


@operation("copy-sync")
def copy_sync():
    target = container.get_blob_client("copy/synchronous")
    status = target.start_copy_from_url(source(), requires_sync=True)["copy_status"]
    return {"status": status, "sha256": read(target)}


@operation("put-from-url")
def put_from_url():
    target = container.get_blob_client("from-url")
    target.upload_blob_from_url(source())
    return {"sha256": read(target)}


@operation("block-from-url")
def block_from_url():
    target = container.get_blob_client("from-url/blocks")
    target.stage_block_from_url("MDE=", source())
    target.commit_block_list([BlobBlock("MDE=")])
    return {"sha256": read(target)}


@operation("append-from-url")
def append_from_url():
    target = container.get_blob_client("from-url/append")
    target.create_append_blob()
    target.append_block_from_url(source(), source_offset=0, source_length=3000)
    return {"sha256": read(target)}


@operation("page-from-url")
def page_from_url():
    target = container.get_blob_client("from-url/page")
    target.create_page_blob(512)
    target.upload_pages_from_url(source(), 0, 512, 0)
    return {"sha256": read(target)}


def signed(**options):
    blob = put("signed link", content(2000), content_settings=ContentSettings(content_type="text/plain"))
    token = generate_blob_sas(
        blob.account_name, blob.container_name, blob.blob_name, account_key=service.credential.account_key,
        permission=BlobSasPermissions(read=True), expiry=datetime.now(timezone.utc) + timedelta(hours=1), **options)
    stream = BlobClient.from_blob_url(f"{blob.url}?{token}").download_blob()
    seen = stream.properties.content_settings
    return {"sha256": sha256(stream.readall()), "type": seen.content_type, "disposition": seen.content_disposition, "cache": seen.cache_control}


@operation("sas")
def sas():
    return signed()


@operation("sas-headers")
def sas_headers():
    return signed(content_type="text/x-other", content_disposition='attachment; filename="a b.txt"', cache_control="max-age=5")


@operation("delegation-key")
def delegation_key():
    start = datetime.now(timezone.utc) - timedelta(minutes=5)
    return {"value": bool(service.get_user_delegation_key(start, start + timedelta(hours=1)).value)}


@operation("account-info")
def account_info():
    return {key: value for key, value in service.get_account_information().items() if key in ("sku_name", "account_kind")}


@operation("acl")
def acl():
    policy = AccessPolicy(permission=ContainerSasPermissions(read=True), start="2026-01-01T00:00:00Z", expiry="2030-01-01T00:00:00Z")
    container.set_container_access_policy({"readers": policy})
    return {"policies": [identifier.id for identifier in container.get_container_access_policy()["signed_identifiers"]]}


run()
