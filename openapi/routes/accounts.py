"""Profiles of accounts."""

from typing import Final

from openapi.declare import Operation
from scrip.http.accounts.profiles import ProfileView

OPERATIONS: Final = (
    Operation(
        route="PUT /v1/accounts/{account}/profile",
        id="put_profile",
        tag="Accounts",
        summary="Say who an account is of",
        description="The one place for personal data: whatever else you send is kept for ever. It replaces all of the "
        "profile before; the same again changes nothing.",
        body="ProfileBody",
        answers={200: (ProfileView, "It was there: as it is now."), 201: (ProfileView, "It is new.")},
        clock=True,
        refusals=("contended",),
        example={"name": "Ann Example", "email": "ann@example.com", "country": "DE", "locale": "de-DE"},
    ),
    Operation(
        route="GET /v1/accounts/{account}/profile",
        id="get_profile",
        tag="Accounts",
        summary="An account's profile",
        answers={200: ProfileView},
        refusals=("not_found",),
    ),
    Operation(
        route="DELETE /v1/accounts/{account}/profile",
        id="delete_profile",
        tag="Accounts",
        summary="Erase an account's profile",
        description="For good, and with it what payment providers sent that names the customer. The ledger stays as it "
        "is, and so does since when the account was of which country. Where there is too much for one request, the "
        "profile is gone and the answer is 503: send it again, and it goes on.",
        answers={204: (None, "It is erased.")},
        clock=True,
        refusals=("not_found", "contended"),
    ),
)
