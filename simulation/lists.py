"""What lists have, held against what there is after every transaction: they lack nothing, invent nothing (law 3)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from scrip.store import keys
from simulation.books import LawBroken
from simulation.dynamodb import Change

LISTS: Final = (keys.ACCOUNTS, keys.TOPUPS, keys.HEARD)
ACCOUNT: Final = keys.account("")
ORDER: Final = keys.topup("")
Place = tuple[str, str]


class Lists:
    """The lists of accounts, and of their wallets, orders and payments."""

    def __init__(self) -> None:
        self._places: set[Place] = set()

    def changed(self, changes: Sequence[Change]) -> None:
        """Looks at what was written at once. Raises ``LawBroken``."""
        added: set[Place] = set()
        due: set[Place] = set()
        for table, place, before, after in changes:
            if table != "wallets":
                continue
            if place[0] in LISTS or place[0].startswith(ACCOUNT):
                if after is None:
                    self._places.discard(place)
                elif before is None:
                    added.add(place)
            elif after is not None:
                due.update(_places(place, after))
        self._places |= added
        if missing := due - self._places:
            raise LawBroken(3, f"{min(missing)} was made, and its list lacks it")
        if invented := added - due:
            raise LawBroken(3, f"a list has {min(invented)}, and nothing was made of it")


def _places(place: Place, item: Any) -> Iterator[Place]:
    """Where lists must have what an item of the wallets table is."""
    pk, sk = place
    if sk == keys.WALLET:
        account, unit = keys.wallet_parts(pk)
        yield keys.ACCOUNTS, account
        yield keys.account(account), keys.wallet_of(unit)
    if sk != keys.HEAD or not pk.startswith((ORDER, keys.PAYMENTS)):
        return
    body = json.loads(item["body"]["S"])
    if pk.startswith(ORDER) and body:
        where = keys.at_instant(body["accepted_at"], body["topup_id"])
        yield keys.ACCOUNTS, body["account"]
        yield keys.TOPUPS, where
        yield keys.account(body["account"]), keys.TOPUP_OF + where
    if pk.startswith(keys.PAYMENTS):
        where = keys.at_instant(body["heard_at"], pk.removeprefix(keys.PAYMENTS))
        yield keys.HEARD, where
        if body["account"] is not None:
            yield keys.account(body["account"]), keys.PAYMENT_OF + where
