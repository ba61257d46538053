"""Usage at any rate: pages of burns, settlements of leases, events of usage."""

from typing import Final

from openapi.declare import Operation
from openapi.problems import PREFIX
from openapi.routes.refusals import AMOUNT, READ, WRITE
from scrip.http.usage.forecasts import ForecastView
from scrip.http.usage.intake import BATCH, FORM, ONE, UsageAcceptedView
from scrip.http.usage.leases import SettledView
from scrip.http.usage.records import BookedPageView, FoundRecordView, RecordPageView
from scrip.http.usage.rejections import DismissedView, RedrivenView, RejectedUsagePageView
from scrip.http.usage.totals import UsedPageView

EVENT: Final = {"$ref": f"{PREFIX}UsageEventBody"}

OPERATIONS: Final = (
    Operation(
        route="POST /v1/accounts/{account}/burns/pages",
        id="burn_page",
        tag="Moving credits",
        summary="Spend credits up to 1 000 times in one entry",
        description="For a wallet that is burned from hundreds of times a second. Each record is burned once for ever "
        "by its stream and offset: the same page sent again burns nothing, pages that overlap burn what is new. What "
        "can be paid is taken in order; a record that cannot is refused alone, and its offset is used up.",
        body="BurnPageBody",
        answers={200: BookedPageView},
        clock=True,
        refusals=(*WRITE, *AMOUNT, "wallet_frozen", "policy_violation", "offset_gap"),
        example={
            "stream": "worker-7",
            "first": 0,
            "records": [["2", "req-1"], ["0.5", "req-2"], None],
        },
    ),
    Operation(
        route="POST /v1/accounts/{account}/holds/{hold_id}/settle",
        id="settle",
        tag="Holds",
        summary="Settle a lease",
        description="Books what the holder has spent in memory, as records whose stream is the lease, and fills the "
        "lease up again, in one commit. Each record is burned once for ever by its offset. One beyond what the lease "
        "has is refused alone. To be filled up is never refused: there may be less.",
        body="SettleBody",
        answers={201: SettledView},
        clock=True,
        refusals=(*WRITE, *AMOUNT, "policy_violation", "offset_gap", "hold_not_open"),
        example={"first": 0, "records": [["2", "req-1"]], "renew": "500"},
    ),
    Operation(
        route="POST /v1/usage",
        id="report_usage",
        tag="Moving credits",
        summary="Report usage as CloudEvents, of any accounts",
        description="Up to 1 000 events, 1 MB: `type` is the meter, `subject` the account; `source` with `id` names "
        "the event for ever: it is burned once, however often it comes. In CloudEvents' structured, batch and binary "
        "mode, or as `events` of JSON. What cannot be right is rejected here, each by its place; the others are queued "
        "and burned within seconds, by the price of their `time`. What cannot be burned then is told by the event "
        "`scrip.usage.rejected`, and listed.",
        body="UsageBody",
        answers={202: UsageAcceptedView},
        query=("usage.quantity", "usage.dimensions"),
        clock=True,
        refusals=(),
        forms={
            ONE: EVENT,
            BATCH: {"type": "array", "items": EVENT, "minItems": 1, "maxItems": 1000},
            FORM: {"type": "object", "description": "A meter event, as Stripe takes it."},
        },
        example={
            "events": [
                {
                    "specversion": "1.0",
                    "id": "req-4711",
                    "source": "/api/eu-1",
                    "type": "tokens",
                    "subject": "acme",
                    "time": "2026-11-23T10:00:00Z",
                    "data": {"quantity": "1200", "dimensions": {"model": "large"}},
                }
            ]
        },
    ),
    Operation(
        route="GET /v1/usage/rejected",
        id="list_rejected_usage",
        tag="Moving credits",
        summary="Events of usage that were accepted and could not be burned",
        description="Those that came last first, each with the reason, for 35 days or until it is brought back.",
        answers={200: RejectedUsagePageView},
        query=("of.account", "usage.reason", "limit", "cursor"),
        table=True,
    ),
    Operation(
        route="POST /v1/usage/rejected/redrive",
        id="redrive_usage",
        tag="Moving credits",
        summary="Bring rejected events of usage back",
        description="Once what stood in their way is gone: a wallet is unfrozen, a budget raised. They are queued "
        "again, and leave the list; what is rejected once more is in it again. How late one is goes by when it came "
        "first.",
        body="RedriveBody",
        answers={202: RedrivenView},
        example={"all": True, "account": "acme", "reason": "wallet_frozen"},
    ),
    Operation(
        route="POST /v1/usage/rejected/dismissals",
        id="dismiss_usage",
        tag="Moving credits",
        summary="Take rejected events of usage out of the list",
        description="Those that nobody is to pay for: a test, a sender's mistake. They are burned no more, unless they "
        "are sent again.",
        body="RedriveBody",
        answers={200: DismissedView},
        example={"all": True, "account": "acme", "reason": "idempotency_key_reused"},
    ),
    Operation(
        route="GET /v1/accounts/{account}/entries/{entry_id}/records",
        id="list_records",
        tag="Wallets",
        summary="The records of an entry, in the order of their offsets",
        description="Those of a page of burns, or of a settlement of a lease. Another entry has none.",
        answers={200: RecordPageView},
        query=("id.unit", "limit", "cursor"),
        table=True,
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/accounts/{account}/burns",
        id="find_record",
        tag="Wallets",
        summary="One record, by its stream and offset",
        description="And the entry that booked it. An offset that was not used yet is not found; one that was skipped "
        "or given up is. Of a lease the stream is the hold's id.",
        answers={200: FoundRecordView},
        query=("unit", "burns.stream", "burns.offset"),
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/accounts/{account}/usage",
        id="usage",
        tag="Wallets",
        summary="What was used, by day or hour",
        description="Credits that were burned and captured, how much was counted for them, and their money; all of "
        "it, or by meter, member, tag or dimension. What was undone is given back in the period in which it was used. "
        "Up to date with the wallet: `through_seq` says up to which entry.",
        answers={200: UsedPageView},
        query=(
            "unit",
            "usage.from",
            "usage.to",
            "usage.every",
            "usage.time_zone",
            "usage.by",
            "usage.meter",
            "limit",
            "cursor",
        ),
        table=True,
        refusals=("not_found", "contended"),
    ),
    Operation(
        route="GET /v1/accounts/{account}/forecast",
        id="forecast",
        tag="Wallets",
        summary="When credits run out, and what will be left of them at their ends",
        description="If they are used as they were: burned and captured, in the last 28 days. It is the rate by which "
        "a run-out is told.",
        answers={200: ForecastView},
        query=("unit",),
        clock=True,
        refusals=READ,
    ),
)
