"""Plain urllib, which tries nothing again. Prints the status of one PUT."""
import sys
import urllib.error
import urllib.request

sys.stdout.write("ready\n")
sys.stdout.flush()
sys.stdin.readline()
request = urllib.request.Request(sys.argv[1], data=b"small", method="PUT", headers={"x-ms-version": "2021-12-02", "x-ms-blob-type": "BlockBlob"})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    print("status", opener.open(request).status)
except urllib.error.HTTPError as error:
    print("status", error.code)
