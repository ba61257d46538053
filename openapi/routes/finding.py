"""Searches for entries, across accounts."""

from typing import Final

from openapi.declare import Operation
from scrip.http.search.overages import BilledOveragePageView
from scrip.http.search.searches import FoundPageView

OPERATIONS: Final = (
    Operation(
        route="GET /v1/search",
        id="search",
        tag="Finding",
        summary="Entries by reference, payment, order, key or lot",
        description="By exactly one of them. `reference` is found within seconds of the commit, and "
        "`complete_through` says up to when nothing is missing; the others lack nothing. A key of one account finds "
        "that account's entries.",
        answers={200: FoundPageView},
        query=(
            "search.reference",
            "search.payment",
            "search.topup",
            "search.key",
            "search.lot",
            "search.account",
            "search.unit",
            "limit",
            "cursor",
        ),
        clock=True,
        table=True,
        refusals=("not_found",),
    ),
    Operation(
        route="GET /v1/overages",
        id="list_overages",
        tag="Finding",
        summary="What is to be billed of a month",
        description="What accounts owed as periods of allowances with `overage` `invoice` ended in this month (UTC). "
        "It is found within seconds of the commit, and `complete_through` says up to when nothing is missing.",
        answers={200: BilledOveragePageView},
        query=("overages.month", "limit", "cursor"),
        table=True,
    ),
)
