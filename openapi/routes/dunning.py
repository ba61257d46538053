"""Dunning: its schedule, and its runs; subscriptions."""

from typing import Final

from openapi.declare import Operation
from scrip.http.payments.dunning import DunningPageView, DunningView
from scrip.http.payments.subscriptions import SubscriptionPageView, SubscriptionView

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/dunning",
        id="put_dunning",
        tag="Buying",
        summary="Say what follows a renewal or an automatic top-up that fails",
        description="Each prompt makes an order of the same sale and tells of it as the event `scrip.topup.prompt`, "
        "with a page to pay on. Credits to go on with are granted once for each failure. It ends once any top-up of "
        "the wallet is paid. What has begun keeps what it began with.",
        body="DunningBody",
        answers={200: DunningView},
        clock=True,
        refusals=("contended",),
        example={"prompts": ["PT0S", "P3D", "P7D"], "grace": {"amount": "100", "expires_in": "P7D"}},
    ),
    Operation(
        route="GET /v1/dunning",
        id="get_dunning",
        tag="Buying",
        summary="What follows a renewal or an automatic top-up that fails",
        description="Where nobody has said it: a prompt at once, after three days and after seven, and no grace.",
        answers={200: DunningView},
    ),
    Operation(
        route="GET /v1/accounts/{account}/dunning",
        id="list_dunning",
        tag="Buying",
        summary="What followed an account's failures, newest first",
        description="One for each failure: of a renewal by its invoice, or by the period that is not paid where the "
        "provider gives each try another name; of an automatic top-up by its order.",
        answers={200: DunningPageView},
        query=("of.unit", "limit", "cursor"),
        table=True,
    ),
    Operation(
        route="GET /v1/accounts/{account}/subscriptions",
        id="list_subscriptions",
        tag="Buying",
        summary="What renews of an account",
        answers={200: SubscriptionPageView},
        query=("limit", "cursor"),
        table=True,
    ),
    Operation(
        route="POST /v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/cancel",
        id="cancel_subscription",
        tag="Buying",
        summary="Cancel a subscription at its provider",
        description="Again, it answers the same. Nothing is refunded, and no credit is taken. Where Scrip does not "
        "call the provider's API (`standard`, `paddle`) it is 422 `policy_violation`.",
        body="CancelSubscriptionBody",
        answers={200: SubscriptionView},
        refusals=("not_found", "policy_violation", "contended"),
        example={"at": "period_end"},
    ),
    Operation(
        route="POST /v1/accounts/{account}/subscriptions/{provider}/{subscription_id}/resume",
        id="resume_subscription",
        tag="Buying",
        summary="Let a subscription go on that was to end",
        description="Again, it answers the same. One that is over is 422 `policy_violation`: order its pack anew.",
        body="ResumeSubscriptionBody",
        answers={200: SubscriptionView},
        refusals=("not_found", "policy_violation", "contended"),
    ),
)
