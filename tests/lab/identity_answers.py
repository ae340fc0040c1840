"""What Azure says of identities: tokens of the metadata service and of Entra ID, and the workspace's resources in Resource
Manager, in the documented shapes (managed identities: how-to-use-vm-token; Entra ID: v2-oauth2-client-creds-grant-flow;
Resource Manager: azure-rest-api-specs, Microsoft.MachineLearningServices 2024-04-01, Microsoft.Storage 2023-01-01,
Microsoft.KeyVault and Microsoft.ContainerRegistry 2023-07-01). Used by answers.py."""

import base64
import json
import time
import urllib.parse

PLANTED = "planted-8c1f"  # in every secret of the lab; nothing that amlnet writes may hold it
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OBJECT = "3f1c5a7e-09b2-4f4e-8d7a-51c0e9a2b6d4"
CLIENT = "9a8b7c6d-5e4f-4a3b-9c2d-1e0f9a8b7c6d"
_IMDS = {"Content-Type": "application/json; charset=utf-8", "Server": "IMDS/150.870.65.1854"}
_ENTRA = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
_ARM = {"Content-Type": "application/json; charset=utf-8", "x-ms-correlation-request-id": OBJECT}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token_for(audience: str) -> str:
    now = int(time.time())
    payload = {"aud": audience, "iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "oid": OBJECT, "appid": CLIENT,
               "iat": now - 300, "nbf": now - 300, "exp": now + 86400, "mark": PLANTED}
    return f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(payload)}.{PLANTED}"


def granted(audience: str) -> dict:
    return {"access_token": token_for(audience), "expires_in": "86399", "expires_on": str(int(time.time()) + 86399),
            "resource": audience, "token_type": "Bearer", "client_id": CLIENT}


def _failed(error: str, description: str) -> dict:
    return {"error": error, "error_description": description}


def metadata_token(mode: str, path: str) -> tuple[int, dict, str]:
    """`mode`: none, assigned, several, throttled, by-proxy (a proxy on the way adds X-Forwarded-For), other (no metadata
    service at all)."""
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
    if mode == "assigned" and asked.get("client_id", CLIENT) == CLIENT:
        return 200, _IMDS, json.dumps(granted(asked["resource"]))
    if mode == "several" and asked.get("client_id") == CLIENT:
        return 200, _IMDS, json.dumps(granted(asked["resource"]))
    if mode == "several":
        return 400, _IMDS, json.dumps(_failed("invalid_request", "Multiple user assigned identities exist, please specify the "
                                              "clientId / resourceId of the identity in the token request"))
    if mode == "throttled":
        return 429, _IMDS, json.dumps(_failed("too_many_requests", "Too many requests"))
    if mode == "by-proxy":
        return 400, _IMDS | {"Via": "1.1 proxy.contoso.com (squid/6.1)"}, json.dumps(
            {"error": "Bad request. Required metadata header not specified"})
    if mode == "other":
        return 200, {"Content-Type": "text/html"}, f"<html>router login {PLANTED}</html>"
    return 400, _IMDS, json.dumps(_failed("invalid_request", "Identity not found"))


_REFUSALS = {
    "conditional-access": ("invalid_grant", 53003, "Access has been blocked by Conditional Access policies. The access policy does "
                           "not allow token issuance."),
    "bad-secret": ("invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the "
                   "client secret value, not the client secret ID."),
}


def entra_token(mode: str, form: str) -> tuple[int, dict, str]:
    """`mode`: granted, conditional-access, bad-secret. A refusal repeats what it was sent, which nobody may repeat again."""
    asked = dict(urllib.parse.parse_qsl(form))
    if mode == "granted":
        audience = next(one for one in asked["scope"].split() if one.endswith("/.default")).removesuffix("/.default")
        return 200, _ENTRA, json.dumps({"token_type": "Bearer", "expires_in": 86399, "ext_expires_in": 86399,
                                        "access_token": token_for(audience)})
    error, number, text = _REFUSALS[mode]
    return 401, _ENTRA, json.dumps({
        "error": error, "error_description": f"AADSTS{number}: {text} Sent: {form} Trace ID: {OBJECT}",
        "error_codes": [number], "correlation_id": OBJECT})


