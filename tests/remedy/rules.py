"""The rules that each format of `amlnet fix` holds, in one form, so that the formats can be held against each other and
against tables of documented names. A rule is a tuple: its kind, then what it opens or adds."""

import json
import os
import re
import stat
import subprocess
from pathlib import Path

_HERE = Path(__file__).parent
COMMANDS = json.loads((_HERE / "commands.json").read_text())
RESOURCES = json.loads((_HERE / "resources.json").read_text())
_PRIORITIES = {"RULE_GROUP_PRIORITY": "500", "SECURITY_RULE_PRIORITY": "200"}


def place_az(folder: Path, log: Path) -> None:
    """An `az` that notes how many arguments it got, and each, with a NUL after it."""
    program = folder / "az"
    program.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$#\" \"$@\" >> '{log}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def _noted(log: Path) -> list[list[str]]:
    words = log.read_text().split("\0")[:-1] if log.exists() else []
    commands = []
    while words:
        count = int(words[0])
        commands.append(words[1:count + 1])
        del words[:count + 1]
    return commands


def needed_variables(script: str) -> list[str]:
    return re.findall(r'^: "\$\{(\w+):\?', script, re.M)


def run_script(script: str, folder: Path, shell: str = "sh", given: dict[str, str] | None = None) -> tuple[subprocess.CompletedProcess, list[list[str]]]:
    """Runs a script with every variable that it needs, or those of `given`; what came, and the arguments of each `az`."""
    log = folder / "az.log"
    log.unlink(missing_ok=True)
    place_az(folder, log)
    (folder / "script").write_text(script)
    if given is None:
        given = {name: _PRIORITIES.get(name, f"<{name}>") for name in needed_variables(script)}
    done = subprocess.run([shell, "./script"], cwd=folder, env={"PATH": f"{folder}:{os.environ['PATH']}"} | given,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    return done, _noted(log)


def arguments_of(words: list[str]) -> tuple[str, dict[str, list[str]]]:
    """The command, and its options with their values."""
    split = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
    options: dict[str, list[str]] = {}
    for word in words[split:]:
        if word.startswith("--"):
            if word in options:
                raise ValueError(f"{word} twice")
            options[word] = []
        else:
            options[list(options)[-1]].append(word)
    return " ".join(words[:split]), options


def undocumented(words: list[str]) -> list[str]:
    """What the documentation does not have of this command, or has and the command lacks."""
    command, options = arguments_of(words)
    if command not in COMMANDS:
        return [f"no such command: {command}"]
    table = COMMANDS[command]
    wrong = [f"{command} lacks {name}" for name in table["required"] if name not in options]
    wrong += [f"{command} has no {name}" for name in options if name not in table["required"] + table["optional"]]
    wrong += [f"{name} without a value" for name, values in options.items() if not values or "" in values]
    for name, allowed in table.get("values", {}).items():
        wrong += [f"{command} {name} {value}" for value in options.get(name, []) if value not in allowed]
    return wrong


def _parameter(text: str) -> str:
    """What a parameter is for, whatever the format calls it: RESOURCE_ID_STWS1, resourceId_stws1, var.resource_id_stws1."""
    text = re.sub(r"^(<|\$\{var\.)|[>}]$", "", text)
    return re.sub(r"^(resource_id|resourceid|address)_", "", text.lower())


def of_az(words: list[str]) -> tuple | None:
    """None for the group that the collections are in."""
    command, options = arguments_of(words)
    one = {name: values[0] for name, values in options.items()}
    match command.split()[-1]:
        case "add-filter-collection" if one["--rule-type"] == "ApplicationRule":
            scheme, port = one["--protocols"].split("=")
            return ("names", scheme, port, tuple(options["--target-fqdns"]))
        case "add-filter-collection":
            return ("packets", one["--ip-protocols"], one["--destination-ports"], tuple(options["--destination-fqdns"]))
    match command:
        case "network nsg rule create":
            return ("security", one["--protocol"], one["--destination-port-ranges"], tuple(options["--destination-address-prefixes"]))
        case "ml workspace outbound-rule set" if one["--type"] == "fqdn":
            return ("outbound", one["--destination"])
        case "ml workspace outbound-rule set" if one["--type"] == "service_tag":
            return ("outbound-tag", one["--service-tag"], one["--protocol"], one["--port-ranges"])
        case "ml workspace outbound-rule set":
            return ("endpoint", _parameter(one["--service-resource-id"]), one["--subresource-target"], one["--spark-enabled"])
        case "network private-dns link vnet create":
            return ("link", one["--zone-name"])
        case "network private-dns record-set a add-record":
            return ("record", one["--zone-name"], one["--record-set-name"], _parameter(one["--ipv4-address"]))
    return None


def _lacking(what: str, has: dict, table: list[list[str]]) -> list[str]:
    required, optional = table
    return [f"{what} lacks {name}" for name in required if name not in has] + [
        f"{what} has no {name}" for name in has if name not in required + optional]


def _plain(value: object) -> str:
    return _parameter(value["expression"]) if isinstance(value, dict) else _parameter(str(value))


def of_bicep(parsed: dict) -> tuple[list[tuple], list[str]]:
    """The rules, and what is not documented."""
    rules, wrong = [], []
    zones = {one["id"]: one["body"]["name"] for one in parsed["resources"] if "privateDnsZones@" in one["type"]}
    ids = [one["id"] for one in parsed["resources"]] + list(parsed["parameters"])
    wrong += [f"{one} is declared twice" for one in ids if ids.count(one) > 1]
    for one in parsed["resources"]:
        kind, body = one["type"].split("@")[0], one["body"]
        if one["existing"]:
            continue
        wrong += _lacking(kind, body, RESOURCES["bicep"].get(kind, [[], []]))
        properties = body["properties"]
        wrong += _lacking(kind, properties, RESOURCES["bicep_properties"].get(kind, [[], []]))
        if body["parent"]["expression"] not in ids:
            wrong.append(f"no {body['parent']}")
        match kind.split("/")[-1]:
            case "ruleCollectionGroups":
                for collection in properties["ruleCollections"]:
                    for rule in collection["rules"]:
                        rules.append(("names", rule["protocols"][0]["protocolType"], str(rule["protocols"][0]["port"]), tuple(rule["targetFqdns"]))
                                     if rule["ruleType"] == "ApplicationRule" else
                                     ("packets", rule["ipProtocols"][0], rule["destinationPorts"][0], tuple(rule["destinationFqdns"])))
                    if collection["action"] != {"type": "Allow"} or len(collection["rules"]) != 1:
                        wrong.append(f"{collection}")
            case "securityRules":
                where = properties.get("destinationAddressPrefixes") or [properties["destinationAddressPrefix"]]
                rules.append(("security", properties["protocol"], properties["destinationPortRange"], tuple(where)))
            case "outboundRules" if properties["type"] == "FQDN":
                rules.append(("outbound", properties["destination"]))
            case "outboundRules" if properties["type"] == "ServiceTag":
                to = properties["destination"]
                rules.append(("outbound-tag", to["serviceTag"], to["protocol"], to["portRanges"]))
            case "outboundRules":
                to = properties["destination"]
                rules.append(("endpoint", _plain(to["serviceResourceId"]), to["subresourceTarget"], str(to["sparkEnabled"]).lower()))
            case "virtualNetworkLinks":
                rules.append(("link", zones[body["parent"]["expression"]]))
            case "A":
                rules.append(("record", zones[body["parent"]["expression"]], body["name"], _plain(properties["aRecords"][0]["ipv4Address"])))
            case _:
                wrong.append(f"no such resource: {kind}")
    return rules, wrong


def of_terraform(parsed: dict) -> tuple[list[tuple], list[str]]:
    rules, wrong = [], []
    declared = set(parsed.get("variable", {}))
    used = set(re.findall(r"\bvar\.(\w+)", json.dumps(parsed.get("resource", {}))))
    wrong += [f"variable {name} is not both declared and used" for name in declared ^ used]
    for kind, resources in parsed.get("resource", {}).items():
        for body in (body for bodies in resources.values() for body in bodies):
            wrong += _lacking(kind, body, RESOURCES["terraform"].get(kind, [[], []]))
            match kind.removeprefix("azurerm_").removeprefix("machine_learning_workspace_network_"):
                case "firewall_policy_rule_collection_group":
                    for collection in body.get("application_rule_collection", []):
                        rule = collection["rule"][0]
                        rules.append(("names", rule["protocols"][0]["type"], str(rule["protocols"][0]["port"]), tuple(rule["destination_fqdns"])))
                    for collection in body.get("network_rule_collection", []):
                        rule = collection["rule"][0]
                        rules.append(("packets", rule["protocols"][0], rule["destination_ports"][0], tuple(rule["destination_fqdns"])))
                case "network_security_rule":
                    where = body.get("destination_address_prefixes") or [body["destination_address_prefix"]]
                    rules.append(("security", body["protocol"], body["destination_port_range"], tuple(where)))
                case "outbound_rule_fqdn":
                    rules.append(("outbound", body["destination_fqdn"]))
                case "outbound_rule_service_tag":
                    rules.append(("outbound-tag", body["service_tag"], body["protocol"], body["port_ranges"]))
                case "outbound_rule_private_endpoint":
                    rules.append(("endpoint", _parameter(body["service_resource_id"]), body["sub_resource_target"], str(body["spark_enabled"]).lower()))
                case "private_dns_zone_virtual_network_link":
                    rules.append(("link", body["private_dns_zone_name"]))
                case "private_dns_a_record":
                    rules.append(("record", body["zone_name"], body["name"], _parameter(body["records"][0])))
                case _:
                    wrong.append(f"no such resource: {kind}")
    return rules, wrong
