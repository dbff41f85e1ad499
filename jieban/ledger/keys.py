import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jieban.errors import JiebanError
from jieban.ledger.verify_ledger import Head
from jieban.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_OTHERS = 0o027
"""Rights that nobody but the owner may have: others any, the group to write."""


class KeyRefused(JiebanError):  # noqa: N818 - reads as the sentence it is
    """The key that signs the ledger cannot be used."""


@dataclass(frozen=True)
class SigningKey:
    """The Ed25519 key with which an installation signs the heads of its ledger."""

    private: "Ed25519PrivateKey"
    public: str
    """the public key in hex: what an auditor is given"""

    def sign(self, head: Head) -> Head:
        """Put this key and its signature under a head."""
        told = head._replace(key=self.public)
        return told._replace(signature=self.private.sign(told.line.encode()).hex())


def own_key(settings: Settings) -> SigningKey:
    """Load the key of this installation, which is made the first time; one that the settings name must be there."""
    if settings.ledger_key_file is None and not settings.ledger_key.exists():
        _make(settings.ledger_key)
    return load_key(settings.ledger_key)


def load_key(path: Path) -> SigningKey:
    """Load a key, or raise KeyRefused with a sentence where it is missing, no key, or open to others."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        rights = path.stat().st_mode
        written = path.read_bytes()
    except OSError as error:
        raise KeyRefused(f"台账签名密钥 {path} 无法读取（{error.strerror}）。") from error
    if rights & _OTHERS:
        raise KeyRefused(f"台账签名密钥 {path} 可被他人读取或者改写，请先运行 chmod 600 {path}。")
    try:
        private = load_pem_private_key(written, None)
    except (ValueError, TypeError) as error:
        raise KeyRefused(f"{path} 不是可用的密钥文件。") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyRefused(f"{path} 不是 Ed25519 密钥。")
    return SigningKey(private, private.public_key().public_bytes_raw().hex())


def _make(path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    written = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
            # Of two processes that start together the first one's key stays.
            with suppress(FileExistsError):
                path.hardlink_to(part)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise KeyRefused(f"台账签名密钥 {path} 无法写入（{error.strerror}）。") from error
