#!/usr/bin/env python3
"""Validates report, plan, fleet, diff and JSON Lines files against the installed schemas.

usage: schema_check.py [--schemas DIR] FILE...

The first member tells which schema a file follows; a name ending in .jsonl is read line by line.
Exit status: 0 all valid, 1 something is not, 2 usage.
"""
import argparse
import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # newer jsonschema prefers `referencing`, Debian's lacks it
import jsonschema  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
REPORT = "https://amlnet.invalid/report.schema.json"  # the schemas' $id; nothing is fetched
NAMES = ("report", "plan", "fleet", "diff")
KINDS = {f"amlnet.{name}/1": f"https://amlnet.invalid/{name}.schema.json" for name in NAMES}


def load(folder):
    schemas = [json.loads((folder / f"{name}.schema.json").read_text()) for name in NAMES]
    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)
    return {schema["$id"]: schema for schema in schemas}


def validator(store, name, part=""):
    schema = {"$ref": name + part}
    resolver = jsonschema.RefResolver("", schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def no_doubles(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a member is there twice among {names}")
    return dict(pairs)


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def parse(text):
    return json.loads(text, object_pairs_hook=no_doubles, parse_constant=no_constant)


def problems(store, path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        line_of = validator(store, REPORT, "#/$defs/line")
        pairs = [(line_of, parse(line)) for line in text.splitlines()]
    else:
        document = parse(text)
        kind = document.get("schema") if isinstance(document, dict) else None
        name = KINDS.get(kind, REPORT)
        pairs = [(validator(store, name), document)]
    for number, (check, document) in enumerate(pairs, 1):
        for error in check.iter_errors(document):
            best = jsonschema.exceptions.best_match([error])
            yield f"{path}:{number}: {best.json_path}: {best.message[:300]}"


def main():
    arguments = argparse.ArgumentParser(description="Validate amlnet's JSON.")
    arguments.add_argument("--schemas", type=pathlib.Path, default=HERE.parent / "reports" / "schema")
    arguments.add_argument("files", nargs="+", type=pathlib.Path)
    options = arguments.parse_args()
    store = load(options.schemas)
    found = []
    for path in options.files:
        try:
            found += problems(store, path)
        except (OSError, ValueError) as error:
            found.append(f"{path}: {error}")
    for line in found[:50]:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
