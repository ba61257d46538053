"""Requests to change a wallet, and how one is executed: a request says who asks for what, a command is what is asked.

Owns the cause of an entry and the one way from a command to its entry. Does not own what a command does: each stands
with its noun in ``services.wallets``; nor the commits (``executor``).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from scrip.domain.credits.entries import Cause, Entry, fingerprint
from scrip.domain.credits.errors import Contended, Refusal
from scrip.domain.credits.ids import key_entry_id
from scrip.domain.credits.units import Unit
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import WalletContext
from scrip.services.engine.executor import Beside, Executor, Moment, Result, StaleDocument

TRIES: Final = 14
"""How often a command is decided again where a document that it writes beside the wallet was changed meanwhile."""
Decide = Callable[[Draft, WalletContext, int, Cause], Entry | None]
"""Decides at an instant on a draft, for the cause of the request's entry. Returns that entry; None where a part of the
work fills a commit: it is committed, and the rest decided after it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a command: its decision, and the documents that are written with it in one transaction.

    Attributes:
        decide: the decision on the wallet. It runs anew on each version of the wallet.
        documents: gives the transact items of the documents, after ``decide``.
    """

    decide: Decide
    documents: Beside = tuple


class Command(Protocol):
    """What a request asks of a wallet. Each operation has one frozen dataclass, with amounts as callers write them."""

    __slots__ = ()

    @property
    @abstractmethod
    def operation(self) -> str:
        """Returns the operation's name in fingerprints. It never changes, or older keys would not match."""

    @property
    def meters(self) -> Sequence[str]:
        """Returns the meters whose rate cards the decision needs."""
        return ()

    @abstractmethod
    def to_json(self, unit: Unit) -> Mapping[str, Any]:
        """Returns what is asked for, as the fingerprint has it: defaults applied, amounts in steps as text.

        Raises:
            PrecisionExceeded, AmountOutOfRange: an amount is none of the unit.
        """

    @abstractmethod
    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision for one try, and reads the documents that it is written with."""

    def stale(self, index: int) -> Refusal | None:
        """Returns the refusal where the document at ``index`` is not as the commit requires; None: it is read again."""
        return None


class WalletCommand(Command, Protocol):
    """A command that changes one wallet, and writes nothing beside it."""

    __slots__ = ()

    @abstractmethod
    def decide(self, draft: Draft, context: WalletContext, now: int, cause: Cause) -> Entry | None:
        """Decides on a draft; see ``Decide``."""

    def attempt(self, executor: Executor, context: WalletContext, moment: Moment) -> Attempt:
        """Returns the decision: there is nothing to read for it."""
        return Attempt(self.decide)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, when, under which key: what is known of any request, also of one that is of no wallet.

    ``actor_name`` is what people call the actor's API key; None: it has no name.
    """

    key: str
    actor: str
    moment: Moment
    actor_name: str | None = None


@dataclass(frozen=True, slots=True)
class WalletRequest:
    """A request to change one wallet: which, who asks, when, under which key, and what they say of it.

    Attributes:
        account, unit: name the wallet.
        key: of the request; the same key of one wallet is the same request, for ever.
        actor: who asks, as the entry shows it.
        moment: when it is decided.
        reference, reason, metadata: for whoever reads the ledger later.
        actor_name: what people call the actor's API key; None: it has no name.
        member, tags: who uses the credits, and what for.
    """

    account: str
    unit: str
    key: str
    actor: str
    moment: Moment
    reference: tuple[str, str] | None = None
    reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    actor_name: str | None = None
    member: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def cause(self, command: Command, unit: Unit) -> Cause:
        """Returns the cause of the entry that answers this request for ``command``.

        Raises:
            PrecisionExceeded, AmountOutOfRange: an amount of the command is none of the unit.
        """
        body = {
            "account": self.account,
            "unit": self.unit,
            **command.to_json(unit),
            "reference": self.reference,
            "reason": self.reason,
            "metadata": dict(self.metadata),
            # Left out where nobody says them: requests of before keep their fingerprints.
            **({"member": self.member} if self.member is not None else {}),
            **({"tags": dict(self.tags)} if self.tags else {}),
        }
        return Cause(
            entry_id=key_entry_id(self.account, self.unit, self.key),
            fingerprint=fingerprint(command.operation, body),
            actor=self.actor,
            reference=self.reference,
            reason=self.reason,
            metadata=self.metadata,
            actor_name=self.actor_name,
            member=self.member,
            tags=self.tags,
        )


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one request of several that came together: its result, or else its refusal."""

    result: Result | None = None
    refusal: Refusal | None = None


def execute(executor: Executor, command: Command, request: WalletRequest) -> tuple[Result, Unit]:
    """Executes a request once for ever. Returns its entry, made now or before, and the unit of its amounts.

    Raises:
        NotFound: there is no such unit, or meter.
        PrecisionExceeded, AmountOutOfRange: an amount is none of the unit.
        Refusal: as the command raises it.
        KeyReused, Contended, Throttled, CatchingUp: as the executor raises them.
    """
    pinned = request.moment.pinned
    context = executor.context(request.account, request.unit, command.meters, fresh_rates=pinned)
    cause = request.cause(command, context.unit)
    for _ in range(TRIES):
        try:
            return _once(executor, command, request, context, cause), context.unit
        except StaleDocument as stale:
            refusal = command.stale(stale.index)
            if refusal:
                raise refusal from stale
            context = executor.context(
                request.account, request.unit, command.meters, fresh=True, fresh_rates=pinned
            )
    raise Contended("others write what this request is written with at the same time: send it again")


def _once(
    executor: Executor, command: Command, request: WalletRequest, context: WalletContext, cause: Cause
) -> Result:
    """Executes with the documents as they are now. Raises ``StaleDocument`` where one was changed meanwhile."""
    attempt = command.attempt(executor, context, request.moment)

    def act(draft: Draft, now: int) -> Entry | None:
        return attempt.decide(draft, context, now, cause)

    return executor.execute(context, request.moment, act, cause, attempt.documents)
