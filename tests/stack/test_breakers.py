"""A wallet that runs away is frozen within one commit of what passed its breaker, however many burn at once (law 2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.stack.conftest import App

THREADS = 16


def test_sixteen_at_once_burn_just_what_passes_the_amount_and_nothing_more(stack: App, account: str) -> None:
    """100 within an hour, each burns 7: the 15th makes 105, and nobody burns after it."""
    unit = f"fast-{account}"
    policy = {"runaway": {"amount": "100", "within": "PT1H"}}
    put = stack.client.put(f"/v1/units/{unit}", json={"precision": 2, "policy": policy})
    assert put.status_code == 201, put.text
    stack.grant(account, "10000", unit=unit)

    def burn(_: int) -> list[int]:
        return [stack.burn(account, "7", unit=unit).status_code for _ in range(2)]

    with ThreadPoolExecutor(THREADS) as pool:
        codes = [code for each in pool.map(burn, range(THREADS)) for code in each]
    assert codes.count(201) == 15
    assert set(codes) <= {201, 409, 503}
    balance = stack.balance(account, unit=unit)
    assert (balance["status"], balance["total"]) == ("frozen", "9895")
    last = stack.entries(account, unit=unit)[0]
    assert (last["kind"], last["runaway"]["burned"], last["seq"]) == ("status", "105", 17)
    assert stack.verify(account, unit)["findings"] == []
