"""RSA keys from the environment: base64 of DER on one line, or the path of a PEM file."""

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from parking.errors import ParkingError

SHORTEST = 2048  # bits


def private_key(told: str, name: str) -> RSAPrivateKey:
    """PKCS#8 without a password. Raises ParkingError naming the setting, never its value."""
    raw = _raw(told, name)
    try:
        key = (
            serialization.load_pem_private_key(raw, None)
            if told.endswith(".pem")
            else serialization.load_der_private_key(raw, None)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ParkingError(f"{name}: not a private key in PKCS#8 without a password") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST:
        raise ParkingError(f"{name}: an RSA key of at least {SHORTEST} bits is needed")
    return key


def public_key(told: str, name: str) -> RSAPublicKey:
    """SubjectPublicKeyInfo. Raises ParkingError naming the setting."""
    raw = _raw(told, name)
    try:
        key = (
            serialization.load_pem_public_key(raw)
            if told.endswith(".pem")
            else serialization.load_der_public_key(raw)
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ParkingError(f"{name}: not a public key (SubjectPublicKeyInfo)") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST:
        raise ParkingError(f"{name}: an RSA key of at least {SHORTEST} bits is needed")
    return key


def _raw(told: str, name: str) -> bytes:
    if told.endswith(".pem"):
        try:
            return Path(told).read_bytes()
        except OSError as error:
            raise ParkingError(f"{name}: cannot be read: {error.strerror}") from error
    try:
        return base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ParkingError(f"{name}: neither base64 nor the path of a .pem file") from error
