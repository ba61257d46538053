"""Answers about wallets, as models: what each member means, its unit and its form. A member with ``sometimes()`` is
there only where its docstring says; every other one always is."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from scrip.domain.credits.entries import EntryKind
from scrip.domain.wallets.wallet import Status
from scrip.http.edge.parameters import ID_PATTERN

_DECIMAL = r"(0|[1-9][0-9]{0,27})(\.[0-9]{0,8}[1-9])?"
_LESS = r"-(0\.[0-9]{0,8}[1-9]|[1-9][0-9]{0,27}(\.[0-9]{0,8}[1-9])?)"

Credits = Annotated[str, Field(pattern=f"^{_DECIMAL}$")]
"""Canonical: no zeros at the end, no sign."""
Quantity = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,27})(\.[0-9]{0,17}[1-9])?$")]
Signed = Annotated[str, Field(pattern=f"^({_DECIMAL}|{_LESS})$")]
Name = Annotated[str, Field(pattern=ID_PATTERN)]
At = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
        json_schema_extra={"format": "date-time"},
    ),
]
EntryId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]+$")]
LotId = Annotated[str, Field(pattern=r"^lot_[1-9][0-9]*$")]
HoldId = Annotated[str, Field(pattern=r"^hold_[1-9][0-9]*$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def sometimes() -> Any:
    """A member that is not in every answer."""
    return Field(default=None)


class Answer(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class Money(Answer):
    """An amount of money."""

    amount: Count
    """Minor units (cents)."""
    currency: Currency
    """ISO 4217."""


class Reference(Answer):
    """What in the caller's world something is about."""

    type: str
    """What kind of thing it is."""
    id: str
    """Which one."""


class Draw(Answer):
    """How much came from, or went back to, which lot."""

    lot_id: LotId
    """The lot."""
    amount: Credits
    """How many credits, without a sign."""
    value: Money = sometimes()
    """The money that went with them; only of a lot with cost basis."""


class Usage(Answer):
    """What a burn was counted by."""

    meter: Name
    """The meter."""
    quantity: Quantity
    """How much of it."""
    dimensions: dict[str, str]
    """What chose the price."""
    rate_version: int | None
    """The version of the rate card that priced it."""


class EntryMoney(Answer):
    """What a clawback does to the money of its lot, beside its draws. Minor units of the lot's currency; negative in a
    reinstatement."""

    refunded: int
    """Money that went back."""
    recognised: int
    """Change of what is earned: negative where more went back than was still deferred."""


class Entry(Answer):
    """One immutable row of a wallet's ledger."""

    entry_id: EntryId
    """Its id within the wallet."""
    seq: Annotated[int, Field(ge=1)]
    """Its place in the wallet, from 1, without a gap."""
    kind: EntryKind
    """What happened."""
    amount: Signed
    """Signed change of the total. A hold's is `0`: its draws say what was set aside."""
    balance_before: Signed
    """The total before it; negative where more is owed than there is."""
    balance_after: Signed
    """The total after it."""
    available_after: Credits
    """What could be spent after it."""
    held_after: Credits
    """What was set aside by holds after it."""
    frozen_after: Credits
    """What was under a dispute or a pending refund after it."""
    owed_after: Credits
    """What was owed after it."""
    draws: list[Draw]
    """The lots it took from or gave to, in the order taken."""
    reference: Reference | None
    """What it is about, as the caller said."""
    reason: str | None
    """Why, as the caller said."""
    actor: str
    """Who asked: `key:<key id>`, a provider, or `time`."""
    metadata: dict[str, str]
    """As the caller gave it."""
    at: At
    """When it happened. What was due has the due instant, never one before the entry that precedes it."""
    hash: Hash
    """SHA-256 over the previous hash and the entry's canonical JSON."""
    previous_hash: Hash
    """`hash` of the entry before it; zeros for the first."""
    lot_id: LotId = sometimes()
    """The lot that it made or changed as a whole."""
    hold_id: HoldId = sometimes()
    """The hold; of hold, extend, capture and release."""
    usage: Usage = sometimes()
    """Of a burn by meter."""
    of_entry_id: EntryId = sometimes()
    """The burn that a reversal undoes; the clawback that a write-off belongs to."""
    money: EntryMoney = sometimes()
    """Of a clawback or a reinstatement."""


class ByCategory(Answer):
    """`available`, split."""

    paid: Credits
    """Of lots with cost basis."""
    free: Credits
    """Of lots without."""


class BalanceAfter(Answer):
    """A wallet right after an entry. `total` = available + held + frozen + pending - owed."""

    account: Name
    """The account."""
    unit: Name
    """The unit."""
    as_of: At
    """The instant it is of."""
    total: Signed
    """All there is, less what is owed."""
    available: Credits
    """What can be spent now."""
    held: Credits
    """Set aside by open holds."""
    frozen: Credits
    """Under open dispute or pending refund."""
    pending: Credits
    """In lots that have not begun."""
    owed: Credits
    """Debt: taken back, or burned by allowed overdraft, beyond what there was."""
    by_category: ByCategory
    """`available` by how it was come by."""
    status: Status
    """`frozen`: no credits leave it until it is unfrozen. `closed`: for ever."""
    version: Count
    """`seq` of the last entry; 0 for a wallet never seen."""


class NextExpiry(Answer):
    """The next time that available credits expire."""

    at: At
    """When."""
    amount: Credits
    """How many."""


class Balance(BalanceAfter):
    """A wallet as if all that is due were booked. A wallet never seen has zeros."""

    next_expiry: NextExpiry | None = sometimes()
    """Null where nothing will expire. Not there for a past instant: the ledger's totals do not say it."""


class EntryPage(Answer):
    """Entries, newest first."""

    items: list[Entry]
    """The entries."""
    next_cursor: str | None
    """`cursor` of the next page; null on the last."""
    through_seq: Count
    """The list is complete up to this entry: it may lag the last commits by moments."""
