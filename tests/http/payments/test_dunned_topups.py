"""An automatic top-up that fails is dunned as a renewal is, once for its order: 1 000 credits for 100.00 USD."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.standins.dodo import Provider as Dodo
from local.standins.stripe import Provider as Stripe
from scrip import runtime
from scrip.http.edge.parameters import format_instant
from tests.aws import Deployment
from tests.http.payments.automatic import Automatic
from tests.http.payments.test_auto_charges import at as at
from tests.http.payments.test_auto_charges import automatic as automatic
from tests.http.payments.test_auto_charges import empty, later
from tests.metrics import counted


def runs(automatic: Automatic) -> list[dict[str, Any]]:
    return list(automatic.scrip.get(f"/v1/accounts/{automatic.account}/dunning").body["items"])


@pytest.fixture
def declined(automatic: Automatic) -> Automatic:
    """One whose card is declined."""
    assert automatic.scrip.put("/v1/dunning", {"prompts": ["PT0S", "P3D"]}).status == 200
    automatic.provider.charges_come = "declined"
    empty(automatic)
    automatic.settle()
    assert automatic.state() == ("backing_off", "declined")
    return automatic


def test_it_has_one_run_however_often_it_is_tried(
    declined: Automatic, capsys: pytest.CaptureFixture[str]
) -> None:
    for tries in (2, 3, 4):
        declined.scrip.look_at(later(declined))
        assert len(declined.provider.charged) == tries
    assert declined.state() == ("suspended", "suspended_after_failures")
    (run,) = runs(declined)
    assert run["status"] == "open"
    begun = {"DunningBegun": 1, "dunning": run["dunning_id"], "reason": run["reason"]}
    assert counted(capsys, "DunningBegun") == [begun] * 4


def test_its_prompt_has_a_page_and_who_pays_there_ends_it_and_is_topped_up_again(
    declined: Automatic,
) -> None:
    scrip = declined.scrip
    (run,) = runs(declined)
    assert (run["reason"], run["status"], run["unit"]) == ("auto_topup_failed", "open", "credits")
    scrip.told()
    scrip.dun(format_instant(runtime.now() + 1000))
    (told,) = scrip.told("scrip.topup.prompt")
    assert told["data"]["reason"] == "auto_topup_failed"
    assert told["data"]["checkout_url"]
    prompt = scrip.get(f"/v1/topups/{told['data']['topup_id']}").body
    assert prompt["checkout_session_id"]
    # It is an order of the buyer's own, and what it is paid with is kept.
    assert (prompt["automatic"], prompt["save_payment_method"]) == (False, True)
    assert declined.known["spent"]["count"] == 0
    before = len(declined.provider.said)
    declined.provider.pay(prompt["checkout_session_id"], {"webhook": False})
    declined.deliver(*declined.provider.said[before:])
    declined.settle()
    assert [run["status"] for run in runs(declined)] == ["paid"]
    assert declined.state() == ("ready", None)
    scrip.sound(declined.account)


def test_authentication_that_is_needed_is_prompted_for_too_and_a_missing_method_is_not(
    scrip: Deployment, at: Dodo | Stripe, automatic: Automatic, account: str
) -> None:
    assert scrip.put("/v1/dunning", {"prompts": ["PT0S"]}).status == 200
    other = f"{account}-b"
    scrip.grant(other, "5")
    wanted = {"threshold": "100", "pack": account, "provider": automatic.name}
    assert scrip.put(f"/v1/accounts/{other}/auto-topup", wanted).body["reason"] == "method_missing"
    assert scrip.get(f"/v1/accounts/{other}/dunning").body["items"] == []
    automatic.provider.charges_come = "authentication_required" if automatic.name == "stripe" else "declined"
    empty(automatic)
    automatic.settle()
    assert [run["reason"] for run in runs(automatic)] == ["auto_topup_failed"]


def test_nobody_is_asked_to_pay_where_a_provider_refuses_or_does_not_answer(automatic: Automatic) -> None:
    empty(automatic)
    automatic.provider.charges_come = "unavailable"
    automatic.settle()
    assert runs(automatic) == []


def test_a_look_that_was_asked_for_before_the_last_payment_fails_after_it(automatic: Automatic) -> None:
    """The message of a burn is late: it comes an hour after the payment by hand that filled the wallet, and after a
    burn that emptied it again. What is declined then is later than both, and so it is dunned."""
    scrip = automatic.scrip
    assert scrip.put("/v1/dunning", {"prompts": ["PT0S"]}).status == 200
    late = runtime.now()
    empty(automatic)
    automatic.burn("10", clock=format_instant(late + 3_600_000))
    automatic.provider.charges_come = "declined"
    asked = {"account": automatic.account, "unit": "credits", "at": late - 3_600_000}
    scrip.sqs.send_message(
        QueueUrl=scrip.auto_topups_url,
        MessageBody=json.dumps(asked),
        MessageGroupId=automatic.account,
        MessageDeduplicationId="late",
    )
    scrip.look()

    assert automatic.state() == ("backing_off", "declined")
    (run,) = runs(automatic)
    assert run["since"] == format_instant(late + 3_600_000)


def test_a_top_up_by_hand_ends_it(declined: Automatic) -> None:
    declined.buys(save_payment_method=False)
    assert [run["status"] for run in runs(declined)] == ["paid"]
