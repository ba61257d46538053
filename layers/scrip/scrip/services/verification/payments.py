"""Payments against positions (law 9): what is posted for a payment is where its facts say it should stand, and the lot
it made says the same. From the payment's side, and from that of the entry that it made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scrip.domain.credits.entries import UNREADABLE, Entry, business_key, key_entry_id
from scrip.domain.payments.quotes import kept_part
from scrip.domain.payments.target import target
from scrip.domain.verification.checks import Finding
from scrip.domain.verification.replay import replay
from scrip.domain.wallets.position import Position
from scrip.domain.wallets.wallet import Wallet
from scrip.services.payments import orders
from scrip.services.payments.orders import StoredOrder
from scrip.services.payments.payment import Payment
from scrip.store import documents, keys, ledger
from scrip.store.documents import Document
from scrip.store.tables import Tables

Paid = Mapping[int, tuple[str, Payment | None]]
"""By the sequence of the entry that granted its lot: a payment's name, and what is kept of it."""


@dataclass(frozen=True, slots=True)
class Tallied:
    """A payment, as far as it can be read, and what is wrong with it, if anything."""

    name: str
    payment: Payment | None
    finding: Finding | None = None


def check(tables: Tables, provider: str, payment_id: str) -> Tallied:
    """Whether a payment stands where its facts say, and its order and its entry point back at it. One that is parked
    waits for a person, so it may stand elsewhere; what was posted for it has to be there all the same."""
    name = f"{provider}:{payment_id}"
    try:
        payment, _ = Payment.load(tables, provider, payment_id)
        what = _wrong(tables, payment)
    except UNREADABLE as error:
        return Tallied(name, None, Finding(f"payment {name} cannot be read: {type(error).__name__}"))
    if what is None:
        return Tallied(name, payment)
    lot = payment.posted.lot
    return Tallied(
        name, payment, Finding(what, lot or None, _entry_id(provider, payment_id) if lot else None)
    )


def of_entries(tables: Tables, entries: Iterable[Entry]) -> Paid:
    """The payments that made these entries. Whoever grants by hand may name a payment too: only a payment's own entry
    has its key."""
    names: dict[int, tuple[str, str]] = {}
    for entry in entries:
        reference = entry.cause.reference if entry.cause else None
        if entry.kind == "grant" and reference and reference[0] == "payment":
            provider, _, payment_id = reference[1].partition(":")
            if entry.id == _entry_id(provider, payment_id):
                names[entry.seq] = provider, payment_id
    found = documents.get_many(tables, [keys.payment(*name) for name in names.values()])
    return {seq: (":".join(name), _payment(found.get(keys.payment(*name)))) for seq, name in names.items()}


def agree(wallet: Wallet, entries: Mapping[int, Entry], paid: Paid) -> Iterator[Finding]:
    """Whether the lots that payments made gave back what is posted for them."""
    if not paid:
        return
    try:
        lots = replay([entries[seq] for seq in sorted(entries) if seq <= wallet.version])
    except UNREADABLE:
        return  # that is a finding of its own
    for seq, (name, payment) in sorted(paid.items()):
        if seq > wallet.version:
            continue
        id_ = entries[seq].id
        if payment is None:
            yield Finding(f"entry {seq} is of payment {name}, which is not there", seq, id_)
        elif (payment.account, payment.unit, payment.posted.lot) != (wallet.account, wallet.unit, seq):
            yield Finding(f"payment {name} does not point back at entry {seq}", seq, id_)
        elif seq in lots and lots[seq].refunded != payment.posted.refunded + payment.posted.kept:
            # What was paid back, and what became credit instead.
            gave, said = lots[seq].refunded, payment.posted.refunded + payment.posted.kept
            yield Finding(f"lot {seq} gave {gave} back, payment {name} says {said}", seq, id_)


def _payment(stored: Document | None) -> Payment | None:
    try:
        return Payment.read(stored.body) if stored and stored.body else None
    except UNREADABLE:
        return None


def _entry_id(provider: str, payment_id: str) -> str:
    return key_entry_id(business_key(provider, "payment", payment_id))


def _wrong(tables: Tables, payment: Payment) -> str | None:
    facts, posted, name = payment.facts, payment.posted, payment.name
    if facts.part_of or facts.paid is None:
        return None if posted == Position() else f"payment {name} is not paid and something is posted for it"
    if posted.lot:
        return _misplaced(tables, payment) or _unsettled(tables, payment)
    if payment.parked or payment.dismissed:
        return None
    return f"payment {name} is paid and nothing is granted for it"


def _misplaced(tables: Tables, payment: Payment) -> str | None:
    """Whether the entry is there that granted the payment's lot."""
    name, lot = payment.name, payment.posted.lot
    if payment.account is None or payment.unit is None:
        return f"payment {name} does not say which wallet its lot {lot} is in"
    entry = ledger.find(
        tables, payment.account, payment.unit, _entry_id(payment.provider, payment.payment_id)
    )
    where = f"{payment.account}/{payment.unit}"
    if entry is None:
        return f"the grant of payment {name} is not in the ledger of {where}"
    if (entry.seq, entry.kind) != (lot, "grant"):
        return f"payment {name} says that its lot is {lot}, its entry in {where} is {entry.seq}"
    return None


def _unsettled(tables: Tables, payment: Payment) -> str | None:
    """Whether what is posted is what the facts say, by the order, and the order points back."""
    name, posted = payment.name, payment.posted
    order = orders.load(tables, payment.topup_id) if payment.topup_id else None
    if order is None:
        return f"the order {payment.topup_id} of payment {name} is not there"
    if not _points_back(tables, order, payment):
        return f"the order {payment.topup_id} does not point back at payment {name}"
    if payment.parked:
        return None
    face, basis = order.body.credits, order.body.price.amount
    wanted = target(payment.facts, face, basis, payment.stated)
    assert payment.facts.paid
    credited = kept_part(face, basis, payment.facts.paid.total, payment.kept)
    if (posted.credited, posted.kept) != credited:
        return f"payment {name} should have {credited[0]} credits given again, {posted.credited} are posted"
    if (posted.clawed, posted.refunded) == (wanted.clawed, wanted.refunded):
        return None
    return (
        f"payment {name} should have {wanted.clawed} credits clawed back and {wanted.refunded} refunded, "
        f"{posted.clawed} and {posted.refunded} are posted"
    )


def _points_back(tables: Tables, order: StoredOrder, payment: Payment) -> bool:
    """An order names the last of the payments that were made for it: a subscription's renewal, or a second one that a
    person accepted, takes the place of the first."""
    body = order.body
    if (body.account, body.unit) != (payment.account, payment.unit):
        return False
    if body.payment_id in (None, payment.payment_id):
        return body.payment_id is not None
    last, _ = Payment.load(tables, payment.provider, body.payment_id)
    found = orders.of_payment(tables, payment.provider, last.facts, last.accepted)
    return found is not None and found.pk == order.pk
