"""Calls Stripe's API, through its official SDK (16.1, API 2026-10-28).

A session's price is our own order's; the pack's product (``provider_refs.stripe``) or a name only says what is
bought. Promotion codes and other currencies are off, since a payment that differs from its order is parked instead
of granted. What finds the order of a bare payment is the metadata of its intent or subscription, which only we can
write. The session's own metadata and its ``client_reference_id`` are for people.

Calls that make something carry an idempotency key: the same request within 24 hours is the same session, refund or
charge. A refund is also searched for by its request, so that it stays one refund after that time; a charge by its order
and attempt, among its customer's intents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from scrip.domain.payments.delivery import Delivery, Inquiry, Parked
from scrip.domain.payments.facts import Fact, PartOf, Refund
from scrip.domain.payments.subscription import Standing
from scrip.providers.calling import (
    Deadline,
    Hiccup,
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
from scrip.providers.reading import member as member_of
from scrip.providers.reading import optional_identity, optional_reference, word
from scrip.providers.stripe.balance import settlements
from scrip.providers.stripe.money import MINOR_UNITS
from scrip.providers.stripe.objects import method_of
from scrip.providers.stripe.subscriptions import standing
from scrip.providers.stripe.webhook import read_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from stripe import HTTPClient, StripeClient, StripeObject
    from stripe.params import PaymentIntentCreateParams
    from stripe.params.checkout import (
        SessionCreateParams,
        SessionCreateParamsLineItemPriceData,
        SessionCreateParamsLineItemPriceDataRecurring,
        SessionCreateParamsPaymentIntentData,
    )

Json = Mapping[str, Any]

LISTS: Final = ("invoice_payments", "payment_intents", "invoices", "refunds", "disputes", "credit_notes")
"""What ``listed`` walks, one after the other: first which intents belong to an invoice."""

PAGE: Final = 100
"""The most that Stripe lists at once."""

PAGES: Final = 5
"""Pages of a customer's payments in which a charge is looked for: those since it was asked for are a few."""

CARD_ERROR: Final = 402
"""The status of a charge that the card's bank declined."""

MESSAGE: Final = 1200
"""The most characters that Stripe shows beside the button to pay."""
ID: Final = r"[A-Za-z0-9_.-]{1,100}"
CHARGES: Final = ("ch_", "py_")
SESSIONS: Final = "cs_"
"""How the ids of charges and sessions begin, under which a payment is known where it has no other."""
INTERVALS: Final = {"D": "day", "W": "week", "M": "month", "Y": "year"}


