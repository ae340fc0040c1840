"""The storage account as Azurite plays it, Microsoft's own emulator: blob, queue and table over TLS, for tokens and keys.
tests/run.sh installs it from npm into build/azurite."""

import base64
from pathlib import Path

from certificates import certificate_file

_PROGRAM = Path(__file__).parents[2] / "build/azurite/node_modules/azurite/dist/src/azurite.js"
_ACCOUNT = "stws1"
_PORTS = {"blob": 10443, "queue": 10444, "table": 10445}
LAST_PORT = 10445  # the one that is listened on last

# host -> what nginx passes it to
BACKENDS = {f"{_ACCOUNT}.{service}.core.windows.net": f"https://127.0.0.1:{port}" for service, port in _PORTS.items()}


def azurite_command(certificates: Path) -> list[str]:
    if not _PROGRAM.exists():
        raise RuntimeError(f"{_PROGRAM} is missing; tests/run.sh installs it")
    where = [word for service, port in _PORTS.items()
             for word in (f"--{service}Host", "127.0.0.1", f"--{service}Port", str(port))]
    key = base64.b64encode(bytes(64)).decode()
    return ["env", f"AZURITE_ACCOUNTS={_ACCOUNT}:{key}", "node", str(_PROGRAM), *where, "--oauth", "basic",
            "--cert", str(certificate_file(certificates, next(iter(BACKENDS)), "genuine")),
            "--key", str(certificates / "leaf.key"), "--inMemoryPersistence",
            "--skipApiVersionCheck", "--disableTelemetry", "--silent"]
