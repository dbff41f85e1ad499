"""What stands outside, on loopback: a mail server and a gateway that takes messages by HTTP. They do what a test says."""

import ipaddress
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        outside: MailServer = self.server.outside  # type: ignore[attr-defined]
        outside.connections += 1
        # Who does not trust the certificate hangs up in the middle.
        with suppress(OSError):
            self._speak(outside)
        self.connection.close()

    def _wrap(self, context: ssl.SSLContext) -> None:
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def _speak(self, outside: "MailServer") -> None:
        self._say(outside.answers.get("CONNECT", "220 here"))
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].split(" ")[0].upper()
            outside.said.append(line)
            if outside.hang_at == word:
                outside.released.wait(10)
                return
            if word in outside.answers:
                self._say(outside.answers[word])
                continue
            if word == "EHLO" and outside.tls:
                self._say("250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN")
                continue
            if word == "STARTTLS" and outside.tls:
                self._say("220 go on")
                self._wrap(outside.tls)
                continue
            if word == "AUTH":
                self._say("235 welcome")
                continue
            if word == "QUIT":
                self._say("221 bye")
                return
            if word != "DATA":
                self._say("250 well")
                continue
            self._say("354 go on")
            body = b"".join(iter(self.rfile.readline, b".\r\n"))
            outside.mails.append(message_from_bytes(body, policy=policy.default))  # type: ignore[arg-type]
            outside.raw.append(body)
            outside.taken()
            if outside.hang_at == "END":
                outside.released.wait(10)
                return
            self._say(outside.answers.get("END", "250 taken"))

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@dataclass
class MailServer:
    """Keeps every mail it took; `answers` are given in place of its own, and at `hang_at` it says nothing more."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hang_at: str = ""
    connections: int = 0
    tls: ssl.SSLContext | None = None
    """with it the server offers STARTTLS and takes any password"""
    taken: Callable[[], None] = lambda: None
    """called when a mail has come, before it is answered"""
    released: threading.Event = field(default_factory=threading.Event)


@dataclass
class Gateway:
    """Keeps every request; its answer is what the test says."""

    port: int = 0
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    status: int = 200
    answer: Any = field(default_factory=lambda: {"code": 0})
    hang: bool = False
    taken: Callable[[], None] = lambda: None
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.requests]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server that speaks plain SMTP."""
    outside = MailServer()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.outside = outside  # type: ignore[attr-defined]
        outside.port = server.server_address[1]
        with _serving(server, outside.released):
            yield outside


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Run a gateway for text messages."""
    outside = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            form = "form" in self.headers["Content-Type"]
            body = {key: one[0] for key, one in parse_qs(raw.decode()).items()} if form else json.loads(raw)
            outside.requests.append((self.path, dict(self.headers), body))
            outside.taken()
            if outside.hang:
                outside.released.wait(10)
                return
            answer = (
                outside.answer if isinstance(outside.answer, bytes) else json.dumps(outside.answer).encode()
            )
            self.send_response(outside.status)
            if 300 <= outside.status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        outside.port = server.server_address[1]
        with _serving(server, outside.released):
            yield outside


@contextmanager
def _serving(server: socketserver.BaseServer, released: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        released.set()
        server.shutdown()
        thread.join()


MAIL = """
[[channel]]
key = "mail"
name = "单位邮箱"
kind = "mail"
for = ["staff"{more}]
host = "127.0.0.1"
port = {port}
security = "none"
from = "接办 <jieban@example.gov.cn>"
{extra}
"""
SMS = """
[[channel]]
key = "sms"
name = "短信"
kind = "webhook"
for = ["staff", "applicants"]
url = "{url}"
signature = "东河县民政局"
secret_file = "sms-secret"
headers = {{ Authorization = "Bearer {{secret}}" }}
body = {{ phone = "{{address}}", content = "{{text}}", id = "{{id}}" }}
accepted_when = {{ code = 0 }}
{extra}
"""
SECRET = "kept-between-us-42"


def write_channels(
    folder: Path,
    mail: MailServer | None = None,
    sms: Gateway | None = None,
    *,
    mail_more: str = "",
    mail_extra: str = "",
    sms_extra: str = "",
    top: str = "",
) -> Path:
    """Write a file of channels that lead to the fakes; secrets lie beside it."""
    (folder / "sms-secret").write_text(SECRET)
    text = top
    if mail:
        text += MAIL.format(port=mail.port, more=mail_more, extra=mail_extra)
    if sms:
        text += SMS.format(url=sms.url, extra=sms_extra)
    path = folder / "channels.toml"
    path.write_text(text, "utf-8")
    return path


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for this machine that nobody has signed, and the context of a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, secret = folder / "cert.pem", folder / "cert-key.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return path, context
