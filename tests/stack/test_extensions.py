"""An extension of all accounts on the real tables: asked for by many at once, and by the schedule, each lot once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stack.conftest import App

ACCOUNTS = 40


def test_all_lots_are_moved_once_whoever_goes_on_with_it_at_the_same_time(stack: App, account: str) -> None:
    """Laws 3 and 10. The accounts are called as identity providers call them, in paths as they are and encoded."""
    unit, hour = f"u-{account}", datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    ends, later = (f"{hour + timedelta(days=days):%Y-%m-%dT%H:00:00.000Z}" for days in (2, 5))
    assert stack.client.put(f"/v1/units/{unit}", json={"precision": 0}).status_code == 201
    names = [f"auth0|{account}-{number}" for number in range(ACCOUNTS)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: stack.grant(name, "5", unit=unit, expires_at=ends), names))
        body = {"incident": account, "by": "P3D", "all": True, "unit": unit}

        def asked(_: int) -> Any:
            return stack.client.post("/v1/extensions", json=body)

        answers = list(pool.map(asked, range(4)))
    assert {answer.status_code for answer in answers} <= {202, 409, 503}, [one.text for one in answers]

    def done() -> Any:
        told = asked(0).json()
        return told if told["status"] == "done" else None

    told = stack.eventually(done, 60)
    assert (told["moved"], told["accounts"], told["failed"]) == (ACCOUNTS, ACCOUNTS, 0)
    for name in (names[0], names[ACCOUNTS // 2].replace("|", "%7C"), names[-1]):
        assert [lot["expires_at"] for lot in stack.get(f"/v1/accounts/{name}/lots", unit=unit)["items"]] == [
            later
        ]
        kinds = [entry["kind"] for entry in stack.entries(name, unit=unit)]
        assert kinds == ["expiry_change", "grant"]
    assert stack.verify(names[0], unit)["findings"] == []
