"""A certificate that nobody has vouched for, for a gateway that a careful caller must refuse."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a certificate and its key, as PEM."""

    chain: Path
    key: Path


def self_signed(folder: Path, host: str) -> Certificate:
    """Make one for a host and 127.0.0.1, right in everything but that it is signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    now = datetime.now(UTC)  # the caller's TLS reads the machine's clock, not the demo's
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = Certificate(folder / "sandbox-cert.pem", folder / "sandbox-key.pem")
    files.chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def _names(host: str) -> list[x509.GeneralName]:
    local = ipaddress.ip_address("127.0.0.1")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [x509.DNSName(host), x509.IPAddress(local)]
    return [x509.DNSName("localhost"), *(x509.IPAddress(one) for one in {address, local})]
