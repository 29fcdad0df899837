"""What an application does with the Python SDK: nothing is set but the connection string.

Prints "ready", does what it was asked for once a line comes in, and prints the SHA-256 of what it read or wrote.
Any error ends it with code 1.

    python3 client.py get|put|staged CONTAINER BLOB SIZE
"""
import hashlib
import os
import sys

from azure.storage.blob import BlobServiceClient

operation, container, name, size = sys.argv[1:]
service = BlobServiceClient.from_connection_string(os.environ["AZURE_STORAGE_CONNECTION_STRING"])
blob = service.get_blob_client(container, name)
content = (f"{name} ".encode() * (int(size) // len(name) + 1))[: int(size)]

print("ready", flush=True)
sys.stdin.readline()

if operation == "get":
    content = blob.download_blob().readall()
else:
    blob.upload_blob(content, overwrite=True)
print("sha256", hashlib.sha256(content).hexdigest(), flush=True)
