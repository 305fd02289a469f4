"""A server for HTTPS on this machine, with a certificate for names that lead here in a test alone."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.keys import FROM, UNTIL

NAME = "hooks.example.org"
"""The name that the certificate is for, besides 127.0.0.1."""


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Here:
    """A server that runs."""

    port: int
    trust: ssl.SSLContext
    """Trusts the server's certificate, and nothing else."""
    asked: list[Asked] = field(default_factory=list)


Answer = Callable[[Asked], tuple[int, dict[str, str], bytes | Iterator[bytes]]]
"""From a request to status, headers and content; parts of it are sent as they come."""


@contextmanager
def serving_https(answer: Answer) -> Iterator[Here]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    pem = _certificate()
    here = Here(0, ssl.create_default_context(cadata=pem[0].decode()))

    class Handler(BaseHTTPRequestHandler):
        """Notes each request and answers it."""

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            here.asked.append(asked)
            status, headers, content = answer(asked)
            self.send_response(status)
            size = {"Content-Length": str(len(content))} if isinstance(content, bytes) else {}
            for name, value in {**size, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            for part in [content] if isinstance(content, bytes) else content:
                self.wfile.write(part)

        do_GET = do_POST = _handle  # noqa: N815 # the names that the library calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    server.socket = _context(pem).wrap_socket(server.socket, server_side=True)
    here.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(ThreadingHTTPServer):
    """A server that says nothing of clients that do not trust it."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@cache
def _certificate() -> tuple[bytes, bytes]:
    """Return a certificate that issued itself, and its key, in PEM."""
    key = ec.derive_private_key(31, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Specimen server")])
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(31)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), private


def _context(pem: tuple[bytes, bytes]) -> ssl.SSLContext:
    """Return what the server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(b"".join(pem))
        context.load_cert_chain(file)
    return context
