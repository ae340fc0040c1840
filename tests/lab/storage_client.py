"""A client of the lab's storage account, for tests: signatures made with its key, and requests with them. Used by upload_on_node.py
and start_upload_on_node.py."""

import base64
import hashlib
import hmac
import re
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

from services import BY_HOST

_ACCOUNT = "stws1"
STORAGE_HOST = f"{_ACCOUNT}.blob.core.windows.net"
STORAGE_ADDRESSES = f"{{ {', '.join(BY_HOST[STORAGE_HOST].addresses)} }}"   # for a rule
ROUTER = ["nsenter", "--net=/run/netns/router", "nft"]
_KEY = bytes(64)            # as azurite.py gives it
_VERSION = "2020-10-02"


def _signed(fields: list[str]) -> str:
    return base64.b64encode(hmac.new(_KEY, "\n".join(fields).encode(), hashlib.sha256).digest()).decode()


def container_sas(container: str, permissions: str, hours: float = 1) -> str:
    """A service SAS for a container (https://learn.microsoft.com/rest/api/storageservices/create-service-sas)."""
    end = (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    resource = f"/blob/{_ACCOUNT}/{container}"
    sig = _signed([permissions, "", end, resource, "", "", "https", _VERSION, "c", "", "", "", "", "", ""])
    return urllib.parse.urlencode({"sp": permissions, "se": end, "spr": "https", "sv": _VERSION, "sr": "c", "sig": sig})


def _account_sas() -> str:
    """Of the test itself, to make containers and to read what arrived."""
    end = (datetime.now(timezone.utc) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    sig = _signed([_ACCOUNT, "rwdlac", "b", "sco", "", end, "", "https", _VERSION, ""])
    return urllib.parse.urlencode({"sp": "rwdlac", "ss": "b", "srt": "sco", "se": end, "spr": "https", "sv": _VERSION, "sig": sig})


def ask(method: str, path: str, query: str = "", body: bytes | None = None, **headers: str) -> bytes:
    url = f"https://{STORAGE_HOST}/{path}?{query}&{_account_sas()}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, method=method, headers={"x-ms-version": _VERSION} | named)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def names(container: str) -> list[str]:
    return re.findall(r"<Name>([^<]+)</Name>", ask("GET", container, "restype=container&comp=list").decode())
