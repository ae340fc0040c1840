// Reads what `amlnet fix` wrote with parsers that others publish, and prints what it says as JSON, a member for each file.
//   node parse.mjs NODE_MODULES FILE...        *.bicep by tree-sitter-bicep, *.tf by hcl2json (HashiCorp's own parser)
// A file that they do not take ends it with status 1 and where it broke.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(join(modules, "amlnet.js"));
const { Language, Parser } = require("web-tree-sitter");
const { parse: parseHcl } = require("@cdktf/hcl2json");

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(join(modules, "tree-sitter-bicep", "tree-sitter-bicep.wasm")));

const firstError = (node) => (node.isError || node.isMissing ? node : node.children.map(firstError).find(Boolean));

/** A node of Bicep's tree as a plain value; expressions as their text. */
function value(node) {
  switch (node.type) {
    case "object":
      return Object.fromEntries(
        node.namedChildren.filter((child) => child.type === "object_property").map((property) => {
          const [key, ...rest] = property.namedChildren.filter((child) => child.type !== "comment");
          return [key.text, value(rest.at(-1))];
        }),
      );
    case "array":
      return node.namedChildren.filter((child) => child.type !== "comment").map(value);
    case "string":
      return node.text.slice(1, -1).replace(/\\(.)/g, "$1");
    case "number":
      return Number(node.text);
    case "boolean":
      return node.text === "true";
    case "if_statement":
      return value(node.namedChildren.find((child) => child.type === "object"));
    default:
      return { expression: node.text };
  }
}

function readBicep(name, text) {
  const tree = parser.parse(text);
  if (tree.rootNode.hasError) {
    const place = firstError(tree.rootNode)?.startPosition;
    throw new Error(`${name}:${place ? `${place.row + 1}:${place.column + 1}` : "?"}: no Bicep`);
  }
  const found = { parameters: {}, resources: [] };
  for (const node of tree.rootNode.namedChildren) {
    if (node.type === "parameter_declaration") {
      const [id, ...rest] = node.namedChildren.filter((child) => child.type !== "decorators");
      found.parameters[id.text] = rest.map((child) => child.text);
    } else if (node.type === "resource_declaration") {
      const [id, type, ...rest] = node.namedChildren;
      const body = rest.find((child) => ["object", "if_statement"].includes(child.type));
      const existing = node.children.some((child) => child.text === "existing");
      found.resources.push({ id: id.text, type: value(type), existing, body: value(body), kinds: rest.map((child) => child.type) });
    } else if (!["comment", "decorators"].includes(node.type)) {
      throw new Error(`${name}: unexpected ${node.type}: ${node.text.slice(0, 80)}`);
    }
  }
  return found;
}

const result = {};
try {
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    result[basename(file)] = file.endsWith(".tf") ? await parseHcl(basename(file), text) : readBicep(basename(file), text);
  }
} catch (error) {
  console.error(String(error.message ?? error));
  process.exit(1);
}
console.log(JSON.stringify(result));
