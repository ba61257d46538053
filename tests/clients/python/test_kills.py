"""A process that is killed at any point, and what its next start makes of it: the coalescer's burns and the lease's."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import util
from pathlib import Path

import pytest

from tests.clients.python.killed import BURNS, RENEW, Kind, Program, Told
from tests.clients.python.wallet import Wallet

# Made now, since a folder of a test's would be deleted before the process that has its socket there ends.
util.get_temp_dir()

ALL = range(1, 90)
"""More points than a program passes: at the last of them none is killed."""


def some(step: int) -> list[object]:
    """Each point; the default run has each ``step``-th."""
    return [point if point % step == 7 else pytest.param(point, marks=pytest.mark.long) for point in ALL]


def started(
    wallet: Wallet, kind: Kind, point: int, journal: Path | None, fsync: bool = False
) -> tuple[Program, Told]:
    wallet.grant(2**20)
    path = None if journal is None else str(journal)
    program = Program(wallet.url, wallet.key, wallet.account, kind, path, fsync)
    return program, program.run(point, range(BURNS))


@pytest.mark.parametrize("point", some(40))
@pytest.mark.parametrize("kind", ["coalescer", "lease"])
def test_with_a_journal_nothing_is_lost_and_nothing_twice(
    wallet: Wallet, tmp_path: Path, kind: Kind, point: int
) -> None:
    """What it was told is burned is burned once, and so is what is in the journal: the next start sends it, and
    spends more. Amounts are powers of two: what is burned twice shows as another."""
    program, told = started(wallet, kind, point, tmp_path / "journal", fsync=point % 2 == 0)
    again = program.run(0, range(BURNS, BURNS + 2))
    assert not again.was_killed
    spent = wallet.spent()
    assert set(told.burned) <= set(spent)
    assert set(spent) <= set(range(BURNS + 2))
    assert set(again.burned) == {BURNS, BURNS + 1} <= set(spent)
    if not told.was_killed:
        assert spent == list(range(BURNS + 2))
    if kind == "lease":  # one burns after the other: at most the one under way is spent and was not told
        assert len(spent) - 2 <= len(told.burned) + 1


@pytest.mark.parametrize("point", some(60))
@pytest.mark.parametrize("kind", ["coalescer", "lease"])
def test_it_is_killed_again_while_it_starts_again(
    wallet: Wallet, tmp_path: Path, kind: Kind, point: int
) -> None:
    program, told = started(wallet, kind, 25, tmp_path / "journal")
    assert told.was_killed
    second = program.run(point, range(BURNS, BURNS + 1))
    assert not program.run(0, range(0)).was_killed
    spent = wallet.spent()
    assert {*told.burned, *second.burned} <= set(spent) <= set(range(BURNS + 1))


@pytest.mark.parametrize("point", some(60))
@pytest.mark.parametrize("kind", ["coalescer", "lease"])
def test_without_a_journal_no_more_is_lost_than_the_lease(wallet: Wallet, kind: Kind, point: int) -> None:
    """The coalescer loses nothing that it told; the lease what it had spent and not settled, which is less than all it
    held. Nothing is burned that nobody spent, and nothing twice."""
    program, told = started(wallet, kind, point, None)
    spent = wallet.spent()
    lost = set(told.burned) - set(spent)
    assert sum(2**one for one in lost) <= (0 if kind == "coalescer" else max(RENEW, 2 ** (BURNS - 1)))
    assert set(spent) <= set(range(BURNS))
    assert not replace(program).run(0, range(BURNS, BURNS + 1)).was_killed
    assert BURNS in wallet.spent()
