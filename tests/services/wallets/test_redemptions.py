"""A promotion that gets another version while somebody redeems it: the bounds are those of the newest (law 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from scrip import runtime
from scrip.store import documents, items, keys, promotions
from tests.aws import Deployment, listening
from tests.http.contract import refused
from tests.http.wallets.test_redemptions import counted, promote, redeem

pytestmark = pytest.mark.usefixtures("in_memory")


def again(code: str, **terms: Any) -> None:
    """Stores the promotion's next version."""
    known = documents.get(runtime.tables(), keys.promotion(code))
    body = {**known.body, "version": known.body["version"] + 1, **terms}
    assert documents.put(runtime.tables(), keys.promotion(code), known.rev, body)


@contextmanager
def before(pk: str, sk: str, act: Callable[[], object], times: int = 1) -> Iterator[None]:
    """Something happens before each of the next reads of an item."""
    left, inside = [True] * times, [False]

    def hears(params: Any, **_: Any) -> None:
        if left and not inside[0] and params["Key"] == items.key(pk, sk):
            left.pop()
            inside[0] = True
            act()
            inside[0] = False

    with listening("before-parameter-build.dynamodb.GetItem", hears):
        yield


@pytest.mark.parametrize(("most", "status"), [(1, 409), (2, 201)])
def test_a_promotion_that_is_bound_meanwhile_keeps_its_bound(
    scrip: Deployment, account: str, most: int, status: int
) -> None:
    """It gave 10 without bound when it was looked at. Now it gives 20, once or twice, and another account has redeemed
    that: its share, and all shares, are those of the next version."""
    code, other = f"LAUNCH-{account}", f"{account}-b"
    promote(scrip, code)

    def binds() -> None:
        again(code, amount="20", max_redemptions=most)
        assert redeem(scrip, other, code).status == 201

    share = keys.promotion_share(code, promotions.share_of(account))
    with before(share, keys.COUNT, binds):
        answer = redeem(scrip, account, code)
    assert answer.status == status, answer.text
    if status == 409:
        refused(answer, 409, "promotion_exhausted")
        assert scrip.wallet(account) == []
    else:
        assert answer.balance["total"] == "20"
    assert counted(code) == (most, most * 20_000_000)


@pytest.mark.parametrize(("changes", "status"), [(6, 201), (7, 409)])
def test_a_promotion_that_is_changed_each_time_is_looked_at_four_times(
    scrip: Deployment, account: str, changes: int, status: int
) -> None:
    """Each time somebody else has redeemed the next version before its pool is read: that is twice in each look, but
    for the last one."""
    code, version = f"LAUNCH-{account}", count(2)
    promote(scrip, code, max_redemptions=5)

    def changed() -> None:
        again(code)
        promotions.renew(runtime.tables(), code, next(version))

    with before(keys.promotion(code), keys.COUNT, changed, changes):
        answer = redeem(scrip, account, code)
    assert answer.status == status, answer.text
    if status == 409:
        refused(answer, 409, "contended")
    assert counted(code)[0] == (status == 201)