class Client:
    """A client of Stripe's API that does what ``providers.clients.Client`` says."""

    key_ms = 20 * 3_600_000
    """Stripe keeps keys "for at least 24 hours": four less, for clocks and for what is on its way."""

    def __init__(self, api_key: str, base_url: str, timeout: float) -> None:
        self._api_key, self._base_url, self._timeout = api_key, base_url, timeout

    def open_session(self, sale: Sale) -> Session:
        """Opens a checkout session for the order's price, a single payment or a subscription."""
        with self._api() as api:
            answer = api.ask(
                lambda sdk: sdk.v1.checkout.sessions.create(
                    _session(sale), {"idempotency_key": f"session:{sale.request_id}"}
                )
            )
        return Session(member(answer, "id", ID), member(answer, "url", r"https?://.+"))

    def refund(self, wanted: WantedRefund) -> Delivery:
        """Finds the refund that this request made before, or asks for it; returns it as a fact of the payment."""
        amount = MINOR_UNITS.theirs(wanted.amount, wanted.currency)
        with self._api() as api:
            intent = api.intent(wanted.payment_id)
            made = api.refund_of(intent, wanted.request_id) or api.ask(
                lambda sdk: sdk.v1.refunds.create(
                    {
                        "payment_intent": intent,
                        "amount": amount,
                        # Stripe's own reasons are three fixed words; ours is for people.
                        "metadata": {"request_id": wanted.request_id, "reason": wanted.reason[:500]},
                    },
                    {"idempotency_key": f"refund:{wanted.request_id}"},
                )
            )
        member(made, "id", ID)
        told = _told(made)
        facts = tuple(
            replace(fact, request_id=wanted.request_id) if isinstance(fact, Refund) else fact
            for fact in told.facts
        )
        return replace(told, payment_id=wanted.payment_id, facts=facts)

    def read(self, inquiry: Inquiry) -> Delivery:
        """Reads a payment with its session, refunds, credit notes and disputes, and the invoices that its intent paid.

        Raises:
            ProviderRefused: 404: neither the payment nor its session is known. Other errors as
                ``providers.clients`` says.
        """
        payment_id, session_id = inquiry.payment_id, inquiry.session_id
        if payment_id.startswith(CHARGES):
            return self._read_charge(payment_id)
        if payment_id.startswith(SESSIONS):
            session_id = payment_id
        with self._api() as api:
            session = (
                api.found(lambda sdk: sdk.v1.checkout.sessions.retrieve(session_id)) if session_id else None
            )
            payment = None if payment_id == session_id else api.found_payment(payment_id)
            intents = _intents(payment) if _is_invoice(payment_id) else [payment_id]
            told = [_told(one) for one in (session, payment) if one]
            if not told:
                raise ProviderRefused(404, "neither the payment nor its session is known")
            if payment_id == session_id:
                intents = []
            elif not _is_invoice(payment_id):
                told += map(_told, api.invoices_paid(payment_id))
            told += [_told(one) for intent in intents for one in api.refunds_and_disputes(intent)]
            if _is_invoice(payment_id):
                told += map(_told, api.credit_notes(payment_id))
        ours = {payment_id, *intents}
        facts: list[Fact] = [fact for one in told if one.payment_id in ours for fact in one.facts]
        parked = tuple(reason for one in told if one.payment_id in ours for reason in one.parked)
        method = next((one.method for one in told if one.method), None)
        return Delivery("stripe", "read", payment_id, tuple(facts), parked, method=method)

    def cancel_subscription(self, subscription_id: str, at: int, *, at_once: bool) -> Standing:
        """Cancels a subscription, at the end of its period or at once."""
        if at_once:
            return self._standing(lambda sdk: sdk.v1.subscriptions.cancel(subscription_id), at)
        return self._updated(subscription_id, at, ends=True)

    def resume_subscription(self, subscription_id: str, at: int) -> Standing:
        """Has a subscription that was to end with its period go on."""
        return self._updated(subscription_id, at, ends=False)

    def _updated(self, subscription_id: str, at: int, *, ends: bool) -> Standing:
        """Says whether a subscription ends with its period."""
        return self._standing(
            lambda sdk: sdk.v1.subscriptions.update(subscription_id, {"cancel_at_period_end": ends}), at
        )

    def _standing(self, request: Callable[[StripeClient], StripeObject], at: int) -> Standing:
        """Sends a request about a subscription; returns how it stands since. Raises as ``providers.clients`` says."""
        with self._api() as api:
            answer = api.ask(request)
        member(answer, "id", ID)
        stands = standing(answer, at)
        if stands is None:
            raise ProviderUnavailable("how the subscription stands cannot be read")
        return stands

    def _read_charge(self, charge_id: str) -> Delivery:
        """Asks what payment a charge is of: its intent, or the invoice that this paid without an order of its own.

        Raises:
            ProviderRefused: 404: the charge is not known.
        """
        with self._api() as api:
            charge = api.found(lambda sdk: sdk.v1.charges.retrieve(charge_id))
            if charge is None:
                raise ProviderRefused(404, "the charge is not known")
            intent_id = optional_reference(charge, "payment_intent")
            if intent_id is None:
                reason = Parked(
                    "payment", f"the charge {charge_id} has no payment_intent: it pays no order of ours"
                )
                return Delivery("stripe", "read", charge_id, parked=(reason,))
            intent = api.found_payment(intent_id) or {}
            invoices = [] if _names_an_order(intent) else api.invoices_paid(intent_id)
        wholes = [fact for row in invoices for fact in _told(row).facts if isinstance(fact, PartOf)]
        return Delivery("stripe", "read", charge_id, tuple(wholes) or (PartOf(intent_id),))

    def listed(self, since: int, until: int, cursor: str | None) -> DeliveryPage:
        """Lists the objects of ``LISTS``, one list after the other. A cursor is ``<list>:<id of the last object>``."""
        name, _, after = (cursor or f"{LISTS[0]}:").partition(":")
        # Stripe's instants are whole seconds.
        window: dict[str, Any] = {"created": {"gte": since // 1000, "lt": -(-until // 1000)}, "limit": PAGE}
        if after:
            window["starting_after"] = after
        with self._api() as api:
            answer = api.ask(lambda sdk: getattr(sdk.v1, name).list(window))
        found = rows(answer, "data")
        deliveries = tuple(_told(row) for row in found)
        if answer.get("has_more") and found:
            return DeliveryPage(deliveries, f"{name}:{member(found[-1], 'id', ID)}")
        following = LISTS.index(name) + 1
        return DeliveryPage(deliveries, f"{LISTS[following]}:" if following < len(LISTS) else None)

    def settled(self, since: int, until: int, cursor: str | None) -> SettlementPage:
        """Lists balance transactions, newest first, each with what it is of. A cursor is the id of the last one."""
        # Stripe's instants are whole seconds.
        window: Any = {"created": {"gte": -(-since // 1000), "lt": -(-until // 1000)}, "limit": PAGE}
        window["expand"] = ["data.source"]
        if cursor:
            window["starting_after"] = cursor
        with self._api() as api:
            answer = api.ask(lambda sdk: sdk.v1.balance_transactions.list(window))
        found = rows(answer, "data")
        told = tuple(one for row in found for one in settlements(row))
        more = answer.get("has_more") and found
        return SettlementPage(told, member(found[-1], "id", ID) if more else None)

    def charge(self, wanted: Charge) -> Charged:
        """Makes a payment intent with the kept method, and confirms it while the buyer is away."""
        params = _intent(wanted)
        with self._api() as api:
            try:
                made = api.ask(
                    lambda sdk: sdk.v1.payment_intents.create(params, {"idempotency_key": wanted.key})
                )
            except ProviderRefused as refusal:
                return _not_charged(refusal)
        member(made, "id", ID)
        return _charged(made)

    def find_charge(self, wanted: Charge, payment_id: str | None) -> Charged | None:
        """Reads the intent, or looks for it among the customer's, newest first."""
        with self._api() as api:
            found = api.found_payment(payment_id) if payment_id else api.intent_of(wanted)
        return _charged(found) if found else None

    @contextmanager
    def _api(self) -> Iterator[_Api]:
        """Opens the API for one call of the client, with one deadline."""
        import stripe

        # Else the SDK writes a file to the home directory and tells of this machine.
        stripe.enable_telemetry = False
        deadline = Deadline(self._timeout)
        with http(deadline) as client:
            addresses: Any = {"api": self._base_url.rstrip("/")} if self._base_url else None
            sdk = stripe.StripeClient(
                self._api_key,
                base_addresses=addresses,
                http_client=_wire(client),
                max_network_retries=0,
            )
            yield _Api(sdk, deadline)


class _Api:
    """The API during one call of the client."""

    def __init__(self, sdk: StripeClient, deadline: Deadline) -> None:
        self._sdk, self._deadline = sdk, deadline

    def ask(self, request: Callable[[StripeClient], StripeObject]) -> Any:
        """Returns the JSON of an answer.

        Raises:
            ProviderUnavailable, ProviderRefused: see ``providers.clients``.
        """
        return attempt(self._deadline, lambda: self._once(request))

    def _once(self, request: Callable[[StripeClient], StripeObject]) -> Any:
        """Sends a request once and turns the SDK's errors into ours."""
        import httpx
        from stripe import StripeError

        try:
            response = getattr(request(self._sdk), "last_response", None)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise lost(error) or unreadable(error) from error
        except StripeError as error:
            status = error.http_status or 0
            # 409: the same request is being answered, or another holds what it needs.
            unready = Hiccup("answered 409") if status == 409 else refused_now(status)
            if unready or not 400 <= status < 500:
                raise unready or unreadable(error) from error
            body = error.json_body if isinstance(error.json_body, Mapping) else {}
            said = body.get("error")
            about = said if isinstance(said, Mapping) else {}
            raise ProviderRefused(status, reason(said, "code", "message"), about) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            # The SDK trips over bodies that it does not expect.
            raise unreadable(error) from error
        # As it came: ``objects`` reads tolerantly, whatever the SDK's models know.
        return getattr(response, "data", None)

    def found(self, request: Callable[[StripeClient], StripeObject]) -> Json | None:
        """Returns the JSON of an answer; None where Stripe does not know what is asked for."""
        try:
            answer = self.ask(request)
            member(answer, "id", ID)
            return cast(Json, answer)
        except ProviderRefused as refusal:
            if refusal.status == 404:
                return None
            raise

    def found_payment(self, payment_id: str) -> Json | None:
        """Reads an invoice, with its payments, or a payment intent; returns None where Stripe does not know it."""
        if _is_invoice(payment_id):
            return self.found(lambda sdk: sdk.v1.invoices.retrieve(payment_id, {"expand": ["payments"]}))
        return self.found(lambda sdk: sdk.v1.payment_intents.retrieve(payment_id))

    def intent(self, payment_id: str) -> str:
        """Returns the intent that a payment was made with; that of an invoice is looked up.

        Raises:
            ProviderRefused: 404: the invoice was paid by no intent.
        """
        if not _is_invoice(payment_id):
            return payment_id
        intents = _intents(self.found_payment(payment_id))
        if not intents:
            raise ProviderRefused(404, "the invoice was paid by no payment intent")
        return intents[0]

    def invoices_paid(self, intent: str) -> list[Json]:
        """Lists the invoice payments that an intent made, a page at most."""
        of: Any = {"payment": {"type": "payment_intent", "payment_intent": intent}, "limit": PAGE}
        return rows(self.ask(lambda sdk: sdk.v1.invoice_payments.list(of)), "data")

    def intent_of(self, wanted: Charge) -> Json | None:
        """Returns the intent that an attempt at an order made, from its customer's list; None where there is none."""
        of: Any = {"customer": wanted.method.customer, "limit": PAGE}
        for _ in range(PAGES):
            answer = self.ask(lambda sdk, of=of: sdk.v1.payment_intents.list(of))  # type: ignore[misc]
            found = rows(answer, "data")
            for row in found:
                if _is_of(row, wanted):
                    return row
            if not answer.get("has_more") or not found:
                return None
            of = {**of, "starting_after": member(found[-1], "id", ID)}
        raise ProviderUnavailable(f"the customer has more than {PAGE * PAGES} payments since")

    def refunds_and_disputes(self, intent: str) -> list[Json]:
        """Lists an intent's refunds and disputes, a page of each at most."""
        of: Any = {"payment_intent": intent, "limit": PAGE}
        return [*self._refunds(intent), *rows(self.ask(lambda sdk: sdk.v1.disputes.list(of)), "data")]

    def credit_notes(self, invoice: str) -> list[Json]:
        """Lists an invoice's credit notes, a page at most."""
        of: Any = {"invoice": invoice, "limit": PAGE}
        return rows(self.ask(lambda sdk: sdk.v1.credit_notes.list(of)), "data")

    def refund_of(self, intent: str, request_id: str) -> Json | None:
        """Returns the intent's refund that a request of ours made already; None where there is none."""
        for refund in self._refunds(intent):
            metadata = refund.get("metadata")
            if isinstance(metadata, Mapping) and metadata.get("request_id") == request_id:
                return refund
        return None

    def _refunds(self, intent: str) -> list[Json]:
        """Lists an intent's refunds, a page at most."""
        of: Any = {"payment_intent": intent, "limit": PAGE}
        return rows(self.ask(lambda sdk: sdk.v1.refunds.list(of)), "data")


def _session(sale: Sale) -> SessionCreateParams:
    """Returns the parameters of a checkout session."""
    price: SessionCreateParamsLineItemPriceData = {
        "currency": sale.currency.lower(),
        "unit_amount": MINOR_UNITS.theirs(sale.amount, sale.currency),
    }
    if sale.product is None:
        price["product_data"] = {"name": sale.name}
    else:
        price["product"] = sale.product
    told = {"topup_id": sale.topup_id}
    params: SessionCreateParams = {
        "line_items": [{"quantity": sale.quantity, "price_data": price}],
        "metadata": {**told, "account": sale.account},
        "client_reference_id": sale.topup_id,
        "success_url": sale.return_url,
        "cancel_url": sale.return_url,
        "allow_promotion_codes": False,
        "adaptive_pricing": {"enabled": False},
    }
    if sale.terms:
        params["custom_text"] = {"submit": {"message": _shown(sale.terms)}}
    if sale.every is None and sale.keeps_method:
        # Without a customer of its own the method could not be charged again.
        kept: SessionCreateParamsPaymentIntentData = {"metadata": told, "setup_future_usage": "off_session"}
        return {**params, "mode": "payment", "customer_creation": "always", "payment_intent_data": kept}
    if sale.every is None:
        return {**params, "mode": "payment", "payment_intent_data": {"metadata": told}}
    price["recurring"] = _recurring(sale.every)
    return {**params, "mode": "subscription", "subscription_data": {"metadata": told}}


def _intent(wanted: Charge) -> PaymentIntentCreateParams:
    """Returns the parameters of an intent that charges a kept method."""
    return {
        "amount": MINOR_UNITS.theirs(wanted.amount, wanted.currency),
        "currency": wanted.currency.lower(),
        "customer": wanted.method.customer or "",
        "payment_method": wanted.method.name,
        "off_session": True,
        "confirm": True,
        "description": wanted.name,
        "metadata": {"topup_id": wanted.topup_id, "attempt": str(wanted.attempt)},
    }


def _is_of(row: Json, wanted: Charge) -> bool:
    """Tells whether an intent was made by this attempt at this order."""
    said = member_of(row, "metadata")
    return (said.get("topup_id"), said.get("attempt")) == (wanted.topup_id, str(wanted.attempt))


def _charged(intent: Json) -> Charged:
    """Says what became of a charge, by its intent. One that needs the buyer comes to nothing: nobody is there."""
    outcomes: Mapping[str, ChargeOutcome] = {
        "succeeded": "paid",
        "requires_action": "authentication_required",
        "requires_payment_method": _declined(member_of(intent, "last_payment_error")),
        "canceled": "declined",
    }
    outcome = outcomes.get(word(intent.get("status")), "processing")
    return Charged(outcome, member(intent, "id", ID), _told(intent))


def _not_charged(refusal: ProviderRefused) -> Charged:
    """Says what became of a charge that Stripe refused.

    Raises:
        ProviderUnavailable: the key was used with other parameters: what it charged then, this answer does not tell.
        ProviderRefused: for no reason of the method's.
    """
    said = refusal.said
    if said.get("type") == "idempotency_error":
        raise ProviderUnavailable("the key of the charge was used before") from refusal
    if refusal.status == CARD_ERROR:
        intent = said.get("payment_intent")
        known = isinstance(intent, Mapping) and isinstance(intent.get("id"), str)
        told = _told(intent) if known else None
        return Charged(_declined(said), told.payment_id if told else None, told)
    if said.get("code") == "resource_missing" and said.get("param") in ("customer", "payment_method"):
        return Charged("method_missing")
    raise refusal


def _declined(said: Json) -> ChargeOutcome:
    """Says why a card was declined."""
    codes = {word(said.get("code")), word(said.get("decline_code"))}
    if "authentication_required" in codes:
        return "authentication_required"
    return "method_expired" if "expired_card" in codes else "declined"


def _shown(terms: str) -> str:
    """Shortens terms to what Stripe shows: the buyer has read all of them before, at the seller's."""
    ending = " … (the terms that you agreed to go on)"
    return terms if len(terms) <= MESSAGE else terms[: MESSAGE - len(ending)].rsplit(maxsplit=1)[0] + ending


def _recurring(every: str) -> SessionCreateParamsLineItemPriceDataRecurring:
    """Converts a period into Stripe's: ``P3M`` is every three months."""
    interval: Any = INTERVALS[every[-1]]
    return {"interval": interval, "interval_count": int(every[1:-1])}


def _names_an_order(intent: Json) -> bool:
    """Tells whether an intent's metadata, which only we write, names an order."""
    return optional_identity(member_of(intent, "metadata"), "topup_id") is not None


def _is_invoice(payment_id: str) -> bool:
    """Tells an invoice from a payment intent by its prefix."""
    return payment_id.startswith("in_")


def _intents(invoice: Json | None) -> list[str]:
    """Returns the intents that an invoice was paid with, from its ``payments``."""
    payments = invoice.get("payments") if invoice else None
    paid = [row.get("payment") for row in rows(payments, "data")] if payments else []
    intents = [one.get("payment_intent") for one in paid if isinstance(one, Mapping)]
    return [one for one in intents if isinstance(one, str)]


def _told(data: Any) -> Delivery:
    """Reads an object of the API as ``objects`` does."""
    return Delivery("stripe", "read", *read_object(data), method=method_of(data))


def _wire(client: httpx.Client) -> HTTPClient:
    """Makes the transport by which the SDK sends its requests.

    What ``client`` raises passes through the SDK unchanged.
    """
    from stripe import HTTPClient

    class Wire(HTTPClient):
        name = "httpx"

        def request(
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
        ) -> tuple[str, int, Mapping[str, str]]:
            answer = client.request(method, url, headers=headers, content=post_data)
            return answer.text, answer.status_code, answer.headers

        def close(self) -> None:
            client.close()

    return Wire()
