"""Calls Dodo Payments' API, through its official SDK.

The product named in a pack (``provider_refs.dodo``; where it names none, one with the pack's own id) has to be a
pay-what-you-want product in the order's currency, with tax on top. Then the ``amount`` of a cart item is the price
of one pack as our own order has it, and Dodo has no second price list that could disagree. That is for single
payments only: a pack with ``recurring`` names a subscription product, made at Dodo with the pack's price and period.
Discount codes and the choice of another currency are off, since a payment that differs from its order is parked
instead of granted.

A call that makes a session can time out and still have made one. Calling again makes a second one. That is harmless:
nobody was given the page of the first, and a session moves no money. Dodo has no idempotency key. So before a refund
is asked for, the payment's refunds are searched for one of the same request. A request that broke off is not
repeated at once, while the first may still be under way, but later, when the caller asks again. So it is with charges,
which are looked for among their subscription's payments, by the order and attempt in their metadata.

What a buyer pays with is kept under a subscription that is on demand: its product (``dodo_on_demand``) is sold in the
place of the pack's, at the order's price.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from scrip.domain.payments.delivery import Delivery, Inquiry
from scrip.domain.payments.facts import Dispute, Fact, Refund
from scrip.domain.payments.subscription import Standing
from scrip.providers.calling import (
    MAX_ATTEMPTS,
    Deadline,
    attempt,
    http,
    lost,
    member,
    reason,
    refused_now,
    rows,
    unreadable,
)
from scrip.providers.clients import (
    Charge,
    Charged,
    ChargeOutcome,
    DeliveryPage,
    ProviderRefused,
    ProviderUnavailable,
    Sale,
    Session,
    SettlementPage,
    WantedRefund,
)
from scrip.providers.dodo.balance import settlement, subject
from scrip.providers.dodo.webhook import standing_of, translate
from scrip.providers.reading import is_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dodopayments import DodoPayments
    from dodopayments.types import Currency
    from dodopayments.types.on_demand_subscription_param import OnDemandSubscriptionParam
    from dodopayments.types.product_item_req_param import ProductItemReqParam
    from dodopayments.types.refund_create_params import Item
    from dodopayments.types.subscription_data_param import SubscriptionDataParam

Json = Mapping[str, Any]

PRODUCT_DECIDES: Final = True
"""Whether something is a subscription is said by its product, so that it can be sold as nothing else."""
LISTS: Final = ("payments", "refunds", "disputes")
"""What ``listed`` walks, one after the other."""

PAGE: Final = 100
"""The most that Dodo lists at once."""

PAGES: Final = 5
"""Pages of a subscription's payments in which a charge is looked for: those since it was asked for are a few."""

NOT_FOUND: Final = 404
_DECLINES: Final[Mapping[str, ChargeOutcome]] = {
    "AUTHENTICATION_FAILURE": "authentication_required",
    "AUTHENTICATION_REQUIRED": "authentication_required",
    "AUTHENTICATION_TIMEOUT": "authentication_required",
    "EXPIRED_CARD": "method_expired",
}
"""Why a payment failed, by its ``error_code``; for any other reason its card was declined."""
_NOT_CHARGEABLE: Final = frozenset(
    {
        *(
            "CHARGE_NOT_ALLOWED_FOR_SCHEDULED_CANCELLATION",
            "SUBSCRIPTION_INACTIVE",
            "SUBSCRIPTION_NOT_ACTIVE",
        ),
        *("SUBSCRIPTION_NOT_FOUND", "SUBSCRIPTION_NOT_ON_DEMAND", "PAYMENT_METHOD_NOT_FOUND"),
    }
)
"""Codes of refusals that say that this subscription is charged no more."""

LEDGER_PAGE: Final = 25
"""Entries of the balance ledger in a page: of refunds and disputes it does not say the payment, so that each is read by
itself, all within the time of one call."""

READ_PAGE: Final = 10
"""Payments or refunds in a page: a list says nothing of tax, of a payment's parts, nor of whose request a refund is, so
each is read by itself."""

ID: Final = r"[A-Za-z0-9_.-]{1,100}"
STAGE: Final = 10
END: Final = 3
"""A dispute's rank is its stage times ten and, at its end, this (see ``webhook``)."""


