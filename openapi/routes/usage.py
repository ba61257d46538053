"""Usage at any rate: pages of burns, and settlements of leases."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT, WRITE
from scrip.http.usage.leases import SettledView
from scrip.http.usage.records import BookedPageView, FoundRecordView, RecordPageView

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
)
