"""The token endpoint that Azure ML runs on its computes: GET MSI_ENDPOINT?api-version=2017-09-01&resource=...[&clientid=...]
with the header `secret`. Started on the node: PORT MODE, where MODE is granted or signed-out."""

import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from identity_answers import PLANTED, granted


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        secret = self.headers.get("secret", "")
        status, body = 400, {"error": {"code": "UserError", "message": f"Token not found, asked with {secret}"}}
        if PLANTED not in secret or asked.get("api-version") != "2017-09-01" or "X-Forwarded-For" in self.headers:
            status, body = 403, {"error": {"code": "Forbidden"}}
        elif sys.argv[2] == "granted":
            status, body = 200, granted(asked["resource"]) | {"expires_on": int(granted("")["expires_on"])}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
