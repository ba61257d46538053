"""Dunning: how somebody is reminded of a renewal or an automatic top-up that failed, until something is paid.

A run begins with a failure. Its schedule is the one that was in force then. Each of its prompts has an order of its
own. Does not own orders (``order``), nor who hears of a prompt (``scrip.http.events``).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self

from scrip.domain.credits.calendar import after

Reason = Literal["renewal_failed", "auto_topup_failed"]
"""What failed."""
Status = Literal["open", "paid", "ended"]
"""How a run stands. `paid`: a top-up of the wallet was paid since; `ended`: no prompt is to come, and nothing was."""
PROMPTS: Final = ("PT0S", "P3D", "P7D")
"""When there are prompts where nobody has said it."""


@dataclass(frozen=True, slots=True)
class Grace:
    """Credits to go on with until something is paid.

    Attributes:
        amount: a decimal of the wallet's unit.
        expires_in: how long they live (ISO 8601).
    """

    amount: str
    expires_in: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When there are prompts after a failure (ISO 8601, from it on), and what is granted meanwhile; None: nothing."""

    prompts: tuple[str, ...] = PROMPTS
    grace: Grace | None = None

    def times(self, since: int) -> tuple[int, ...]:
        """Returns the instants of all prompts after a failure at ``since``, in epoch milliseconds, each once."""
        return tuple(sorted({after(since, one, "prompts") for one in self.prompts}))

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {"prompts": list(self.prompts), "grace": asdict(self.grace) if self.grace else None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``KeyError`` or ``TypeError`` for anything else."""
        said = dict(body)
        prompts, grace = tuple(said.pop("prompts")), said.pop("grace")
        return cls(prompts, Grace(**grace) if grace else None, **said)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that was made: when (epoch milliseconds), its order, and where that is paid; None: there is no page."""

    at: int
    topup_id: str
    checkout_url: str | None


@dataclass(frozen=True, slots=True)
class DunningRun:
    """What follows one failure. Instants in epoch milliseconds.

    Attributes:
        topup_id: the order whose renewal, or which itself, failed.
        failed_at: when it failed, by the provider's clock.
        since: when Scrip heard of it.
        times: when there are prompts.
        passed: how many of ``times`` are over: of several that are due together there is one prompt alone.
        subscription_id: the subscription whose renewal failed; None: none did.
        grace: what is granted meanwhile; ``grace_entry_id``: the entry that did; ``grace_refused``: why none can.
    """

    dunning_id: str
    account: str
    unit: str
    reason: Reason
    topup_id: str
    failed_at: int
    since: int
    times: tuple[int, ...]
    grace: Grace | None = None
    prompts: tuple[Prompt, ...] = ()
    passed: int = 0
    grace_entry_id: str | None = None
    grace_refused: str | None = None
    status: Status = "open"
    subscription_id: str | None = None

    @property
    def next_prompt_at(self) -> int | None:
        """Returns when there is a prompt next; None: never."""
        more = self.status == "open" and self.passed < len(self.times)
        return self.times[self.passed] if more else None

    @property
    def wants_grace(self) -> bool:
        """Tells whether grace is to be granted yet."""
        answered = self.grace_entry_id or self.grace_refused or self.status == "paid"
        return self.grace is not None and not answered

    @property
    def next_at(self) -> int | None:
        """Returns when there is something to be done next; None: never."""
        return self.since if self.wants_grace else self.next_prompt_at

    def due(self, now: int) -> int | None:
        """Returns the number of the prompt that is to be made now, from 1 on; None: none is."""
        at = self.next_prompt_at
        return None if at is None or at > now else sum(one <= now for one in self.times)

    def prompted(self, number: int, prompt: Prompt) -> DunningRun:
        """Returns the run after a prompt."""
        after_it = replace(self, prompts=(*self.prompts, prompt), passed=number)
        return after_it.over()

    def over(self) -> DunningRun:
        """Returns the run, ended where no prompt is to come."""
        done = self.status == "open" and self.passed >= len(self.times)
        return replace(self, status="ended") if done else self

    def to_json(self) -> dict[str, Any]:
        """Returns plain JSON values."""
        return {
            **asdict(self),
            "times": list(self.times),
            "prompts": [asdict(prompt) for prompt in self.prompts],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """Reads what ``to_json`` wrote. Raises ``KeyError`` or ``TypeError`` for anything else."""
        said = dict(body)
        times, grace = tuple(said.pop("times")), said.pop("grace")
        prompts = tuple(Prompt(**prompt) for prompt in said.pop("prompts"))
        return cls(**said, times=times, prompts=prompts, grace=Grace(**grace) if grace else None)


def dunning_id(*subject: str) -> str:
    """Returns the id of the run that follows the failure of something, named by these words: 128 bits of SHA-256."""
    digest = hashlib.sha256("\x00".join(subject).encode()).digest()[:16]
    return "dun_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
