"""Batches that are refused, or priced, while somebody else changes what they go by (laws 3 and 10)."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.services.engine.executor import Executor, Moment
from scrip.services.engine.requests import WalletRequest, execute
from scrip.services.wallets.grants import GrantCredits, LotTerms
from scrip.store import keys
from tests.aws import NEW_YEAR, Deployment, listening
from tests.http.wallets.test_batches import batch, burns, told
from tests.http.wallets.test_metered_burns import card, each, meter_of

pytestmark = pytest.mark.usefixtures("in_memory")


@pytest.mark.parametrize("granted", [True, False], ids=["others grant", "others do nothing"])
def test_what_is_refused_while_others_grant_is_decided_again(
    scrip: Deployment, account: str, granted: bool
) -> None:
    """Both burns are refused on 1 credit, as it was read for them. Before that is answered, it is looked whether that
    is so: somebody else has granted 99, of which both are paid."""
    scrip.grant(account, "1")
    scrip.cold()
    pk, reads = keys.wallet(account, "credits"), []

    def hears(params: Any, **_: Any) -> None:
        if params["Key"]["pk"]["S"] != pk:
            return
        reads.append(params)
        if granted and len(reads) == 2:
            asked = WalletRequest(account, "credits", "g2", "key:k2", Moment(runtime.now()))
            execute(Executor(runtime.tables()), GrantCredits("99", LotTerms()), asked)

    with listening("before-parameter-build.dynamodb.GetItem", hears):
        answer = batch(scrip, account, *burns("a 60, b 40"))
    if granted:
        assert told(answer) == [("a", 201, "-60"), ("b", 201, "-40")]
    else:
        assert told(answer) == [("a", 402, "insufficient_credits"), ("b", 402, "insufficient_credits")]
    assert answer.balance["total"] == ("0" if granted else "1")


def test_under_the_test_clock_a_batch_reads_its_cards_anew(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process put a price of 2 that holds from a minute on; this one remembers 1."""
    meter = meter_of(account)
    card(scrip, meter, each("1"))
    scrip.grant(account, "100", clock=NEW_YEAR)
    one = {"meter": meter, "quantity": 1}
    assert told(batch(scrip, account, {"key": "a", **one}, clock=NEW_YEAR)) == [("a", 201, "-1")]
    known, other = runtime.executor, Executor(runtime.tables())
    monkeypatch.setattr(runtime, "executor", lambda: other)
    card(scrip, meter, each("2"))
    monkeypatch.setattr(runtime, "executor", known)
    later = batch(scrip, account, {"key": "b", **one}, clock="2030-01-01T00:01:00.000Z")
    assert told(later) == [("b", 201, "-2")]
