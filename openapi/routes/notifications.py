"""Of what somebody wants to hear."""

from typing import Final

from openapi.declare import Operation
from openapi.routes.refusals import AMOUNT
from scrip.http.notifications.alerts import AlertsView
from scrip.http.notifications.notices import NoticePageView

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/accounts/{account}/alerts",
        id="put_alerts",
        tag="Notifications",
        summary="Give an account alerts of its own",
        description="They take the place of the unit's, member by member, from this answer on. What is left out is the "
        "unit's; an empty list is none. A changed threshold tells nothing by itself.",
        body="AlertsBody",
        answers={200: (AlertsView, "It had some: as they are now."), 201: (AlertsView, "It had none.")},
        query=("unit",),
        clock=True,
        refusals=(*AMOUNT, "not_found", "clock_backwards", "contended"),
        example={
            "low_balance": ["100", "20%"],
            "run_out_days": [7, 1],
            "expiry_notices": ["P30D", "P7D", "P1D"],
        },
    ),
    Operation(
        route="GET /v1/accounts/{account}/alerts",
        id="get_alerts",
        tag="Notifications",
        summary="An account's own alerts",
        answers={200: AlertsView},
        query=("unit",),
        refusals=("invalid_request", "not_found"),
    ),
    Operation(
        route="DELETE /v1/accounts/{account}/alerts",
        id="delete_alerts",
        tag="Notifications",
        summary="Take an account's own alerts away",
        description="From this answer on the unit's count.",
        answers={204: (None, "The unit's count.")},
        query=("unit",),
        clock=True,
        refusals=("invalid_request", "not_found", "clock_backwards", "contended"),
    ),
    Operation(
        route="GET /v1/accounts/{account}/notices",
        id="list_notices",
        tag="Notifications",
        summary="Notices that lots are to end",
        description="Each is given once, so long before its lot's end as the lot's terms say, and tells where it has "
        "arrived. Without `unit` those of all units.",
        answers={200: NoticePageView},
        query=("notices.unit", "limit", "cursor"),
        table=True,
        refusals=("invalid_request", "not_found"),
    ),
)
