"""Checks payments (law 9): what is posted for a payment is what its facts ask for, and the lot that it granted agrees.

``check_payment`` begins with a payment, ``check_granted_lots`` with the entries of a wallet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scrip.domain.credits.entries import UNREADABLE, Entry
from scrip.domain.credits.ids import business_key, former_entry_id, key_entry_id
from scrip.domain.payments.payment import Payment
from scrip.domain.payments.quotes import kept_part
from scrip.domain.verification.discrepancies import Discrepancy
from scrip.domain.verification.replay import replay
from scrip.domain.wallets.position import Position
from scrip.domain.wallets.wallet import Wallet
from scrip.services.payments import orders
from scrip.services.payments.orders import StoredOrder
from scrip.services.payments.payment import load_payment
from scrip.store import documents, keys, ledger
from scrip.store.documents import Document
from scrip.store.tables import Tables

PaymentsByGrant = Mapping[int, tuple[str, Payment | None]]
"""By the sequence of the grant: the payment's name, and the payment; None where it is missing or cannot be read."""


@dataclass(frozen=True, slots=True)
class CheckedPayment:
    """A payment (None where it cannot be read) and its discrepancy, if it has one."""

    name: str
    payment: Payment | None
    discrepancy: Discrepancy | None = None


def check_payment(tables: Tables, provider: str, payment_id: str) -> CheckedPayment:
    """Checks that what is posted for a payment is what its facts ask for, and that its order and its grant name it.

    A parked payment waits for a person, so its postings may differ from its facts. They must be there all the same.
    """
    name = f"{provider}:{payment_id}"
    try:
        payment = load_payment(tables, provider, payment_id).payment
        what = _discrepancy(tables, payment)
    except UNREADABLE as error:
        return CheckedPayment(
            name, None, Discrepancy(f"payment {name} cannot be read: {type(error).__name__}")
        )
    if what is None:
        return CheckedPayment(name, payment)
    lot = payment.posted.lot
    entry_id = _entry_ids(payment.account or "", payment.unit or "", provider, payment_id)[0] if lot else None
    return CheckedPayment(name, payment, Discrepancy(what, lot or None, entry_id))


def load_by_grant(tables: Tables, entries: Iterable[Entry]) -> PaymentsByGrant:
    """Returns the payments that made these entries.

    A grant by hand may name a payment as its reference too. Only a payment's own grant has the entry id made of it.
    """
    names: dict[int, tuple[str, str]] = {}
    for entry in entries:
        reference = entry.cause.reference if entry.cause else None
        if entry.kind == "grant" and reference and reference[0] == "payment":
            provider, _, payment_id = reference[1].partition(":")
            if entry.id in _entry_ids(entry.account, entry.unit, provider, payment_id):
                names[entry.seq] = provider, payment_id
    found = _documents(tables, [keys.payment(*name) for name in names.values()])
    return {seq: (":".join(name), _payment(found, keys.payment(*name))) for seq, name in names.items()}


def _documents(tables: Tables, pks: list[str]) -> Mapping[str, Document]:
    """Reads documents; those that cannot be read are left out, one by one."""
    try:
        return documents.get_many(tables, pks)
    except UNREADABLE:
        if len(pks) == 1:
            return {}
    return {pk: document for one in pks for pk, document in _documents(tables, [one]).items()}


def check_granted_lots(
    wallet: Wallet, entries: Mapping[int, Entry], paid: PaymentsByGrant
) -> Iterator[Discrepancy]:
    """Checks that the lots which payments granted gave back what is posted for the payments."""
    try:
        lots = replay([entries[seq] for seq in sorted(entries) if seq <= wallet.version]) if paid else {}
    except UNREADABLE:
        return  # ``check_lots`` reports it
    for seq, (name, payment) in sorted(paid.items()):
        if seq > wallet.version:
            continue
        id_ = entries[seq].id
        if payment is None:
            yield Discrepancy(f"entry {seq} is of payment {name}, which is not there", seq, id_)
        elif (payment.account, payment.unit, payment.posted.lot) != (wallet.account, wallet.unit, seq):
            yield Discrepancy(f"payment {name} does not point back at entry {seq}", seq, id_)
        elif seq in lots and lots[seq].refunded != payment.posted.refunded + payment.posted.kept:
            # What was paid back, and what became credit instead.
            lot_gave, posted = lots[seq].refunded, payment.posted.refunded + payment.posted.kept
            yield Discrepancy(f"lot {seq} gave {lot_gave} back, payment {name} says {posted}", seq, id_)
        elif seq in lots and (lots[seq].tax_refunded, lots[seq].lost) != (
            payment.posted.tax,
            payment.posted.lost,
        ):
            there, lost = lots[seq].tax_refunded, lots[seq].lost
            what = f"lot {seq} gave {there} of tax back and lost {lost}, payment {name} says "
            yield Discrepancy(f"{what}{payment.posted.tax} and {payment.posted.lost}", seq, id_)


