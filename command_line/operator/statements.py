"""Verifies statements from their files alone: nothing is asked of anybody, but the public keys where a URL is given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from command_line.mistakes import REFUSED, Mistake
from command_line.output import print_json
from scrip.domain.credits.duplicates import duplicates
from scrip.domain.finance.statement_checks import (
    UnreadableStatement,
    check_continues,
    check_statement,
    keys_of,
    signature_of,
)

PATH: Final = "/v1/statement-keys"
SECONDS: Final = 10
UNKNOWN_SIGNER: Final = "who signed it: give --keys with the public keys that you trust"
UNSIGNED: Final = "anything of who made it: it is provisional, and not signed"
ALONE: Final = "that its opening is what the month before closed with: give that month's file too"


@dataclass(slots=True)
class _Verified:
    """What one file proves, what it does not, and what is wrong with it."""

    file: str
    document: Mapping[str, Any]
    proven: list[str] = field(default_factory=list)
    not_proven: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def month(self) -> str:
        return str(self.document.get("month"))

    def to_json(self) -> dict[str, Any]:
        named = {name: self.document.get(name) for name in ("account", "unit", "month", "entries_count")}
        told = {"proven": self.proven, "not_proven": self.not_proven, "findings": self.findings}
        return {"file": self.file, **named, **told}


def verify(files: Sequence[Path], keys: str | None) -> int:
    """Verifies statements, and that they follow each other; prints what is proven. Returns the exit status."""
    trusted = None if keys is None else _keys(keys)
    found = [_verified(path, trusted) for path in files]
    found.sort(key=lambda one: one.month)
    for before, one in zip([None, *found[:-1]], found, strict=True):
        _continues(before, one)
    print_json({"statements": [one.to_json() for one in found]})
    sound = all(not one.findings and (trusted is not None and not _unsigned(one)) for one in found)
    return 0 if sound else REFUSED


def _unsigned(one: _Verified) -> bool:
    return UNSIGNED in one.not_proven


def _verified(path: Path, trusted: Mapping[str, bytes] | None) -> _Verified:
    """Verifies one file by itself."""
    try:
        document, twice = _read(path)
    except (ValueError, RecursionError):
        return _Verified(str(path), {}, findings=["it is not JSON in UTF-8"])
    if not isinstance(document, Mapping):
        return _Verified(str(path), {}, findings=["it is no JSON object"])
    one = _Verified(str(path), document, findings=[f"{name}: comes twice" for name in twice])
    try:
        one.findings += check_statement(document)
        if not one.findings:
            one.proven.append(
                "its entries are a chain from the opening's head to the closing's, each under its hash; and "
                "opening + entries = closing, in credits and in money"
            )
        _check_signature(one, trusted)
    except UnreadableStatement as error:
        one.findings.append(str(error))
        one.proven.clear()
    return one


def _check_signature(one: _Verified, trusted: Mapping[str, bytes] | None) -> None:
    """Checks who signed. Raises ``UnreadableStatement``."""
    signed = signature_of(one.document)
    if signed is None:
        if one.document.get("status") == "final":
            one.findings.append("signature: is missing, and the statement says that it is final")
        one.not_proven.append(UNSIGNED)
        return
    line, signature = signed
    if trusted is None:
        one.not_proven.append(UNKNOWN_SIGNER)
    elif signature.key_id not in trusted:
        one.findings.append(f"signature.key_id: {signature.key_id} is none of the keys that you trust")
    elif _is_signed(trusted[signature.key_id], signature.value, line):
        one.proven.append(f"{signature.key_id} signed it")
    else:
        one.findings.append(f"signature.value: is not {signature.key_id}'s of this statement")


def _is_signed(key: bytes, value: bytes, line: bytes) -> bool:
    """Tells whether a key of Ed25519 signed a line."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ModuleNotFoundError as error:
        raise Mistake("cryptography is not installed: pip install 'scrip[cli]'") from error
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(value, line)
    except (InvalidSignature, ValueError):
        return False
    return True


def _continues(before: _Verified | None, one: _Verified) -> None:
    """Checks that a statement goes on where the one before it ended."""
    opening = one.document.get("opening")
    if before is None:
        if not (isinstance(opening, Mapping) and opening.get("seq") == 0):
            one.not_proven.append(ALONE)
        return
    try:
        wrong = list(check_continues(before.document, one.document))
    except UnreadableStatement as error:
        wrong = [str(error)]
    one.findings += wrong
    if not wrong:
        one.proven.append(f"it goes on where {before.month} closed")


def _read(path: Path) -> tuple[Any, list[str]]:
    """Returns a file's document, and the members that come twice in it.

    Raises:
        ValueError, RecursionError: it is not JSON in UTF-8.
        Mistake: there is no such file.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from error
    return json.loads(text, parse_constant=_no_number, parse_float=_no_number), duplicates(text)


def _no_number(text: str) -> Any:
    """Refuses a number that is no whole one: no statement has any."""
    raise ValueError(text)


def _keys(source: str) -> dict[str, bytes]:
    """Returns the public keys of a file, or of a URL. Raises ``Mistake``."""
    try:
        if not source.startswith(("https://", "http://")):
            return keys_of(_read(Path(source))[0])
        import httpx

        url = source if source.endswith(PATH) else source.rstrip("/") + PATH
        answer = httpx.get(url, timeout=SECONDS).raise_for_status()
        return keys_of(answer.json())
    except UnreadableStatement as error:
        raise Mistake(f"{source}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise Mistake(f"{source}: is not JSON") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "httpx":
            raise
        raise Mistake(f"{source}: {error}") from error