class Client:
    """A client of Dodo's API that does what ``providers.clients.Client`` says."""

    key_ms = 0

    def __init__(self, api_key: str, base_url: str, timeout: float) -> None:
        self._api_key, self._base_url, self._timeout = api_key, base_url, timeout

    def open_session(self, sale: Sale) -> Session:
        """Opens a checkout session.

        The amount of a single payment is the order's; that of a subscription is its product's at Dodo.
        """
        item: ProductItemReqParam = {"product_id": sale.product or sale.pack, "quantity": sale.quantity}
        kept: SubscriptionDataParam | None = None
        if sale.keeps_method:
            item["quantity"] = 1
            kept = {"on_demand": _on_demand(sale)}
        elif sale.every is None:
            item["amount"] = sale.amount
        # For people who look at the dashboard: buyers can write metadata too, so nothing is ever looked up by it.
        metadata: dict[str, str | float | bool] = {"topup_id": sale.topup_id, "account": sale.account}
        from dodopayments import omit

        with self._api() as api:
            answer = api.ask(
                lambda sdk: sdk.checkout_sessions.with_raw_response.create(
                    product_cart=[item],
                    billing_currency=cast("Currency", sale.currency),
                    feature_flags={"allow_discount_code": False, "allow_currency_selection": False},
                    metadata=metadata,
                    return_url=sale.return_url,
                    subscription_data=kept or omit,
                )
            )
        return Session(member(answer, "session_id", ID), member(answer, "checkout_url", r"https?://.+"))

    def refund(self, wanted: WantedRefund) -> Delivery:
        """Finds the refund that this request made before, or asks for it; returns it as a fact."""
        with self._api() as api:
            payment = api.payment(wanted.payment_id)
            made = api.refund_of(payment, wanted.request_id) or api.make_refund(payment, wanted)
        told = _told("refund", made)
        # A refund that we made is that of our request, whether or not the answer repeats the metadata.
        facts = tuple(
            replace(fact, request_id=wanted.request_id) if isinstance(fact, Refund) else fact
            for fact in told.facts
        )
        return replace(told, facts=facts)

    def read(self, inquiry: Inquiry) -> Delivery:
        """Reads a payment with its refunds and disputes, each as the API has it now."""
        with self._api() as api:
            return api.standing(inquiry.payment_id)

    def cancel_subscription(self, subscription_id: str, at: int, *, at_once: bool) -> Standing:
        """Cancels a subscription, at its next billing date or at once."""
        if at_once:
            return self._updated(subscription_id, at, status="cancelled")
        return self._updated(subscription_id, at, cancel_at_next_billing_date=True)

    def resume_subscription(self, subscription_id: str, at: int) -> Standing:
        """Has a subscription that was to end at its next billing date go on."""
        return self._updated(subscription_id, at, cancel_at_next_billing_date=False)

    def _updated(self, subscription_id: str, at: int, **changes: Any) -> Standing:
        """Changes a subscription; returns how it stands since. Raises as ``providers.clients`` says."""
        with self._api() as api:
            answer = api.ask(
                lambda sdk: sdk.subscriptions.with_raw_response.update(subscription_id, **changes)
            )
        member(answer, "subscription_id", ID)
        stands = standing_of(answer, at)
        if stands is None:
            raise ProviderUnavailable("how the subscription stands cannot be read")
        return stands

    def listed(self, since: int, until: int, cursor: str | None) -> DeliveryPage:
        """Lists payments, then refunds, then disputes. A cursor is ``<list>:<page>``."""
        name, _, page = (cursor or f"{LISTS[0]}:0").partition(":")
        number, size = int(page), PAGE if name == "disputes" else READ_PAGE
        with self._api() as api:
            found = api.page(name, since, until, number, size)
            deliveries = tuple(api.whole(name, row) for row in found)
        after = LISTS.index(name) + 1
        if len(found) == size:
            return DeliveryPage(deliveries, f"{name}:{number + 1}")
        return DeliveryPage(deliveries, f"{LISTS[after]}:0" if after < len(LISTS) else None)

    def settled(self, since: int, until: int, cursor: str | None) -> SettlementPage:
        """Lists entries of the balance ledger. A cursor is the number of a page."""
        number = int(cursor or 0)
        bounds: Any = {"created_at_gte": _instant(since), "created_at_lte": _instant(until - 1)}
        with self._api() as api:
            answer = api.ask(
                lambda sdk: sdk.balances.with_raw_response.retrieve_ledger(
                    **bounds, page_number=number, page_size=LEDGER_PAGE
                )
            )
            found = rows(answer, "items")
            subjects = [subject(row) for row in found]
            named = sorted({one for one in subjects if one})
            payments = {one: api.payment_of_subject(*one) for one in named}
        told = [
            settlement(row, payments[of] if of else None) for row, of in zip(found, subjects, strict=True)
        ]
        moved = tuple(one for one in told if one)
        return SettlementPage(moved, str(number + 1) if len(found) == LEDGER_PAGE else None)

    def charge(self, wanted: Charge) -> Charged:
        """Charges an on-demand subscription, and reads the payment that this made."""
        with self._api() as api:
            try:
                made = api.make_charge(wanted)
            except ProviderRefused as refusal:
                return _not_charged(refusal)
            payment_id = member(made, "payment_id", ID)
            try:
                return _charged(api.payment(payment_id))
            except (ProviderUnavailable, ProviderRefused):
                # It is charged or will not be: what becomes of it is read another time.
                return Charged("processing", payment_id)

    def find_charge(self, wanted: Charge, payment_id: str | None) -> Charged | None:
        """Reads the payment, or looks for it among those of the subscription, newest first."""
        with self._api() as api:
            if payment_id is None:
                payment_id = api.payment_of(wanted)
            return _charged(api.payment(payment_id)) if payment_id else None

    @contextmanager
    def _api(self) -> Iterator[_Api]:
        """Opens the API for one call of the client, with one deadline.

        Raises:
            ProviderUnavailable: the SDK's client cannot be made with this URL.
        """
        import httpx
        from dodopayments import DodoPayments

        deadline = Deadline(self._timeout)
        with http(deadline) as client:
            try:
                # The SDK's own retries would wait as long as a Retry-After header says, up to a minute each.
                sdk = DodoPayments(
                    bearer_token=self._api_key,
                    base_url=self._base_url or None,
                    max_retries=0,
                    timeout=client.timeout,
                    http_client=client,
                )
            except httpx.InvalidURL as error:
                raise ProviderUnavailable(f"the client cannot be made: {type(error).__name__}") from error
            yield _Api(sdk, deadline)


