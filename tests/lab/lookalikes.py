"""The look-alike of each cause that services, identities, proxies, gateways, WebSocket and inbound ports have: a scenario where the same
symptom has another cause, or none. selftest.py holds the table against the scenarios and against the program's causes."""

FAMILIES = ("service.", "identity.", "proxy.", "gateway.", "http.websocket-", "inbound.")

# cause -> (scenario that must find it, scenario that looks alike and must not)
LOOKALIKES = {
    "service.storage-firewall": ("storage-firewall-to-token", "storage-role-missing"),
    "service.keyvault-firewall": ("vault-firewall-to-token", "roles-missing-to-token"),
    "service.keyvault-private-only": ("vault-private-only-to-token", "vault-firewall-to-token"),
    "service.registry-firewall": ("registry-firewall", "registry-data-denied"),
    "service.registry-data-blocked": ("registry-data-denied", "registry-firewall"),
    "service.workspace-private-only": ("workspace-private-only-to-token", "roles-missing-to-token"),
    "service.tls-version": ("storage-tls-version", "tls-version-old"),
    "service.permission-denied": ("roles-missing-to-token", "services-refuse-token"),
    "identity.imds-unreachable": ("metadata-unreachable", "identity-none"),
    "identity.none": ("identity-several", "identity-named"),
    "identity.throttled": ("identity-throttled", "identity-by-proxy"),
    "identity.endpoint-failed": ("identity-endpoint-failed", "discovered-job"),
    "identity.refused": ("identity-bad-secret", "identity-principal"),
    "proxy.unreachable": ("proxy-silent", "no-egress"),
    "proxy.auth-required": ("proxy-asks-who", "proxy-credentials"),
    "proxy.port-refused": ("proxy-refuses-port", "proxy-denies"),
    "proxy.denied": ("proxy-denies", "registry-firewall"),
    "proxy.cannot-reach": ("proxy-cannot-resolve", "gateway-backend"),
    "proxy.private-traffic": ("proxy-takes-private", "proxy-private-traffic-known"),
    "proxy.imds": ("proxy-takes-metadata", "metadata-unreachable"),
    "gateway.alias-not-private": ("gateway-alias-public", "gateway"),
    "gateway.aliases-differ": ("gateway-aliases-differ", "gateway"),
    "gateway.backend": ("gateway-backend", "instance-unhealthy"),
    "gateway.rejected": ("gateway-no-listener", "gateway-application-says-404"),
    "inbound.blocked": ("inbound-reset-on-way", "inbound-not-listening"),
    "inbound.not-listening": ("inbound-web-server", "inbound-swallowed"),
    "http.websocket-blocked": ("websocket-refused", "websocket-signed-out"),
}
