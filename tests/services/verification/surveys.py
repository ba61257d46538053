"""What tests of verification share: the command, and wallets whose histories are put into the tables as they are."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pytest

import command_line
from scrip.domain.credits.lot_codec import pack
from scrip.domain.credits.units import BurnOrder, Policy
from scrip.store import items, keys
from tests.aws import Deployment
from tests.domain.life import Life
from tests.domain.memory import Vault

ORDERS: Final[tuple[BurnOrder, ...]] = ("priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice")
STEPS: Final = 20
Verify = Callable[..., Any]


def verify_command(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Runs ``scrip verify --all``: its report, whose exit says whether there are findings."""

    def run(*arguments: str) -> Any:
        capsys.readouterr()
        status = command_line.main(["verify", "--all", *arguments])
        report = json.loads(capsys.readouterr().out)
        assert status == (1 if report["findings"]["count"] else 0)
        return report

    return run


def lives(prefix: str) -> Iterator[Vault]:
    """Forty wallets, of every order and with every kind of history, two by two since they send each other credits."""
    for order in ORDERS:
        for seed in range(4):
            dice = random.Random(f"{order} {seed}")
            life, partner = (
                Life(
                    dice,
                    Vault(Policy(order=order), account=f"{prefix}-{order}-{seed}{side}", checked=False),
                    8,
                )
                for side in "ab"
            )
            life.partner, partner.partner = partner, life
            for _ in range(STEPS):
                life.step()
                partner.step()
            yield from (life.vault, partner.vault)


def put(scrip: Deployment, vaults: Iterable[Vault]) -> None:
    """Wallets as their commits would have left them in the tables."""
    for table, rows in items_of(vaults).items():
        for start in range(0, len(rows), 25):
            requests = [{"PutRequest": {"Item": row}} for row in rows[start : start + 25]]
            scrip.dynamodb.batch_write_item(RequestItems={table: requests})  # type: ignore[dict-item]


def items_of(vaults: Iterable[Vault]) -> dict[str, list[Any]]:
    """All that their commits would have left, by table."""
    made = list(vaults)
    return {
        "wallets": [row for vault in made for row in _rows(vault)],
        "ledger": [items.entry_item(entry) for vault in made for entry in vault.entries],
    }


def _rows(vault: Vault) -> Iterator[Any]:
    pk = keys.wallet(vault.account, vault.unit)
    if vault.wallet.version:
        yield items.wallet_item(vault.wallet)
    yield from (items.page_item(pk, page) for page in vault.pages.values())
    yield from (items.due_item(pk, due) for due in vault.dues.values())
    yield from (items.sidecar_item(pk, name, sidecar) for name, sidecar in vault.sidecars.items())
    for number, block in vault.blocks.items():
        lots = {f"lot{seq}": items.b(pack((lot,))) for seq, lot in block.items()}
        yield {**items.key(pk, keys.exhausted(number)), **lots}
