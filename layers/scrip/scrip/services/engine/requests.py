"""Who asks for a movement, when, under which key, and what they say of it: a cause for its entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scrip.domain.credits.entries import Cause, fingerprint, key_entry_id
from scrip.domain.credits.units import Unit
from scrip.services.engine.executor import Act, Beside, Executor, Moment, Result, WalletContext


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, when, under which key."""

    key: str
    actor: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class About:
    """What a caller says of a movement, for whoever reads the ledger later."""

    reference: tuple[str, str] | None = None
    reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def note(self) -> dict[str, Any] | None:
        """What is kept of it with a lot that the movement makes."""
        note: dict[str, Any] = {}
        if self.reference:
            note["source"] = list(self.reference)
        if self.metadata:
            note["metadata"] = dict(self.metadata)
        return note or None


def cause_of(
    operation: str, account: str, unit: str, caller: Caller, about: About, command: Mapping[str, Any]
) -> Cause:
    """The cause of the request's entry. ``command``: what it asks for, defaults applied, amounts in steps as text: the
    same key with another fingerprint of it is another request."""
    said = {
        "reference": about.reference,
        "reason": about.reason,
        "metadata": dict(about.metadata),
    }
    return Cause(
        entry_id=key_entry_id(caller.key),
        fingerprint=fingerprint(operation, {"account": account, "unit": unit, **command, **said}),
        actor=caller.actor,
        reference=about.reference,
        reason=about.reason,
        metadata=about.metadata,
    )


def execute(
    executor: Executor, context: WalletContext, caller: Caller, cause: Cause, act: Act, beside: Beside = tuple
) -> tuple[Result, Unit]:
    """The request's entry, made now or before, and its unit. Raises what the executor raises."""
    return executor.execute(context, caller.moment, act, cause, beside), context.unit