class _Api:
    """The API during one call of the client."""

    def __init__(self, sdk: DodoPayments, deadline: Deadline) -> None:
        self._sdk, self._deadline = sdk, deadline

    def ask(self, request: Callable[[DodoPayments], Any], attempts: int = MAX_ATTEMPTS) -> Any:
        """Returns the JSON of an answer.

        Raises:
            ProviderUnavailable, ProviderRefused: see ``providers.clients``.
        """
        return attempt(self._deadline, lambda: self._once(request), attempts)

    def _once(self, request: Callable[[DodoPayments], Any]) -> Any:
        """Sends a request once and turns the SDK's errors into ours."""
        from dodopayments import APIConnectionError, APIStatusError, DodoPaymentsError

        try:
            # As it came: the models of the SDK drop what they do not know, and ``webhook`` reads tolerantly.
            return request(self._sdk).http_response.json()
        except APIConnectionError as error:
            cause = error.__cause__
            raise (lost(cause) if isinstance(cause, Exception) else None) or unreadable(error) from error
        except APIStatusError as error:
            said = error.body if isinstance(error.body, Mapping) else {}
            refusal = ProviderRefused(error.status_code, reason(said, "code", "message"), said)
            raise refused_now(error.status_code) or refusal from error
        except (DodoPaymentsError, ValueError) as error:
            raise unreadable(error) from error

    def payment(self, payment_id: str) -> Json:
        """Reads a payment's JSON. Raises as ``ask``."""
        answer = self.ask(lambda sdk: sdk.payments.with_raw_response.retrieve(payment_id))
        member(answer, "payment_id", ID)
        return cast(Json, answer)

    def standing(self, payment_id: str) -> Delivery:
        """Reads a payment as it is now, with each of its disputes and refunds as the API has it.

        That decides what webhooks contradict, and shows which request of ours a refund answers.
        """
        told = _told("payment", self.payment(payment_id))
        facts: list[Fact] = []
        for fact in told.facts:
            if isinstance(fact, Dispute):
                fact = self._dispute(fact)
            elif isinstance(fact, Refund):
                fact = self._own(fact)
            facts.append(fact)
        return replace(told, facts=tuple(facts))

    def whole(self, name: str, row: Json) -> Delivery:
        """Reads the object that a row of a list is about, with what the row leaves out."""
        if name == "payments" and row.get("status") == "succeeded" and is_id(row.get("payment_id")):
            return self.standing(row["payment_id"])
        told = _told(name.removesuffix("s"), row)
        facts = (self._own(fact) if isinstance(fact, Refund) else fact for fact in told.facts)
        return replace(told, facts=tuple(facts))

    def _own(self, fact: Refund) -> Refund:
        """Returns the refund with the request of ours that it answers, which only the refund's own page has."""
        for read in _told("refund", self._refund(fact.refund_id)).facts:
            if isinstance(read, Refund) and read.refund_id == fact.refund_id:
                return read
        return fact

    def _dispute(self, fact: Dispute) -> Dispute:
        """Reads a dispute. One that has ended outranks what a webhook says of an end in the same stage."""
        answer = self.ask(lambda sdk: sdk.disputes.with_raw_response.retrieve(fact.dispute_id))
        for read in _told("dispute", answer).facts:
            if isinstance(read, Dispute) and read.dispute_id == fact.dispute_id:
                return replace(read, rank=read.rank + 1) if read.rank % STAGE == END else read
        return fact

    def refund_of(self, payment: Json, request_id: str) -> Json | None:
        """Returns the payment's refund that a request of ours made already; None where there is none.

        A list does not say which request a refund answers, so each refund is read by itself.
        """
        for listed in rows(payment, "refunds") if payment.get("refunds") else ():
            refund = self._refund(member(listed, "refund_id", ID))
            metadata = refund.get("metadata") if isinstance(refund, Mapping) else None
            if isinstance(metadata, Mapping) and metadata.get("request_id") == request_id:
                return cast(Json, refund)
        return None

    def _refund(self, refund_id: str) -> Any:
        """Reads a refund's JSON. Raises as ``ask``."""
        return self.ask(lambda sdk: sdk.refunds.with_raw_response.retrieve(refund_id))

    def make_refund(self, payment: Json, wanted: WantedRefund) -> Json:
        """Asks for the refund. There is no second attempt, because Dodo has no idempotency key."""
        from dodopayments import omit

        item: Item | None = None
        if not wanted.full:
            item = {"item_id": self._item(payment), "amount": wanted.amount, "tax_inclusive": True}
        answer = self.ask(
            lambda sdk: sdk.refunds.with_raw_response.create(
                payment_id=wanted.payment_id,
                # Without it the amount would be one of the settlement currency.
                currency=cast("Currency", wanted.currency) if item else omit,
                items=[item] if item else omit,
                reason=wanted.reason or omit,
                metadata={"request_id": wanted.request_id},
            ),
            attempts=1,
        )
        member(answer, "refund_id", ID)
        return cast(Json, answer)

    def _item(self, payment: Json) -> str:
        """Returns the product that a part of the payment is taken off: the one in its cart, or its subscription's."""
        cart = payment.get("product_cart")
        if cart:
            return member(rows(payment, "product_cart")[0], "product_id", ID)
        subscription_id = member(payment, "subscription_id", ID)
        answer = self.ask(lambda sdk: sdk.subscriptions.with_raw_response.retrieve(subscription_id))
        return member(answer, "product_id", ID)

    def make_charge(self, wanted: Charge) -> Json:
        """Asks for the charge. There is no second attempt, because Dodo has no idempotency key."""
        answer = self.ask(
            lambda sdk: sdk.subscriptions.with_raw_response.charge(
                wanted.method.name,
                product_price=wanted.amount,
                product_currency=cast("Currency", wanted.currency),
                product_description=wanted.name,
                metadata={"topup_id": wanted.topup_id, "attempt": str(wanted.attempt)},
            ),
            attempts=1,
        )
        member(answer, "payment_id", ID)
        return cast(Json, answer)

    def payment_of(self, wanted: Charge) -> str | None:
        """Returns the payment that an attempt at an order made, from its subscription's list; None: there is none."""
        for number in range(PAGES):
            of: Any = {"subscription_id": wanted.method.name, "page_number": number, "page_size": PAGE}
            found = rows(self.ask(lambda sdk, of=of: sdk.payments.with_raw_response.list(**of)), "items")  # type: ignore[misc]
            for row in found:
                said = row.get("metadata")
                known = said if isinstance(said, Mapping) else {}
                if (known.get("topup_id"), known.get("attempt")) == (wanted.topup_id, str(wanted.attempt)):
                    return member(row, "payment_id", ID)
            if len(found) < PAGE:
                return None
        raise ProviderUnavailable(f"the subscription has more than {PAGE * PAGES} payments since")

    def payment_of_subject(self, kind: str, name: str) -> str | None:
        """Returns the payment that a payment, refund or dispute is of; None: Dodo does not know it.

        Raises:
            ProviderUnavailable, ProviderRefused: see ``providers.clients``.
        """
        if kind == "payment":
            return name
        try:
            if kind == "refund":
                answer = self._refund(name)
            else:
                answer = self.ask(lambda sdk: sdk.disputes.with_raw_response.retrieve(name))
        except ProviderRefused as refusal:
            if refusal.status == NOT_FOUND:
                return None
            raise
        return member(answer, "payment_id", ID)

    def page(self, name: str, since: int, until: int, number: int, size: int) -> list[Json]:
        """Returns page ``number`` of the rows that were made in ``[since, until)``, epoch milliseconds."""
        bounds = {"created_at_gte": _instant(since), "created_at_lte": _instant(until - 1)}
        window: dict[str, Any] = {**bounds, "page_number": number, "page_size": size}
        answer = self.ask(lambda sdk: getattr(sdk, name).with_raw_response.list(**window))
        return rows(answer, "items")


