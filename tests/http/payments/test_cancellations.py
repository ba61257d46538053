"""Subscriptions that are cancelled and resumed at their providers, as customers and providers tell it.

10 000 credits a month for 100.00 USD."""

from __future__ import annotations

import pytest

from tests.aws import Deployment, Key
from tests.http.contract import invalid, refused
from tests.http.payments.test_dunning import Member
from tests.http.payments.test_dunning import member as member

pytestmark = pytest.mark.usefixtures("in_memory")

ASKED = pytest.mark.parametrize("member", ["stripe", "dodo"], indirect=True)


def path(member: Member, what: str) -> str:
    name = member.renewing["subscription_id"]
    return f"/v1/accounts/{member.account}/subscriptions/{member.name}/{name}/{what}"


@ASKED
def test_it_goes_on_to_the_end_of_what_was_paid_for_and_that_can_be_taken_back(member: Member) -> None:
    """Each may be sent again."""
    for _ in range(2):
        ending = member.scrip.post(path(member, "cancel"), {})
        assert (ending.status, ending.body["state"]) == (200, "cancelling")
        assert (ending.body["next_renewal_at"], bool(ending.body["ends_at"])) == (None, True)
    assert member.renewing == ending.body
    for _ in range(2):
        going_on = member.scrip.post(path(member, "resume"), {})
        assert (going_on.status, going_on.body["state"]) == (200, "active")
        assert (bool(going_on.body["next_renewal_at"]), going_on.body["ends_at"]) == (True, None)
    assert member.balance["available"] == "10000"


@ASKED
def test_what_ended_at_once_is_over_for_good(member: Member) -> None:
    for _ in range(2):
        over = member.scrip.post(path(member, "cancel"), {"at": "now"})
        assert (over.status, over.body["state"], over.body["ends_at"]) == (200, "cancelled", None)
    refused(
        member.scrip.post(path(member, "resume"), {}), 422, "policy_violation", policy="subscription_over"
    )
    assert member.scrip.post(path(member, "cancel"), {}).body["state"] == "cancelled"


@pytest.mark.parametrize("member", ["paddle", "standard"], indirect=True)
def test_where_no_api_is_called_it_is_cancelled_at_the_provider(member: Member) -> None:
    refused(member.scrip.post(path(member, "cancel"), {}), 422, "policy_violation", policy="provider_api")
    assert member.scrip.post(path(member, "resume"), {}).body["state"] == "active"


@ASKED
def test_a_provider_that_is_down_or_does_not_know_it_changes_nothing(member: Member) -> None:
    member.standins[member.name].down = True
    refused(member.scrip.post(path(member, "cancel"), {}), 503, "unavailable")
    member.standins[member.name].down = False
    assert member.renewing["state"] == "active"
    whole = member.standins[member.name].checkout(member.session)
    if member.name == "stripe":
        whole.session["subscription"] = "sub_other"
    else:
        whole.subscription["subscription_id"] = "sub_other"
    assert member.scrip.post(path(member, "cancel"), {}).code == "not_found"
    assert member.renewing["state"] == "active"


@ASKED
def test_who_may_and_what_may_be_said(member: Member) -> None:
    scrip, cancel = member.scrip, path(member, "cancel")
    own = Key(scope="top_up", account=member.account)
    assert scrip.post(cancel, {}, caller=own).status == 200
    assert scrip.post(path(member, "resume"), {}, caller=own).status == 200
    assert scrip.post(cancel, {}, caller=Key(scope="top_up", account="other")).status == 403
    assert scrip.post(cancel, {}, caller=Key(scope="read burn")).status == 403
    invalid(scrip.post(cancel, {"at": "tomorrow"}), "at")
    invalid(scrip.post(cancel, {"when": "now"}), "when")
    for other in (
        cancel.replace(member.account, f"{member.account}-b"),
        cancel.replace(f"/{member.name}/", "/paypal/"),
        cancel.replace("sub_", "sub_x"),
    ):
        assert scrip.post(other, {}).code == "not_found"


def test_the_schedule_is_checked(scrip: Deployment) -> None:
    for body, field in (
        ({"prompts": ["P3D", "P3D"]}, "prompts"),
        ({"prompts": [f"P{day}D" for day in range(1, 12)]}, "prompts"),
        ({"prompts": ["P2Y"]}, "prompts.0"),
        ({"prompts": ["3 days"]}, "prompts.0"),
        ({"prompts": [3]}, "prompts.0"),
        ({"prompts": None}, "prompts"),
        ({"grace": {"amount": "0", "expires_in": "P7D"}}, "grace.amount"),
        ({"grace": {"amount": 5, "expires_in": "P7D"}}, "grace.amount"),
        ({"grace": {"amount": "5"}}, "grace.expires_in"),
        ({"grace": {"amount": "5", "expires_in": "PT0S"}}, "grace.expires_in"),
        ({"grace": {"amount": "5", "expires_in": "P9999Y"}}, "grace.expires_in"),
        ({"every": "P1D"}, "every"),
    ):
        invalid(scrip.put("/v1/dunning", body), field)
    for scope in ("read", "grant", "top_up"):
        assert scrip.put("/v1/dunning", {}, caller=Key(scope=scope)).status == 403
        assert scrip.get("/v1/dunning", caller=Key(scope=scope)).status == 403
    assert scrip.put("/v1/dunning", {}).body == {"prompts": ["PT0S", "P3D", "P7D"], "grace": None}
    made = scrip.put("/v1/dunning", {"prompts": [], "grace": {"amount": "5.50", "expires_in": "P1M"}})
    assert made.body == {"prompts": [], "grace": {"amount": "5.5", "expires_in": "P1M"}}
    assert scrip.get("/v1/dunning").body == made.body
    (changed, *_) = scrip.get("/v1/audit", query={"action": "dunning.put"}).body["items"]
    assert (changed["target"], changed["after"]["prompts"]) == ({"type": "dunning", "id": "dunning"}, [])