def _payment(found: Mapping[str, Document], pk: str) -> Payment | None:
    """Returns the payment of a document; None where there is none or it cannot be read."""
    try:
        return Payment.from_json(found[pk].body)
    except UNREADABLE:
        return None


def _entry_ids(account: str, unit: str, provider: str, payment_id: str) -> tuple[str, str]:
    """Returns the id of the grant that a payment makes in a wallet, and the one that it had before ids carried it."""
    key = business_key(provider, "payment", payment_id)
    return key_entry_id(account, unit, key), former_entry_id(key)


def _discrepancy(tables: Tables, payment: Payment) -> str | None:
    """Returns what is wrong with a payment, in words; None where it is as it must be."""
    facts, posted, name = payment.facts, payment.posted, payment.name
    if facts.paid is None or (facts.part_of and not posted.lot):
        return None if posted == Position() else f"payment {name} is not paid and something is posted for it"
    if posted.lot:
        return _check_grant(tables, payment) or _check_postings(tables, payment)
    # Of nothing nothing is granted: a trial has begun, or it is nobody's here. Nor of what is not ours.
    if payment.parked or payment.dismissed or payment.void or payment.foreign or not facts.paid.total:
        return None
    # It waited for somebody, and waits no more since all of it went back.
    if payment.went_back:
        return None
    return f"payment {name} is paid and nothing is granted for it"


def _check_grant(tables: Tables, payment: Payment) -> str | None:
    """Checks that the entry which granted the payment's lot is in the ledger.

    Returns what is wrong, in words; None where nothing is.
    """
    name, lot = payment.name, payment.posted.lot
    if payment.account is None or payment.unit is None:
        return f"payment {name} does not say which wallet its lot {lot} is in"
    ids = _entry_ids(payment.account, payment.unit, payment.provider, payment.payment_id)
    entry = next(iter(ledger.find_many(tables, payment.account, payment.unit, ids).values()), None)
    where = f"{payment.account}/{payment.unit}"
    if entry is None:
        return f"the grant of payment {name} is not in the ledger of {where}"
    if (entry.seq, entry.kind) != (lot, "grant"):
        return f"payment {name} says that its lot is {lot}, its entry in {where} is {entry.seq}"
    return None


def _check_postings(tables: Tables, payment: Payment) -> str | None:
    """Checks the postings against facts and order, and that the order names the payment.

    Returns what is wrong, in words; None where nothing is.
    """
    name, posted = payment.name, payment.posted
    order = orders.load(tables, payment.topup_id or "")
    if order is None:
        return f"the order {payment.topup_id} of payment {name} is not there"
    if not payment.void and not _points_back(tables, order, payment):
        return f"the order {payment.topup_id} does not point back at payment {name}"
    if payment.parked:
        return None
    wanted, sale = payment.wanted(order.body), payment.sale(order.body)
    assert payment.facts.paid
    credited = kept_part(sale.credits, sale.amount, payment.facts.paid.total, payment.kept)
    # Where several amounts were said of it, nobody can tell of which of them it was a part.
    if not payment.facts.paid.amounts and (posted.credited, posted.kept) != credited:
        return f"payment {name} should have {credited[0]} credits given again, {posted.credited} are posted"
    given = payment.given
    # What was posted before its facts were named says nothing of tax.
    if posted.facts and posted.tax != given.tax:
        return f"payment {name} should have {given.tax} of tax refunded, {posted.tax} is posted"
    if (posted.clawed, posted.refunded) == (wanted.clawed, wanted.refunded):
        return None
    return (
        f"payment {name} should have {wanted.clawed} credits clawed back and {wanted.refunded} refunded, "
        f"{posted.clawed} and {posted.refunded} are posted"
    )


def _points_back(tables: Tables, order: StoredOrder, payment: Payment) -> bool:
    """Checks that the order names the payment, or a later one of the same order.

    An order names only the last of its payments: a subscription's renewal, or a second payment that a person accepted,
    replaces the first.
    """
    body = order.body
    if (body.account, body.unit) != (payment.account, payment.unit):
        return False
    if body.payment_id in (None, payment.payment_id):
        return body.payment_id is not None
    last = load_payment(tables, payment.provider, body.payment_id).payment
    if last.posted.lot:
        return last.topup_id == body.topup_id
    found = orders.of_payment(tables, payment.provider, last.facts, last.accepted)
    return found is not None and found.pk == order.pk
