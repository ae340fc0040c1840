"""Every name that a private compute instance of workspace ws1 in eastus2 needs: its addresses, who signs for it, what
it answers and on which ports. The one table that zones, certificates, web server and answers are made from."""

from dataclasses import dataclass

REGION = "eastus2"
WORKSPACE_ID = "0b5e1d3c-6a41-4c3f-9d55-2f8a7c1e9b10"

NODE = "10.0.1.7"
ROUTER = "10.0.1.1"
PEER = "10.0.3.8"                  # a second node, in a subnet of its own, where a scenario wants one
VNET_DNS = "10.0.0.4"
SECOND_DNS = "10.0.0.5"
AZURE_DNS = "168.63.129.16"
METADATA = "169.254.169.254"
PROXY = "10.0.0.8"
PROXY_HOST = "proxy.corp.contoso.com"
GATEWAY = "10.80.0.4"                # the managed private endpoint of an Application Gateway
ALIASES = ("artifactory.corp.contoso.com", "data.corp.contoso.com")
SINKHOLE = "20.42.9.9"  # where a nameserver that lies sends everybody; nothing is there

MICROSOFT = "microsoft"  # signed under DigiCert Global Root G2
OTHER = "other"          # signed under ISRG Root X1
CORP = "corp"            # signed under a private root, which only what names /run/lab/corp-root.pem trusts


@dataclass(frozen=True)
class Service:
    host: str
    public: tuple[str, ...]        # addresses that the internet's DNS gives
    answer: str                    # a row of answers.py
    vendor: str = MICROSOFT
    private: str = ""              # address of its private endpoint
    privatelink: str = ""          # the name in its private DNS zone; the host is a CNAME to it
    alias: str = ""                # the host is a CNAME to this other host of the table
    tcp: tuple[int, ...] = ()      # ports beside 443 that accept and say nothing
    udp: tuple[int, ...] = ()      # ports that swallow datagrams
    http: bool = False             # also plain HTTP on 80
    file: str = ""                 # plain HTTP on 80 gives this file of the certificates' folder, and nothing listens on 443
    absent: bool = False           # an alternative of the documentation that has no record, unless a scenario gives it one

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.public + ((self.private,) if self.private else ())


def _storage(service: str, number: int) -> Service:
    return Service(f"stws1.{service}.core.windows.net", (f"20.60.14.{number}",), service,
                   private=f"10.0.2.{number}", privatelink=f"stws1.privatelink.{service}.core.windows.net",
                   tcp=(445,) if service == "file" else ())


_API = f"{WORKSPACE_ID}.workspace.{REGION}"
_NOTEBOOKS = f"ml-ws1-{REGION}-{WORKSPACE_ID}.{REGION}"

SERVICES = (
    Service("login.microsoftonline.com", ("20.190.151.7", "20.190.151.9"), "entra", http=True),
    Service("management.azure.com", ("20.42.4.211",), "arm"),
    Service("graph.microsoft.com", ("20.190.151.70",), "graph"),
    Service("graph.windows.net", ("20.190.151.71",), "graph"),
    Service("ml.azure.com", ("150.171.69.10",), "studio"),
    # the workspace's own names, behind its private endpoint
    Service(f"{_API}.api.azureml.ms", ("20.62.135.208",), "azureml", private="10.0.2.4",
            privatelink=f"{_API}.privatelink.api.azureml.ms", tcp=(8787, 18881)),
    Service(f"{_API}.cert.api.azureml.ms", ("20.62.135.209",), "azureml", private="10.0.2.4",
            privatelink=f"{_API}.cert.privatelink.api.azureml.ms"),
    Service(f"{_NOTEBOOKS}.notebooks.azure.net", ("20.62.135.210",), "notebooks", private="10.0.2.5",
            privatelink=f"{_NOTEBOOKS}.privatelink.notebooks.azure.net"),
    Service(f"ci1.{REGION}.instances.azureml.ms", (), "instance", alias=f"{_API}.api.azureml.ms"),
    Service(f"ci1.{REGION}.instances.ml.azure.ms", (), "instance", alias=f"{_API}.api.azureml.ms", absent=True),
    # Azure Machine Learning outside the private endpoint
    Service(f"{REGION}.api.azureml.ms", ("20.62.135.211",), "azureml"),
    Service(f"{REGION}.experiments.azureml.net", ("20.62.135.212",), "azureml"),
    Service(f"{REGION}.tundra.azureml.ms", ("20.62.135.214",), "azureml", udp=(5831,)),
    Service(f"batchws1.{REGION}.batch.azure.com", ("20.62.135.215",), "batch"),
    # the workspace's storage, vault and registry, behind private endpoints
    _storage("blob", 10), _storage("file", 11), _storage("dfs", 12), _storage("queue", 13), _storage("table", 14),
    Service("kvws1.vault.azure.net", ("20.62.134.80",), "vault", private="10.0.2.20",
            privatelink="kvws1.privatelink.vaultcore.azure.net"),
    Service("acrws1.azurecr.io", ("20.62.128.10",), "registry", private="10.0.2.30",
            privatelink="acrws1.privatelink.azurecr.io"),
    Service(f"acrws1.{REGION}.data.azurecr.io", ("20.62.128.11",), "registry-data", private="10.0.2.31",
            privatelink=f"acrws1.{REGION}.data.privatelink.azurecr.io"),
    # images and monitoring; one front door serves the registry and the studio from one address
    Service("mcr.microsoft.com", ("150.171.69.10",), "mcr"),
    Service("dc.applicationinsights.azure.com", ("20.42.65.89",), "monitor"),
    Service("dc.applicationinsights.microsoft.com", ("20.42.65.90",), "monitor"),
    Service("dc.services.visualstudio.com", ("20.42.65.91",), "monitor"),
    # packages; the two of the Python index share an address, as they do on the internet
    Service("pypi.org", ("151.101.0.223",), "packages", OTHER),
    Service("files.pythonhosted.org", ("151.101.0.223",), "packages", OTHER),
    Service("anaconda.com", ("104.16.133.96",), "packages", OTHER),
    Service("repo.anaconda.com", ("104.16.133.97",), "packages", OTHER),
    Service("conda.anaconda.org", ("104.17.92.24",), "packages", OTHER),
    Service("pytorch.org", ("18.160.200.77",), "packages", OTHER),
    Service("download.pytorch.org", ("18.160.200.78",), "packages", OTHER),
    Service("www.tensorflow.org", ("142.251.163.100",), "packages", OTHER),
    Service("cloud.r-project.org", ("18.160.200.90",), "packages", OTHER),
    # where the certificates say that their revocation is told
    Service("oneocsp.microsoft.com", ("20.42.65.10",), "", file="malformed-request.ocsp"),
    Service("www.microsoft.com", ("23.192.208.10",), "", file=f"{MICROSOFT}.crl"),
    Service("r11.c.lencr.org", ("23.192.208.20",), "", OTHER, file=f"{OTHER}.crl"),
    # what a company has: two aliases of one Application Gateway in the managed network, and a host beside it
    Service("artifactory.corp.contoso.com", ("10.80.0.4",), "packages", CORP),
    Service("data.corp.contoso.com", ("10.80.0.4",), "packages", CORP, http=True),
    Service("git.corp.contoso.com", ("10.80.0.5",), "packages", CORP),
)

