"""What became of lots, worked out by SQL from some of their postings and then from the rest, is what a walk through all
of them gives."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

from scrip.domain.finance.breakage import LotHistory, LotStretch
from scrip.services.finance import stretches
from scrip.services.finance.workspaces import Workspace
from scrip.store.archive import Archive
from tests.lot_histories import LotStep, history

Lot = tuple[str, int]
LINE = (
    "account VARCHAR, unit VARCHAR, lot BIGINT, seq BIGINT, currency VARCHAR, pack VARCHAR, cause VARCHAR, "
    "name VARCHAR, amount BIGINT, transit BOOLEAN, credits DECIMAL(38, 0)"
)
CAUSES = ("recognised", "recognised", "reversed", "breakage", "refunded", "moved", "charged_back")


def lines(chance: Random) -> tuple[dict[Lot, list[LotStep]], list[tuple[object, ...]]]:
    """What entries did to some lots; and the lines of their postings, some entries' in two postings of two causes."""
    steps, rows = defaultdict[Lot, list[LotStep]](list), list[tuple[object, ...]]()
    for number in range(60):
        account, lot = f"a{number % 7}", number + 1
        for seq in range(lot, lot + chance.randint(1, 12)):
            causes = chance.choices(CAUSES, k=chance.choice((1, 1, 2))) if seq > lot else ["sold"]
            credits = deferred = used = broken = 0
            for cause in causes:
                step, money = chance.randint(-50, 90) * 10**20, chance.randint(-5, 9)
                rows += [
                    (account, "u", lot, seq, "USD", "p", cause, "deferred_revenue", money, False, step),
                    (account, "u", lot, seq, "USD", "p", cause, "deferred_revenue", 1000, True, 0),
                    (
                        account,
                        "u",
                        lot,
                        seq,
                        "USD",
                        "p",
                        cause,
                        "breakage" if cause == "breakage" else "revenue",
                        -money,
                        False,
                        0,
                    ),
                ]
                credits, deferred = credits - step, deferred - money
                used += step if cause in ("recognised", "reversed") else 0
                broken += money if cause == "breakage" else 0
            rebases = any(cause not in ("recognised", "reversed", "breakage") for cause in causes)
            steps[account, lot].append(LotStep(credits, deferred, used, broken, rebases=rebases))
        rows.append((account, "u", 1000 + lot, lot, "USD", None, "sold", "deferred_revenue", -1, False, 1))
    return steps, rows


@pytest.mark.parametrize("seed", range(3))
def test_what_became_of_lots_is_the_same_in_two_parts_as_in_one_walk(
    archive: Archive, tmp_path: Path, seed: int
) -> None:
    chance = Random(seed)
    expected, rows = lines(chance)
    with Workspace(archive, tmp_path) as space:
        space.run([f"CREATE TABLE lines ({LINE})"])
        columns = [[*map(str, column)] for column in zip(*rows, strict=True)]
        given = ", ".join(f"unnest($column_{number})" for number in range(len(columns)))
        values = {f"column_{number}": column for number, column in enumerate(columns)}
        space.run([f"INSERT INTO lines SELECT {given}"], **values)
        space.run(["UPDATE lines SET pack = NULL WHERE pack = 'None'"])
        space.run(["CREATE TABLE cuts AS SELECT DISTINCT lot, lot + (hash(lot) % 9) - 1 AS cut FROM lines"])
        stretches.load(space, "none", None)
        first = "(SELECT lines.* FROM lines JOIN cuts USING (lot) WHERE seq <= cut)"
        then = "(SELECT lines.* FROM lines JOIN cuts USING (lot) WHERE seq > cut)"
        stretches.add(space, "half", "none", first)
        stretches.add(space, "whole", "half", then)
        found = {
            (account, lot): LotHistory(
                [LotStretch(one["basis"], int(one["credits"]), int(one["used"])) for one in said],
                left,
                broken,
            )
            for account, lot, left, broken, said in space.rows(
                ["SELECT account, lot, deferred, broken, stretches FROM whole"]
            )
        }
    assert found == {lot: history(changes) for lot, changes in expected.items()}
