#!/usr/bin/env python3
"""Azure's own identity library (npm, build/identity) against the token services that the lab imitates: it must get the tokens
that amlnet gets, and be refused as amlnet is. Status 1 if it does not."""

import argparse
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from identity_answers import CLIENT
from start import on_terminal

_CLIENT = Path(__file__).parents[1] / "identity/client.mjs"
_AUDIENCES = ["https://management.azure.com/", "https://storage.azure.com/", "https://vault.azure.net",
              "https://containerregistry.azure.net/"]

# scenario, whose node asks; the credential, and what must come of it
_CASES = (
    ("tokens-for-services", {"credential": "managed", "gives": "token"}),
    ("identity-named", {"credential": "managed", "clientId": CLIENT, "gives": "token"}),
    ("identity-several", {"credential": "managed", "gives": "Multiple user assigned identities exist"}),
    ("identity-none", {"credential": "managed", "gives": "Identity not found"}),
    ("discovered-job", {"credential": "managed", "gives": "token"}),
    ("identity-principal", {"credential": "principal", "gives": "token"}),
    ("identity-bad-secret", {"credential": "principal", "gives": "AADSTS7000215"}),
    ("identity-conditional-access", {"credential": "principal", "gives": "AADSTS53003"}),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("modules", type=Path, help="node_modules with @azure/identity")
    options = parser.parse_args()
    failed = 0
    for scenario, wanted in _CASES:
        trust = ["env", "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt", "node"]
        command = [*trust, str(_CLIENT), str(options.modules.resolve()), json.dumps(wanted | {"resources": _AUDIENCES})]
        status = on_terminal(scenario, options.cache.resolve(), command)
        print(f"{'FAIL' if status else 'ok  '} {scenario}", flush=True)
        failed += status != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
