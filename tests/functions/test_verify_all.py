"""``scrip verify --all``: every kind of damage is found and named by the first broken entry, and in what is sound nothing
is (laws 1, 2, 4, 5, 8 and 9). Nothing in Scrip can do such damage: here the tables are written past it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from local.standins.dodo import Provider
from scrip import cli, runtime
from scrip.domain import limits
from scrip.domain.packing import pack, unpack
from scrip.domain.units import Order, Policy
from scrip.operations import surveying
from scrip.operations.surveying import Run, Survey
from scrip.store import items, keys, ledger, walk
from tests.aws import NEW_YEAR, Buyer, Deployment, Fault
from tests.domain.life import Life
from tests.domain.memory import Vault

ORDERS: Final[tuple[Order, ...]] = ("priority_expiry_cost", "stripe", "openmeter", "lago", "flexprice")
LATER: Final = "2031-01-01T00:00:00.000Z"
Verify = Callable[..., Any]
Item = dict[str, Any]


@pytest.fixture(autouse=True)
def _alone(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty tables; and nobody waits for moto's index, which never lags."""
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    deployment.make_tables()
    deployment.queued()


@pytest.fixture
def verify(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Runs ``scrip verify --all``: its report, whose exit says whether there are findings."""

    def run(*arguments: str) -> Any:
        capsys.readouterr()
        status = cli.main(["verify", "--all", *arguments])
        report = json.loads(capsys.readouterr().out)
        assert status == (1 if report["findings"]["count"] else 0)
        return report

    return run


# Sound tables


def lives(prefix: str) -> Iterator[Vault]:
    """Wallets of every order with every kind of history, two by two since they transfer to each other; a third of them
    in small rooms, so that they have pages."""
    for order in ORDERS:
        for seed in range(4):
            dice = random.Random(f"{order} {seed}")
            life, partner = (
                Life(dice, Vault(Policy(order=order), account=f"{prefix}-{order}-{seed}{side}", checked=False))
                for side in "ab"
            )
            life.partner, partner.partner = partner, life
            for _ in range(40):
                life.step()
                partner.step()
            one, other = life.vault, partner.vault
            yield from (one, other)


def put(scrip: Deployment, vault: Vault) -> None:
    """A wallet as its commits would have left it in the tables."""
    pk = keys.wallet(vault.account, vault.unit)
    rows = [items.wallet_item(vault.wallet)] if vault.wallet.version else []
    rows += [items.page_item(pk, page) for page in vault.pages.values()]
    rows += [items.due_item(pk, due) for due in vault.dues.values()]
    rows += [items.paper_item(pk, name, paper) for name, paper in vault.papers.items()]
    for number, block in vault.blocks.items():
        lots = {f"lot{seq}": items.b(pack((lot,))) for seq, lot in block.items()}
        rows.append({**items.key(pk, keys.rest(number)), **lots})
    for row in rows:
        scrip.dynamodb.put_item(TableName="wallets", Item=row)
    for entry in vault.entries:
        scrip.dynamodb.put_item(TableName="ledger", Item=items.entry_item(entry))


@pytest.fixture(scope="module")
def sound(deployment: Deployment) -> list[Vault]:
    """Forty wallets; made once, for each life takes its time."""
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in {"WINDOW_LOTS": 4, "WINDOW_LOW": 2, "PAGE_LOTS": 5}.items():
            patch.setattr(limits, name, limit)
        return list(lives("sound"))


def fill(scrip: Deployment, sound: list[Vault]) -> int:
    for vault in sound:
        put(scrip, vault)
    return sum(len(vault.entries) for vault in sound)


def test_in_a_sound_table_nothing_is_found(scrip: Deployment, sound: list[Vault], verify: Verify) -> None:
    entries = fill(scrip, sound)
    assert {kind for vault in sound for kind, _ in vault.papers} >= {"hold", "allowance", "terms"}
    assert any(vault.wallet.paged for vault in sound)
    report = verify()
    there = [vault for vault in sound if vault.wallet.version]
    assert len(there) >= 36
    assert (report["findings"], report["done"]) == ({"count": 0, "items": []}, True)
    assert (report["wallets"], report["entries"]) == (len(there), entries)