def _private(identity: str) -> list[dict]:
    return [{"id": f"{identity}/privateEndpointConnections/pe1", "properties": {
        "privateEndpoint": {"id": "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Network/privateEndpoints/pe1"},
        "privateLinkServiceConnectionState": {"status": "Approved"}}}]


def _resource(kind: str, group: str, name: str, **properties: object) -> dict:
    identity = f"{group}/providers/{kind}/{name}"
    shared = {"publicNetworkAccess": "Disabled", "privateEndpointConnections": _private(identity)}
    return {"id": identity, "name": name, "type": kind, "location": "eastus2", "properties": shared | properties}


def _dependencies() -> dict:
    """Shape of Microsoft.MachineLearningServices 2024-04-01, ExternalFQDNResponse. One host is in no documentation."""
    listed = {"Azure Active Directory": ["login.microsoftonline.com"], "Azure Resource Manager": ["management.azure.com"],
              "Compute": ["*.instances.azureml.ms"], "Key Vault": ["kvws1.vault.azure.net"],
              "Azure Batch": ["eastus2.batch.example.net"]}
    return {"value": [{"properties": {"category": category, "endpoints": [
        {"domainName": host, "endpointDetails": [{"port": 443}]} for host in hosts]}} for category, hosts in listed.items()]}


def _resources(group: str, workspace_id: str) -> dict[str, dict]:
    """By the path that is asked for, all in lower case."""
    learning = "Microsoft.MachineLearningServices/workspaces"
    storage, vault, registry = (f"{group}/providers/{kind}" for kind in (
        "Microsoft.Storage/storageAccounts/stws1", "Microsoft.KeyVault/vaults/kvws1",
        "Microsoft.ContainerRegistry/registries/acrws1"))
    blob = {service: f"https://stws1.{service}.core.windows.net/" for service in ("blob", "file", "dfs", "queue", "table")}
    rules = {"networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": [], "ipRules": []}}
    subnet = {"id": f"{group}/providers/Microsoft.Network/virtualNetworks/v/subnets/computes"}
    workspace = _resource(learning, group, "ws1", workspaceId=workspace_id, storageAccount=storage, keyVault=vault,
                          containerRegistry=registry, hbiWorkspace=False, managedNetwork={"isolationMode": "Disabled"})
    computes = {name: _resource(f"{learning}/computes", group, name, computeType=kind, properties={
        "subnet": subnet, "enableNodePublicIp": False}) for name, kind in (("ci1", "ComputeInstance"), ("cpu1", "AmlCompute"))}
    found = {f"{group}/providers/{learning}/ws1": workspace,
             storage: _resource("Microsoft.Storage/storageAccounts", group, "stws1", primaryEndpoints=blob, **rules),
             vault: _resource("Microsoft.KeyVault/vaults", group, "kvws1", **rules),
             registry: _resource("Microsoft.ContainerRegistry/registries", group, "acrws1",
                                 dataEndpointHostNames=["acrws1.eastus2.data.azurecr.io"])}
    found[f"{group}/providers/{learning}/ws1/outboundNetworkDependenciesEndpoints"] = _dependencies()
    found |= {f"{group}/providers/{learning}/ws1/computes/{name}": one for name, one in computes.items()}
    return {path.lower(): one for path, one in found.items()}


def resource_manager(mode: str, path: str, authorization: str, workspace: dict) -> tuple[int, dict, str]:
    """`mode`: readable, workspace-only, forbidden. `workspace`: the facts of the lab's workspace file."""
    if not authorization.endswith(PLANTED):
        return 401, _ARM, json.dumps({"error": {"code": "InvalidAuthenticationToken", "message": f"Got {authorization}"}})
    is_of_workspace = "/providers/microsoft.machinelearningservices/" in path.lower()
    if mode == "forbidden" or (mode == "workspace-only" and not is_of_workspace):
        return 403, _ARM, json.dumps({"error": {"code": "AuthorizationFailed", "message": f"The client '{CLIENT}' does not have "
                                      "authorization to perform action 'Microsoft.MachineLearningServices/workspaces/read'."}})
    group = f"/subscriptions/{workspace['subscription']}/resourceGroups/{workspace['resource_group']}"
    found = _resources(group, workspace["id"]).get(urllib.parse.urlsplit(path).path.lower())
    if not found:
        return 404, _ARM, json.dumps({"error": {"code": "ResourceNotFound", "message": "not found"}})
    return 200, _ARM, json.dumps(found)
