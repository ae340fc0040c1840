"""What the workspace's own services say to whoever shows a token: they read it, and hold the question to what their
documentation demands of it (Storage: Authorize with Microsoft Entra ID, List Containers, List Directories and Files; Key
Vault: Get Secrets; ACR: AAD-OAuth.md; MLflow's REST API). Every list holds the planted word. Used by answers.py."""

import base64
import json
import urllib.parse
from dataclasses import dataclass

from identity_answers import PLANTED

_AUDIENCES = {"storage": "https://storage.azure.com", "vault": "https://vault.azure.net",
              "registry": "https://containerregistry.azure.net", "azureml": "https://management.azure.com"}
_STORAGE = ("blob", "file", "dfs", "queue", "table")
KINDS = (*_STORAGE, "vault", "registry", "azureml")
MODES = ("granted", "no-role", "no-policy", "firewall", "private-only", "tls-version", "refused", "echo", "silent")
_JSON = {"Content-Type": "application/json; charset=utf-8", "x-ms-request-id": "7f3a1c52-501e-0041-6b7c-2d9be4000000"}
_XML = {"Content-Type": "application/xml", "x-ms-request-id": "7f3a1c52-501e-0041-6b7c-2d9be4000000",
        "Server": "Windows-Azure-Blob/1.0"}

Answer = tuple[int, dict, str]


@dataclass
class Asked:
    kind: str
    host: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: str
    client: str

    @property
    def token(self) -> str:
        if self.kind == "registry":
            return dict(urllib.parse.parse_qsl(self.body)).get("access_token", "")
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def query(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))


def _audience_in(token: str) -> str:
    try:
        payload = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["aud"]
    except (IndexError, KeyError, ValueError):
        return ""


def _storage_error(status: int, code: str) -> Answer:
    return status, _XML | {"x-ms-error-code": code}, f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>"


def _vault_error(inner: str, text: str) -> Answer:
    return 403, _JSON | {"x-ms-keyvault-service-version": "1.9.1652.1"}, json.dumps({"error": {
        "code": "Forbidden", "message": f"{text}\r\nCaller: appid={PLANTED}\r\nVault: kvws1", "innererror": {"code": inner}}})


def _registry_error(status: int, code: str, text: str) -> Answer:
    return status, _JSON | {"Server": "openresty"}, json.dumps({"errors": [{"code": code, "message": text}]})


def _learning_error(status: int, code: str, text: str) -> Answer:
    return status, _JSON | {"x-ms-response-type": "error"}, json.dumps({"error": {"code": code, "message": text}})


def _refusals(asked: Asked) -> dict[str, Answer]:
    if asked.kind in _STORAGE:
        return {"no-role": _storage_error(403, "AuthorizationPermissionMismatch"),
                "firewall": _storage_error(403, "AuthorizationFailure"),
                "tls-version": _storage_error(400, "TlsVersionNotPermitted"),
                "refused": _storage_error(401, "InvalidAuthenticationInfo")}
    if asked.kind == "vault":
        return {"no-role": _vault_error("ForbiddenByRbac", "Caller is not authorized to perform action on resource."),
                "no-policy": _vault_error("AccessDenied", "The user, group or application does not have secrets list permission"),
                "firewall": _vault_error("ForbiddenByFirewall", "Client address is not authorized and caller is not a trusted "
                                         f"service.\r\nClient address: {asked.client}"),
                "private-only": _vault_error("ForbiddenByConnection", "Public network access is disabled and request is not from "
                                             "a trusted service nor via an approved private link."),
                "refused": (401, _JSON, '{"error":{"code":"Unauthorized","message":"AKV10032: Invalid issuer."}}')}
    if asked.kind == "registry":
        return {"no-role": _registry_error(401, "UNAUTHORIZED", "authentication required, visit https://aka.ms/acr/authorization"),
                "firewall": _registry_error(403, "DENIED", f"client with IP '{asked.client}' is not allowed access. Refer "
                                            "https://aka.ms/acr/firewall to grant access.")}
    return {"no-role": _learning_error(403, "AuthorizationFailed", "The client does not have authorization to perform action "
                                       "'Microsoft.MachineLearningServices/workspaces/experiments/read'"),
            "private-only": _learning_error(403, "UserError", "Access to workspace was denied based on workspace private link "
                                            "configuration.")}


def _storage(asked: Asked) -> Answer:
    version, query = asked.headers.get("x-ms-version", ""), asked.query
    oldest = {"file": "2022-11-02", "table": "2020-12-06"}.get(asked.kind, "2017-11-09")
    if version < oldest:
        return _storage_error(403, "AuthenticationFailed")
    if asked.kind == "file":
        if asked.headers.get("x-ms-file-request-intent") != "backup" or query.get("restype") != "directory":
            return _storage_error(400, "MissingRequiredHeader")
        return _storage_error(404, "ShareNotFound")
    if asked.kind == "table" and asked.path.startswith("/Tables") and "json" in asked.headers.get("accept", ""):
        return 200, _JSON, json.dumps({"value": [{"TableName": PLANTED}]})
    if asked.kind == "dfs" and query.get("resource") == "account":
        return 200, _JSON, json.dumps({"filesystems": [{"name": PLANTED}]})
    if asked.kind in ("blob", "queue") and query.get("comp") == "list":
        return 200, _XML, f"<EnumerationResults><Containers><Container><Name>{PLANTED}</Name></Container></Containers></EnumerationResults>"
    return _storage_error(400, "InvalidQueryParameterValue")


def _granted(asked: Asked) -> Answer:
    if asked.kind in _STORAGE:
        return _storage(asked)
    if asked.kind == "vault":
        good = asked.path.startswith("/secrets?") and "api-version" in asked.query
        return (200, _JSON, json.dumps({"value": [{"id": f"https://{asked.host}/secrets/{PLANTED}"}]})) if good else (400, _JSON, "{}")
    if asked.kind == "registry":
        form = dict(urllib.parse.parse_qsl(asked.body))
        good = asked.path == "/oauth2/exchange" and form.get("grant_type") == "access_token" and form.get("service") == asked.host
        return (200, _JSON, json.dumps({"refresh_token": f"h.p.{PLANTED}"})) if good else (400, _JSON, '{"errors":[]}')
    good = asked.path.startswith("/mlflow/v1.0/subscriptions/") and asked.query.get("experiment_name")
    return (200, _JSON, json.dumps({"experiment": {"name": "Default", "tags": [PLANTED]}})) if good else (404, _JSON, "{}")


def authorized(mode: str, asked: Asked) -> Answer:
    """`mode`: one of MODES. A token for another audience is refused whatever the mode. echo: a service gone bad, which repeats
    the token wherever an answer has room."""
    token = asked.token
    if mode == "echo":
        return 403, {"Server": token[:900], "x-ms-error-code": token[:900], "WWW-Authenticate": token[:900]}, (
            f'ForbiddenByFirewall AuthorizationFailure Client address: {token} {asked.headers} {asked.body}')
    audience = _AUDIENCES["storage" if asked.kind in _STORAGE else asked.kind]
    if not token.endswith(PLANTED) or _audience_in(token).rstrip("/") != audience:
        return 401, _JSON, json.dumps({"error": {"code": "InvalidAuthenticationInfo", "message": f"got {token}"}})
    return _refusals(asked).get(mode) or _granted(asked)