# vendor -> extensions of its leaf certificates
REVOCATION = {
    MICROSOFT: "authorityInfoAccess=OCSP;URI:http://oneocsp.microsoft.com/ocsp\n"
               "crlDistributionPoints=URI:http://www.microsoft.com/pkiops/crl/Microsoft%20Azure%20RSA%20TLS%20Issuing%20CA%2007.crl\n",
    OTHER: "crlDistributionPoints=URI:http://r11.c.lencr.org/57.crl\n",
}

BY_HOST = {service.host: service for service in SERVICES}
ABSENT = {service.host for service in SERVICES if service.absent}

# Zones whose records exist once for the internet and once, linked or not, for the VNet.
PRIVATE_ZONES = (
    "privatelink.api.azureml.ms", "privatelink.notebooks.azure.net", "privatelink.blob.core.windows.net",
    "privatelink.file.core.windows.net", "privatelink.dfs.core.windows.net", "privatelink.queue.core.windows.net",
    "privatelink.table.core.windows.net", "privatelink.vaultcore.azure.net", "privatelink.azurecr.io",
)

PLATFORM_ADDRESSES = (VNET_DNS, SECOND_DNS, AZURE_DNS, METADATA, PROXY)

# The workspace file of a node whose facts are all known; scenarios change parts of it.
WORKSPACE = {
    "cloud": "public",
    "region": REGION,
    "workspace": {"name": "ws1", "id": WORKSPACE_ID, "subscription": "6d0c9fb1-2f42-4b5b-8f0e-0d0b2c6f1a77",
                  "resource_group": "rg1", "access": "private", "batch_account": "batchws1"},
    "compute": {"kind": "instance", "name": "ci1", "public_ip": False},
    "network": {"mode": "customer-vnet", "vnet": ["10.0.0.0/16"], "private_endpoint_subnets": ["10.0.2.0/24"]},
    "storage_accounts": [{"name": "stws1", "default": True, "access": "private",
                          "services": ["blob", "file", "dfs", "queue", "table"]}],
    "key_vault": {"name": "kvws1", "access": "private"},
    "container_registry": {"name": "acrws1", "access": "private", "regions": [REGION]},
    "features": ["studio-notebooks", "adls-gen2", "batch-endpoints", "python-packages"],
}


def zone_of(name: str) -> str:
    """The private zone that `name` lies in, or nothing."""
    return next((zone for zone in PRIVATE_ZONES if name.endswith("." + zone)), "")


def served_addresses() -> list[str]:
    """Every address that the services namespace answers on, each once."""
    listed = [address for service in SERVICES for address in service.addresses]
    return list(dict.fromkeys([*PLATFORM_ADDRESSES, *listed]))


def addresses_of(host: str) -> tuple[str, ...]:
    service = BY_HOST[host]
    return addresses_of(service.alias) if service.alias else service.addresses