def _on_demand(sale: Sale) -> OnDemandSubscriptionParam:
    """Returns what of a subscription's checkout is charged at once: the order's price, without tax."""
    return {
        "mandate_only": False,
        "product_price": sale.amount * sale.quantity,
        "product_currency": cast("Currency", sale.currency),
        "product_description": sale.name,
    }


def _charged(payment: Json) -> Charged:
    """Says what became of a charge, by its payment. One that needs the buyer comes to nothing: nobody is there."""
    status = payment.get("status")
    outcome: ChargeOutcome = "processing"
    if status == "succeeded":
        outcome = "paid"
    elif status == "requires_customer_action":
        outcome = "authentication_required"
    elif status in ("failed", "cancelled") or (
        status == "requires_payment_method" and payment.get("error_code")
    ):
        outcome = _DECLINES.get(str(payment.get("error_code")), "declined")
    return Charged(outcome, member(payment, "payment_id", ID), _told("payment", payment))


def _not_charged(refusal: ProviderRefused) -> Charged:
    """Says what became of a charge that Dodo refused.

    Raises:
        ProviderUnavailable: an earlier payment of the subscription is under way.
        ProviderRefused: for no reason of the subscription's.
    """
    code = str(refusal.said.get("code"))
    if code == "PREVIOUS_PAYMENT_PENDING":
        raise ProviderUnavailable("an earlier payment of the subscription is under way") from refusal
    if refusal.status == NOT_FOUND or code in _NOT_CHARGEABLE:
        return Charged("method_missing")
    raise refusal


def _told(kind: str, data: Any) -> Delivery:
    """Reads an object of the API as ``webhook`` does: it has the same form as in webhooks."""
    return replace(translate({"type": f"{kind}.read", "data": data}), type="read")


def _instant(at: int) -> str:
    """Formats epoch milliseconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
