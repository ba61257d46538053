"""One hot wallet: pages from many senders and leases of many holders at once, whose answers are lost and who are killed
and started again. What each was told is in the ledger, each record once (law 3), and nobody spends what is another's
(laws 1, 2 and 6)."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from scrip.domain.credits.records import numbered
from scrip.services.engine.executor import Executor
from scrip.store import ledger
from tests.aws import ROOT
from tests.stack.conftest import App
from tests.stack.hot_wallet import Notes, Sender, record

LOG = logging.getLogger(__name__)
SENDERS = 8
SEED = 20261130


def started(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.stack.hot_wallet", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT)


def killed_and_started_again(commands: Sequence[Sequence[object]], dice: random.Random, kills: int) -> int:
    """Runs the commands side by side. Now and then one that has noted something is killed and started again, so often
    in all; then they run to their ends. Returns how many were killed."""
    running = {number: started(*command) for number, command in enumerate(commands)}
    noted = dict.fromkeys(running, 0)
    done = 0
    while running:
        time.sleep(dice.uniform(0.02, 0.2))
        for number, process in list(running.items()):
            if process.poll() is not None:
                assert process.returncode == 0, commands[number]
                del running[number]
        busy = [number for number in running if _noted(commands[number]) > noted[number]]
        if busy and done < kills:
            number = dice.choice(busy)
            running[number].kill()
            done += running[number].wait() != 0
            noted[number] = _noted(commands[number])
            running[number] = started(*commands[number])
    return done


def _noted(command: Sequence[object]) -> int:
    """The bytes of what a process noted."""
    file = Path(str(command[4]))
    return file.stat().st_size if file.exists() else 0


def booked(executor: Executor, account: str, stream: str, count: int) -> list[Any]:
    """The records of a stream as the ledger has them, each offset once and in order."""
    pages = ledger.pages_of(executor.tables, account, "credits", stream, 0, count - 1)[::-1]
    found = [one for entry in pages for one in numbered(entry)]
    assert [one.offset for one in found] == list(range(count))
    return found


def check_streams(
    stack: App, executor: Executor, account: str, notes: dict[str, Notes], count: int, granted: int
) -> None:
    """All that was told is so and stayed so, and what was burned is gone."""
    burned = 0
    for stream, noted in notes.items():
        found = booked(executor, account, stream, count)
        assert [[one.record.reference] for one in found] == [[record(stream, at)[1]] for at in range(count)]
        fates = ["burned" if one.record.paid else "refused" for one in found]
        spent = [one.record.steps // 10**6 if one.record.paid else 0 for one in found]
        for line in noted.lines:
            for offset, status, amount in line["told"]:
                assert (status if status != "known" else "burned") == fates[offset]
                assert int(amount) == spent[offset]
        assert noted.lines[-1]["next"] == count
        burned += sum(spent)
    balance = stack.balance(account)
    assert (balance["total"], balance["available"]) == (str(granted - burned), str(granted - burned))
    assert stack.verify(account)["findings"] == []


@pytest.mark.parametrize(
    ("senders", "count"), [(3, 400), pytest.param(SENDERS, 1_000, marks=pytest.mark.long)]
)
def test_pages_of_senders_whose_answers_are_lost_are_exact(
    stack: App, account: str, executor: Executor, tmp_path: Path, senders: int, count: int
) -> None:
    """Two credits for each record, but for a hundred that lack in the end; a third of the answers are not heard."""
    granted = 2 * senders * count - 100
    stack.grant(account, str(granted))
    notes = {f"s{number}": Notes(tmp_path / f"{number}") for number in range(senders)}

    def send(stream: str) -> None:
        dice = random.Random(f"{SEED} {stream}")
        Sender(
            stack.client, account, notes[stream], stream, count, 250, dice, lambda: dice.random() < 0.35
        ).run()

    with ThreadPoolExecutor(senders) as pool:
        list(pool.map(send, notes))
    check_streams(stack, executor, account, notes, count, granted)


@pytest.mark.long
def test_a_hundred_thousand_records_of_senders_that_are_killed_are_exact(
    stack: App, account: str, executor: Executor, tmp_path: Path
) -> None:
    """8 processes send 12 500 records each, of 200 000 credits, of which 199 000 are there. They are killed
    forty times, and go on from what they had noted."""
    granted, count = 199_000, 12_500
    stack.grant(account, str(granted))
    files = {f"s{number}": tmp_path / f"{number}" for number in range(SENDERS)}
    commands = [
        ("send", stack.url, stack.key, account, file, stream, count, 500, SEED + number)
        for number, (stream, file) in enumerate(files.items())
    ]
    began = time.monotonic()
    killed = killed_and_started_again(commands, random.Random(SEED), 40)
    seconds = time.monotonic() - began
    notes = {stream: Notes(file) for stream, file in files.items()}
    LOG.info(
        f"{SENDERS * count} records in {seconds:.0f} s, {SENDERS * count / seconds:.0f} a second, {killed} kills"
    )
    check_streams(stack, executor, account, notes, count, granted)


@pytest.mark.long
@pytest.mark.parametrize("journal", [True, False])
def test_holders_that_are_killed_never_overspend(
    stack: App, account: str, tmp_path: Path, journal: bool
) -> None:
    """8 processes spend 1 500 each, if there is as much, and are killed forty times. With a journal all that they spent
    is billed; without one, what they had not settled is lost, and never more than a lease for each kill."""
    holders, burns, renew = 8, 1_500, 100
    granted = holders * burns - 500
    stack.grant(account, str(granted))
    use = "hold", stack.url, stack.key, account
    commands = [
        (*use, tmp_path / f"spent-{number}", renew, burns, tmp_path / f"journal-{number}" if journal else "")
        for number in range(holders)
    ]
    killed = killed_and_started_again(commands, random.Random(SEED), 40)
    spent = sum(len(Notes(Path(str(command[4]))).lines) for command in commands)
    entries = all_entries(stack, account)
    billed = -sum(int(entry["amount"]) for entry in entries if entry["kind"] == "capture")
    balance = stack.balance(account)
    LOG.info("%s kills, spent %s, billed %s of %s, %s entries", killed, spent, billed, balance, len(entries))
    # Of each kill one burn may be billed that was not noted any more.
    assert billed <= spent + killed
    assert billed >= spent - (0 if journal else renew * killed)
    assert billed + int(balance["available"]) + int(balance["held"]) == granted
    assert stack.verify(account)["findings"] == []


def all_entries(stack: App, account: str) -> list[Any]:
    found, query = [], {"limit": "100"}
    while True:
        page = stack.get(f"/v1/accounts/{account}/entries", **query)
        found += page["items"]
        if not page["next_cursor"]:
            return found
        query = {"limit": "100", "cursor": page["next_cursor"]}
