"""What is asked when a recorded life (see ``life``) is there: all of it once more, and then how it goes on.

Owns which rows are read by which routes, and the instants of a recording. Does not play anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

Json = dict[str, Any]
Steps = list[Json]

END: Final = 1_896_400_800_000
"""When the first part ends: 2030-02-04T02:00:00Z, after everything of it."""


def day(number: int, hour: int = 0) -> str:
    """Returns an instant of the year 2030, by the day of its first month or the two after."""
    month = 1 + (number - 1) // 28
    return f"2030-{month:02d}-{1 + (number - 1) % 28:02d}T{hour:02d}:00:00.000Z"


def accounts(rows: Iterable[Json]) -> list[tuple[str, str]]:
    """Returns account and unit of every wallet."""
    return sorted({tuple(one["pk"]["S"].split("#")[1:]) for one in rows if one["pk"]["S"].startswith("w#")})


def again(rows: dict[str, list[Json]], steps: Steps, now: int) -> Iterator[Json]:
    """Yields reads of everything there is, and every request once more."""
    for account, unit in accounts(rows["wallets"]):
        path, query = f"/v1/accounts/{account}", {"unit": unit}
        for what, more in (
            ("balance", {}),
            ("balance", {"at": day(2)}),
            ("lots", {"status": "all", "limit": "1000"}),
            ("explain", {}),
        ):
            yield _get(now, f"{path}/{what}", {**query, **more}, clock=day(31))
        yield _get(now, f"{path}/entries", {**query, "limit": "1000"})
    for item in rows["wallets"]:
        yield from _read(now, item["pk"]["S"].split("#"), item["sk"]["S"].split("#"))
    yield _get(now, "/v1/payments", {"status": "parked"})
    for step in steps:
        if "http" in step or "queue" in step:
            yield {**step, "now": now}


def _read(now: int, pk: list[str], sk: list[str]) -> Iterator[Json]:
    if sk[0] == "hold":
        yield _get(now, f"/v1/accounts/{pk[1]}/holds/hold_{sk[1]}", {"unit": pk[2]}, clock=day(31))
    if sk[0] == "allowance":
        yield _get(now, f"/v1/accounts/{pk[1]}/allowances/{sk[1]}", {"unit": pk[2]}, clock=day(31))
    folder = {
        "unit": "units",
        "pack": "packs",
        "rate": "rates",
        "promo": "promotions",
        "topup": "topups",
    }.get(pk[0])
    if folder and sk[0] == "head":
        yield _get(now, f"/v1/{folder}/{pk[1]}")
    if pk[0] == "payment":
        yield _get(now, f"/v1/payments/{pk[1]}/{pk[2]}")
        for what in ("money", "credit"):
            yield _get(now, f"/v1/payments/{pk[1]}/{pk[2]}/refund-quote", {"as": what})


def _get(now: int, path: str, query: Json | None = None, **more: Any) -> Json:
    return {
        "now": now,
        "http": {"method": "GET", "path": path, **({"query": query} if query else {}), **more},
    }


def later(rows: dict[str, list[Json]], late: list[Json], now: int) -> Iterator[Json]:
    """Yields what comes next: lots, holds, allowances and payments of before are taken up."""
    number = iter(range(1000))

    def post(path: str, body: Json, clock: str | None = None) -> Json:
        more = {"clock": clock} if clock else {}
        key = f"later-{next(number)}"
        return {"now": now, "http": {"method": "POST", "path": path, "body": body, "key": key, **more}}

    for record in late:
        yield {"now": now, "queue": [record]}
    for account, unit in accounts(rows["wallets"]):
        path = f"/v1/accounts/{account}"
        yield post(f"{path}/grants", {"amount": "2", "unit": unit}, day(33))
        yield post(f"{path}/burns", {"amount": "3", "unit": unit}, day(33))
        yield post(f"{path}/burns", {"amount": "9", "unit": unit, "mode": "up_to"}, day(33))
        yield post(f"{path}/holds", {"amount": "1", "unit": unit, "expires_in": "PT1H"}, day(33))
    for item in rows["wallets"]:
        pk, sk = item["pk"]["S"].split("#"), item["sk"]["S"].split("#")
        if sk[0] == "hold":
            yield post(f"/v1/accounts/{pk[1]}/holds/hold_{sk[1]}/capture", {"unit": pk[2]}, day(34))
    for item in rows["ledger"]:
        if item["kind"]["S"] in ("burn", "capture") and int(item["tl"]["S"][-2:]) % 3 == 0:
            _, account, unit = item["pk"]["S"].split("#")
            yield post(f"/v1/accounts/{account}/burns/{item['sk']['S']}/reversal", {"unit": unit}, day(34))
    yield post("/v1/accounts/acme/transfers", {"to_account": "c", "amount": "7"}, day(34))
    yield post("/v1/accounts/i/lots/lot_1/void", {"reason": "late", "unit": "images"}, day(34))
    yield post("/v1/accounts/many/burns", {"amount": "90"}, day(35))
    yield post("/v1/accounts/frozen/unfreeze", {"reason": "found"}, day(35))
    yield {"now": now, "sweep": "2030-04-15T00:00:00.000Z"}
    yield {"now": now, "sweep": "2031-04-15T00:00:00.000Z"}
    for account, unit in accounts(rows["wallets"]):
        clock = "2031-04-15T00:00:00.000Z"
        yield _get(now, f"/v1/accounts/{account}/balance", {"unit": unit}, clock=clock)
        yield _get(now, f"/v1/accounts/{account}/explain", {"unit": unit}, clock=clock)
