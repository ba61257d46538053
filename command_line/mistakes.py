"""What went wrong, in a sentence, and the exit status that says so.

A traceback is nobody's answer: where Scrip itself failed the sentence says where, and SCRIP_TRACEBACK=1 shows all.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any, Final

REFUSED: Final = 1
UNUSABLE: Final = 2
UNREACHED: Final = 3
FAILED: Final = 70
INTERRUPTED: Final = 130
UNREAD: Final = 141

STATUSES: Final = (
    (0, "it is done, and nothing is wrong"),
    (REFUSED, "Scrip refused it; or verify, reconcile or diff found something"),
    (UNUSABLE, "it cannot be done so: the command, a file, a setting, or what AWS or a provider said"),
    (UNREACHED, "Scrip gave no answer, or what answered is not Scrip: it may be done all the same"),
    (FAILED, "Scrip itself failed"),
    (INTERRUPTED, "it was interrupted"),
    (UNREAD, "whoever read its output went away"),
)
"""Every exit status, and what it means."""


ABOUT: Final = frozenset(("type", "title", "status", "detail", "code", "errors", "request_id"))
"""Members that every refusal has; the others are its facts."""


class Mistake(Exception):
    """What was asked for cannot be done, for a reason outside of Scrip that its sentence says."""


class Unread(Exception):
    """Nobody reads the standard output any more."""


def explain(error: BaseException) -> tuple[int, str]:
    """Returns the exit status of an error and the sentence about it."""
    found = _known(error)
    if found is not None:
        return found
    if os.environ.get("SCRIP_TRACEBACK"):
        traceback.print_exception(error)
    *_, last = traceback.extract_tb(error.__traceback__) or [None]
    where = f" ({last.filename}, line {last.lineno})" if last else ""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return FAILED, f"Scrip itself failed{where}; SCRIP_TRACEBACK=1 shows all of it: {said}"


def _known(error: BaseException) -> tuple[int, str] | None:
    """Returns what is known of an error; None where it is nothing but a fault."""
    if isinstance(error, Mistake):
        return UNUSABLE, str(error)
    if "scrip_client.errors" in sys.modules:
        found = _of_client(error)
        if found is not None:
            return found
    if "scrip.runtime" in sys.modules or "botocore" in sys.modules:
        # Only then can it be one of theirs; who asks over HTTP may not have them.
        from command_line.operator.mistakes import outside

        sentence = outside(error)
        return None if sentence is None else (UNUSABLE, sentence)
    if isinstance(error, OSError):
        return UNUSABLE, f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return None


def _of_client(error: BaseException) -> tuple[int, str] | None:
    """Returns what an error of the Python client means."""
    from scrip_client import GatewayRefused, InExport, NotReached, NotUnderstood, Refused, ScripError

    if isinstance(error, Refused):
        return REFUSED, f"{error}{_facts(error.problem.to_dict())}{_named(error.request_id)}"
    if isinstance(error, GatewayRefused):
        unreached = error.status >= 500
        return (UNREACHED if unreached else REFUSED), f"the gateway answers {error}{_named(error.request_id)}"
    if isinstance(error, InExport):
        return UNUSABLE, f"{error}: scrip export fetch {error.export_id}"
    if isinstance(error, NotUnderstood):
        return UNREACHED, f"{error}: is that Scrip's URL?"
    if isinstance(error, NotReached):
        again = ""
        if error.sent and error.idempotency_key:
            again = (
                "; it may be done all the same: the same command with --idempotency-key "
                f"{error.idempotency_key} does it once"
            )
        return UNREACHED, f"{error}{again}"
    return (UNUSABLE, str(error)) if isinstance(error, ScripError) else None


def _facts(problem: Mapping[str, Any]) -> str:
    """Returns what a refusal knows beside its sentence: how many credits were required, and how many are available."""
    told = " ".join(str(problem.get(name)) for name in ("code", "detail"))
    facts = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in problem.items()
        if name not in ABOUT and isinstance(value, str | int) and str(value) not in told
    ]
    return f": {', '.join(facts)}" if facts else ""


def _named(request_id: str | None) -> str:
    """Returns the request's id for a sentence, by which its line is found in the log."""
    return f" (request {request_id})" if request_id else ""
