"""Payments: what is known of them, refunds of them, and what people decide of those that wait."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, READ, WRITE
from scrip.http.payments.payments import PaymentPageView, PaymentView
from scrip.http.payments.refunds import PaymentRefundedView, RefundQuoteView
from scrip.http.payments.resolutions import ResolvedView

OPERATIONS: Final = (
    Operation(
        route="GET /v1/payments",
        id="list_payments",
        tag="Payments",
        summary="Payments",
        description="Those that Scrip heard of last come first. `parked`: something that their provider said could not "
        "be used, or fits no order. No credit moves on a guess, and nothing is lost. Those that wait longest come "
        "first. A key of one account sees the payments of that account.",
        answers={200: PaymentPageView},
        query=("payments.status", "of.account", "payments.topup", "limit", "cursor"),
        table=True,
    ),
    Operation(
        route="GET /v1/payments/{provider}/{payment_id}",
        id="get_payment",
        tag="Payments",
        summary="A payment",
        description="A key of one account sees the payments of that account; one that is nobody's yet needs scope "
        "`admin`.",
        answers={200: PaymentView},
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/payments/{provider}/{payment_id}/refund-quote",
        id="quote_refund",
        tag="Payments",
        summary="What a refund would come to",
        description="As of now: what has expired is not unspent. Moves nothing.",
        answers={200: RefundQuoteView},
        query=("refund.amount", "refund.as"),
        clock=True,
        refusals=(*READ, "policy_violation"),
    ),
    Operation(
        route="POST /v1/payments/{provider}/{payment_id}/refunds",
        id="refund_payment",
        tag="Payments",
        summary="Refund a payment",
        description="As money, the share of the credits is frozen, the provider is asked, and what it says is posted. "
        "Where it does not answer (503) the credits stay frozen, and the same key asks again for the same. Where it "
        "has no API here, your own gateway does the refund and names `request_id` in its webhook. As credit, the money "
        "is kept, and as many credits come back as a lot of kind `refund`.",
        body="PaymentRefundBody",
        answers={201: PaymentRefundedView},
        key=True,
        clock=True,
        refusals=(*WRITE, "policy_violation"),
        example={"as": "money", "reason": "asked for within 14 days"},
    ),
    Operation(
        route="POST /v1/payments/{provider}/{payment_id}/resolutions",
        id="resolve_payment",
        tag="Payments",
        summary="Decide about a payment that waits",
        description="`accept`: it pays this order, whatever differs. `dismiss`: what it waits for now was looked at. "
        "`state`: a refund or dispute is of this amount. `settle`: it ended so. "
        "Needs no key: the same again changes nothing.",
        body="ResolutionBody",
        answers={200: ResolvedView},
        clock=True,
        refusals=(*READ, *AMOUNT, "policy_violation"),
        example={"action": "dismiss", "reason": "paid back by bank transfer"},
    ),
)
