"""A time-stamp server on this machine, run by ``openssl ts``, which shares no code with ours."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.keys import Certified, certified

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def authority() -> Certified:
    """Return the key of the time-stamp authority."""
    return certified("Specimen time", "tsa")


class Openssl:
    """``openssl ts`` with its files in a folder."""

    def __init__(self, folder: Path, made: Certified | None = None) -> None:
        """Write key, certificates and configuration."""
        made = made or authority()
        self.folder = folder
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
        (folder / "tsa.pem").write_bytes(made.certificate.public_bytes(Encoding.PEM))
        (folder / "ca.pem").write_bytes(made.issuer.public_bytes(Encoding.PEM))
        key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tsa.key").write_bytes(key)

    def answer(self, request: bytes) -> bytes:
        """Return the answer to a request."""
        (self.folder / "request").write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request"]
        command += ["-signer", "tsa.pem", "-inkey", "tsa.key", "-chain", "ca.pem"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, check=True).stdout

    def verify(self, token: bytes, data: bytes) -> bool:
        """Tell whether a token over data is good."""
        (self.folder / "token").write_bytes(token)
        (self.folder / "data").write_bytes(data)
        command = [
            "openssl",
            "ts",
            "-verify",
            "-data",
            "data",
            "-in",
            "token",
            "-token_in",
            "-CAfile",
            "ca.pem",
        ]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        return done.returncode == 0 and "Verification: OK" in done.stdout


@contextmanager
def serving(
    answer: Callable[[bytes], bytes], kind: str = "application/timestamp-reply", status: int = 200
) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the address of a server that answers requests, and the list of those it got."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        """Answer one kind of request."""

        def do_POST(self) -> None:
            """Answer."""
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            content = answer(asked[-1])
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
