"""What a route is declared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from openapi import views

Tag = Literal[
    "Wallets",
    "Accounts",
    "Finding",
    "Moving credits",
    "Holds",
    "Audit",
    "Corrections",
    "Allowances",
    "Budgets",
    "Notifications",
    "Catalogue",
    "Keys",
    "Buying",
    "Payments",
    "Finance",
    "Deployment",
]
TAGS: Final[dict[Tag, str]] = {
    "Wallets": "What there is, what there was, and why.",
    "Accounts": "Whom accounts are of: the one place for personal data, and its erasure.",
    "Finding": "Entries by what they are about, across accounts.",
    "Moving credits": "Credits in and out, each exactly once by its `Idempotency-Key`.",
    "Holds": "Credits set aside, then spent or given back.",
    "Corrections": "Taking back, undoing, setting right, and whether a wallet takes part at all.",
    "Allowances": "Credits that come again and again.",
    "Budgets": "How much may be spent in each period: by all, by a member, by each member for itself.",
    "Catalogue": "Units, packs, rate cards and promotions. Each PUT makes a version; what was granted, sold or priced "
    "before keeps the terms it had.",
    "Notifications": "Of what somebody wants to hear, and how it reaches them.",
    "Keys": "API keys, and short-lived ones of a customer.",
    "Audit": "Who changed what that is no wallet.",
    "Buying": "Orders for packs, paid at a payment provider, and what the provider says of them.",
    "Finance": "The books: what customers' credits are worth, and what was earned of them.",
    "Deployment": "What a deployment says of itself. Needs no key.",
    "Payments": "What is known of payments, refunds of them, and decisions on those that wait for a person.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One route.

    Attributes:
        route: its key in template.yaml.
        id: ``operationId``.
        answers: by status, the view that is answered (None: no body) with what it is; or the view alone, whose
            docstring then says it.
        body: name of the body's model, in any module of ``scrip.http``; empty for no body.
        query: names of its query parameters (see ``parameters``); what stands before a point tells apart those that
            are called alike.
        key: whether it needs an ``Idempotency-Key``.
        optional_key: whether it takes one, and needs none.
        clock: whether it is decided at the test clock's instant, if that is set.
        refusals: codes that its operation raises. Left out: what follows from the rest (see ``codes``).
        example: a body.
        signed: whether it is a provider's webhook: no API key, a body of the provider's own.
        public: whether it needs no API key.
        table: whether it is answered as CSV too, where that is accepted.
        printed: whether it is answered as a page of HTML too.
        file: what it is answered as plain text besides; empty: it is not.
        forms: further media types of the body, each with its schema.
    """

    route: str
    id: str
    tag: Tag
    summary: str
    answers: Mapping[int, Any]
    description: str = ""
    body: str = ""
    query: tuple[str, ...] = ()
    key: bool = False
    optional_key: bool = False
    clock: bool = False
    refusals: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    signed: bool = False
    public: bool = False
    table: bool = False
    printed: bool = False
    file: str = ""
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route.partition(" ")[2]

    def reply(self, status: int) -> tuple[type | None, str]:
        """Returns the type and the description of an answer."""
        said = self.answers[status]
        return said if isinstance(said, tuple) else (said, views.plain(said.__doc__ or ""))

    def codes(self) -> list[str]:
        """Returns the codes of every refusal that can be its answer: those it raises, and those of all requests
        of its kind."""
        door = ["throttled", "unavailable"]
        if not self.signed and not self.public:
            door += ["unauthenticated", "forbidden"]
        if self.body:
            door += ["body_too_large", "unsupported_media_type"]
        door.append("invalid_request")
        if self.key:
            door += ["idempotency_key_missing", "idempotency_key_reused"]
        if self.optional_key:
            door += ["idempotency_key_reused", "contended"]
        return [*self.refusals, *(code for code in door if code not in self.refusals)]
