"""Certificates of our own making for the mail servers of tests: a good one and three that are not."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

GOOD, EXPIRED, WRONG_HOST, UNKNOWN = "good", "expired", "wrong-host", "unknown"
KINDS = (GOOD, EXPIRED, WRONG_HOST, UNKNOWN)


def make_certificates(folder: Path) -> None:
    """Write ca.pem, and KIND.pem with KIND.key for each kind, for 127.0.0.1 and localhost.

    ``expired`` ended yesterday, ``wrong-host`` is for another name, ``unknown`` is signed by an
    authority that ca.pem does not hold.
    """
    ours, stranger = _authority("xl_addin test CA"), _authority("somebody else")
    (folder / "ca.pem").write_bytes(_pem(ours[0]))
    for kind in KINDS:
        authority = stranger if kind == UNKNOWN else ours
        _write_server(folder, kind, authority)


def _authority(name: str) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    unsigned = (
        _certificate(_x509_name(name), _x509_name(name), 30)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _sign(unsigned, key), key


def _write_server(
    folder: Path, kind: str, authority: tuple[x509.Certificate, EllipticCurvePrivateKey]
) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    above, signer = authority
    key = ec.generate_private_key(ec.SECP256R1())
    host = "mail.elsewhere.test" if kind == WRONG_HOST else "localhost"
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    if kind != WRONG_HOST:
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    known_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    server = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    unsigned = (
        _certificate(_x509_name(host), above.subject, -1 if kind == EXPIRED else 30)
        .public_key(key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(known_by, critical=False)
        .add_extension(server, critical=False)
    )
    (folder / f"{kind}.pem").write_bytes(_pem(_sign(unsigned, signer)) + _pem(above))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{kind}.key").write_bytes(secret)


def _x509_name(text: str) -> x509.Name:
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, text)])


def _certificate(subject: x509.Name, issuer: x509.Name, days: int) -> x509.CertificateBuilder:
    """A certificate that began a month ago and ends in so many days."""
    from cryptography import x509

    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
    )


def _sign(unsigned: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes

    return unsigned.sign(key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return certificate.public_bytes(serialization.Encoding.PEM)
