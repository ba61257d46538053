"""Erasure: an account's profile, and with it the bodies in which its payment providers name the customer.

The profile goes first, in one transaction with the note of who wants no letters; from then on what providers send of
the account's payments is erased as soon as it is applied (``apply_to``). What they sent before is found by the
account's payments, each of which has its deliveries filed under it by whoever applied them. So nothing is missed,
whichever of the two comes first: who applies files a delivery before he looks whether the account is erased, and who
erases says so before he looks for deliveries.

Of a body only the bytes go. That it came, when, and its digest stay: the same body that comes again is not kept again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from scrip.domain.accounts.profile import ProfileRecord
from scrip.domain.credits.errors import Unavailable
from scrip.domain.payments.payment import Payment
from scrip.services.accounts import opt_outs, profiles
from scrip.services.audit.changes import Author
from scrip.services.catalogue.versions import replace_document
from scrip.store import documents, keys, lists
from scrip.store.deliveries import Deliveries
from scrip.store.documents import Document
from scrip.store.tables import Item, Tables

PAGE: Final = 100
"""Payments that are listed at a time."""
State = Mapping[str, Any]


def erase(
    tables: Tables, deliveries: Deliveries, account: str, author: Author, in_time: Callable[[], bool]
) -> None:
    """Erases an account's profile, and what providers sent of its customer.

    Args:
        in_time: tells whether another call may begin. Where there is no time, the profile is gone, and the next
            request goes on with the rest.

    Raises:
        NotFound: there is no profile, or it was erased already.
        Unavailable: what providers sent is not all erased yet.
        Contended: other writers were faster each time.
    """

    def decide(document: Document) -> tuple[None, State | None]:
        known = ProfileRecord.from_json(document.body)
        if known.profile is not None:
            return None, ProfileRecord(updated_at=author.at, after="").to_json()
        if known.after is None:
            raise profiles.missing(account)
        return None, None

    def beside(before: State, _after: State) -> list[Item]:
        return [
            opt_outs.removal(tables, account),
            *profiles.change_writes(tables, account, before, None, author),
        ]

    replace_document(tables, keys.profile(account), "profile", decide, beside)
    _erase_deliveries(tables, deliveries, account, author.at, in_time)


@dataclass(frozen=True, slots=True)
class AppliedDelivery:
    """A delivery that was applied.

    Attributes:
        delivery_id: the provider's.
        name: the id of the payment that it told of.
        payment: the payment that this came to: the one that it told of, or the whole that this is a part of.
    """

    delivery_id: str
    name: str
    payment: Payment


def apply_to(tables: Tables, deliveries: Deliveries, applied: AppliedDelivery, at: int, until: int) -> bool:
    """Files a delivery under its payment, once it is applied.

    Where the profile of the payment's account is erased, it is erased then, and so is what came of the payment before
    it was known whose it is.

    Args:
        at: now, epoch milliseconds.
        until: the second until which it is filed: no earlier than its body is deleted.

    Returns:
        Whether it was erased.

    Raises:
        Throttled, Unavailable: not now; the queue brings it again.
    """
    payment = applied.payment
    deliveries.file(payment.provider, applied.name, applied.delivery_id, until)
    if applied.name != payment.payment_id:
        deliveries.file_part(payment.provider, payment.payment_id, applied.name, until)
    if payment.account is None or not profiles.load(tables, payment.account).erased:
        return False
    deliveries.erase_of(payment.provider, payment.payment_id, at)
    return True


def _erase_deliveries(
    tables: Tables, deliveries: Deliveries, account: str, at: int, in_time: Callable[[], bool]
) -> None:
    """Erases what was filed under an account's payments, and notes that it is done, or how far it is.

    Raises:
        Unavailable: the time of this request is up.
    """
    document = documents.get(tables, keys.profile(account))
    after = ProfileRecord.from_json(document.body).after or None
    while True:
        page = lists.page(
            tables,
            keys.account(account),
            PAGE,
            first=keys.PAYMENT_OF,
            last=keys.PAYMENT_OF + lists.LAST,
            after=after,
        )
        for place in page.found:
            if not in_time():
                _note(tables, document, after or "")
                said = (
                    "the profile is erased, but not yet all that providers sent: send the same DELETE again"
                )
                raise Unavailable(said)
            provider, _, payment_id = keys.named_at(place).partition("#")
            deliveries.erase_of(provider, payment_id, at)
            after = place
        if page.following is None:
            break
    _note(tables, document, None)


def _note(tables: Tables, document: Document, after: str | None) -> None:
    """Notes how far an erasure is, unless somebody has put a profile again or erases it too."""
    body = replace(ProfileRecord.from_json(document.body), after=after).to_json()
    documents.put(tables, document.pk, document.rev, body)
