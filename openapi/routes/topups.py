"""Orders, and the provider's webhooks."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT
from scrip.http.payments.deliveries import ReceivedView
from scrip.http.payments.topups import TermsView, TopupPageView, TopupView

OPERATIONS: Final = (
    Operation(
        route="GET /v1/packs/{pack}/terms",
        id="pack_terms",
        tag="Buying",
        summary="What an order would agree to now",
        description="Show `terms` before the order, and order with `accept_terms` the `terms_version`: what changed in "
        "between is then refused (409 `terms_changed`), not agreed to.",
        answers={200: TermsView},
        query=("terms.quantity", "terms.currency", "terms.provider"),
        refusals=(*AMOUNT, "not_found"),
    ),
    Operation(
        route="POST /v1/topups",
        id="order",
        tag="Buying",
        summary="Order packs",
        description="Send the buyer to `checkout_url`. The credits are granted once the provider's webhook says that "
        "they are paid; of a subscription each time. Where the provider does not answer (503), the same key goes on "
        "with the same order. Where it has no checkout here (`standard`, `paddle`), your app opens its own and names "
        "`topup_id` in it.",
        body="TopupBody",
        answers={201: TopupView},
        key=True,
        clock=True,
        refusals=("contended", *AMOUNT, "not_found", "policy_violation", "terms_changed", "topup_not_open"),
        example={
            "account": "acme",
            "pack": "starter",
            "quantity": 1,
            "return_url": "https://shop.example.test/thanks",
            "accept_terms": True,
        },
    ),
    Operation(
        route="GET /v1/topups",
        id="list_topups",
        tag="Buying",
        summary="Orders, newest first",
        description="A key of one account sees the orders of that account.",
        answers={200: TopupPageView},
        query=("of.account", "topups.status", "topups.from", "topups.to", "limit", "cursor"),
        clock=True,
        table=True,
    ),
    Operation(
        route="GET /v1/topups/{topup_id}",
        id="get_order",
        tag="Buying",
        summary="An order",
        answers={200: TopupView},
        clock=True,
        refusals=("not_found",),
    ),
    Operation(
        route="POST /v1/topups/{topup_id}/cancel",
        id="cancel_order",
        tag="Buying",
        summary="Cancel an order that is not paid",
        description="Again, it answers the same. The provider is not asked: if the buyer pays at its checkout all the "
        "same, the credits are granted.",
        body="CancelBody",
        answers={200: TopupView},
        clock=True,
        refusals=("not_found", "topup_not_open", "contended"),
    ),
    Operation(
        route="POST /v1/webhooks/{provider}",
        id="webhook",
        tag="Buying",
        summary="Take what a payment provider says",
        description="For the provider. The signature, over the raw body, is the authentication. 200 once it is stored; "
        "any order and any number of times ends in the same credits.",
        answers={200: ReceivedView},
        clock=True,
        signed=True,
        refusals=("unauthenticated", "body_too_large", "invalid_request", "not_found"),
    ),
)
