"""
What the Python drivers of the matrix have in common. Each operation prints one JSON line: what an application's code saw.
Ids, dates and texts of errors that storage wrote stay out of it: those differ between two runs that are the same.
"""
import hashlib
import json
import os
import sys

_OPERATIONS = []


def operation(name):
    """Marks a function as the one that runs this operation; what it returns is the result."""
    def register(function):
        _OPERATIONS.append((name, function))
        return function
    return register


def documented(*names):
    """Runs the lines of docs/clients.md, and gives what they have called so."""
    scope = {}
    exec(os.environ["MATRIX_LINES"], scope)
    return [scope[name] for name in names]


def failure(error):
    """An error of storage or of the sidecar by its status; one of the client itself by its name and words."""
    status = getattr(error, "status_code", None)
    if status is None:
        return {"error": type(error).__name__, "message": str(error)}
    headers = error.response.headers if getattr(error, "response", None) is not None else {}
    return {"error": type(error).__name__, "status": status, "code": headers.get("x-ms-error-code"), "reason": headers.get("x-tokenbroker-reason")}


def attempt(function, *arguments, **options):
    """What comes of something that may well fail, as part of a result."""
    try:
        function(*arguments, **options)
        return "ok"
    except Exception as error:
        return failure(error)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def content(size, seed=b"tokenbroker "):
    """Bytes that repeat at no power of two, so that a block in the wrong place shows."""
    return (seed * (size // len(seed) + 1))[:size]


def run():
    for name, function in _OPERATIONS:
        try:
            line = {"ok": True, **(function() or {})}
        except Exception as error:
            line = {"ok": False, **failure(error)}
        print(json.dumps({"operation": name, **line}), flush=True)
    sys.exit(0)
