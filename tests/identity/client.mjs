// Asks for tokens with Azure's own client library, on the node of a lab: whatever it understands of the lab's token services
// is what Azure's say. Arguments: node_modules, then expectations in JSON: {"credential": "managed"|"principal", "clientId",
// "resources": [...], "gives": "token"|text of the error}. Prints what is wrong; status 1 then.
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, given] = process.argv.slice(2);
const { ClientSecretCredential, ManagedIdentityCredential } = createRequire(join(modules, "x.js"))("@azure/identity");
const wanted = JSON.parse(given);
const retryOptions = { maxRetries: 0 };

function credential() {
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET: secret } = process.env;
  if (wanted.credential === "principal") return new ClientSecretCredential(tenant, client, secret, { retryOptions });
  return wanted.clientId ? new ManagedIdentityCredential({ clientId: wanted.clientId, retryOptions })
    : new ManagedIdentityCredential({ retryOptions });
}

// The words of an error and of all that it is about.
function words(error) {
  return error ? [error.name, error.message, error.errorResponse?.errorDescription, words(error.cause)].join(" ") : "";
}

async function problem(resource) {
  try {
    const patient = { requestOptions: { timeout: 20000 } };  // a busy machine is no missing service
    const answer = await credential().getToken(resource.replace(/\/?$/, "/.default"), patient);
    if (wanted.gives !== "token") return "a token came";
    const payload = JSON.parse(Buffer.from(answer.token.split(".")[1], "base64url"));
    if (payload.aud.replace(/\/$/, "") !== resource.replace(/\/$/, "")) return `the token is for ${payload.aud}`;
    const hours = (answer.expiresOnTimestamp - Date.now()) / 3600000;
    return hours > 23 && hours < 25 ? "" : `the token lasts ${hours} hours`;
  } catch (error) {
    const said = words(error);
    return wanted.gives !== "token" && said.includes(wanted.gives) ? "" : `error: ${said}`;
  }
}

let wrong = 0;
for (const resource of wanted.resources) {
  const text = await problem(resource);
  if (text) console.log(`${given}: ${resource}: ${text}`);
  wrong += text ? 1 : 0;
}
process.exit(wrong ? 1 : 0);
