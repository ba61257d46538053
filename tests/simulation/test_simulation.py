"""The short run of the simulator, and that what it finds can be seen again: the same seed does the same, and a run that
breaks a law is made short. ``make simulate`` is the long run."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scrip.services.engine import executor as engine
from scrip.services.engine.executor import Executor, Moment, Result
from scrip.store.tables import Tables
from simulation import shrinking
from simulation.__main__ import main
from simulation.answers import Answers
from simulation.books import Books, LawBroken
from simulation.clock import Clock, replacements
from simulation.dynamodb import Dynamo
from simulation.requests import MAKE, UNITS, Request, expected_id, perform, stock
from simulation.world import TABLES, Report, run, steps

ROOT = Path(__file__).parents[2]
SHORT = 5_000
SEED = 6
TAKEN = """
import random, sys, time, uuid
from concurrent.futures import ThreadPoolExecutor
import simulation.world
for module, room in sys.modules.items():
    for name, value in vars(room).items() if module.startswith("scrip.") else ():
        if any(value is one for one in (random, time, uuid, ThreadPoolExecutor)):
            print(f"{module}.{name}")
"""
"""Names every place of Scrip's code that takes time, chance, identifiers or threads from the machine."""


@pytest.fixture(scope="module")
def report() -> Report:
    return run(SEED, SHORT, lines=True)


def test_five_thousand_operations_of_eight_clients_keep_the_laws(report: Report) -> None:
    """All ten, after every commit; every wallet is verified when its life ends."""
    assert report.broken == ""
    assert report.done == SHORT
    assert report.wallets > 24
    assert report.verified > report.wallets


def test_every_operation_succeeds_and_every_fault_happens_in_it(report: Report) -> None:
    """A run in which nothing succeeds, or nothing fails, would show nothing."""
    done = {name.partition(": ")[0] for name, _ in report.outcomes.items() if name.endswith(": done")}
    assert done >= {
        *MAKE,
        "balance",
        "past",
        "entries",
        "lots",
        "pages",
        "explanation",
        "sweep",
        "order",
        "event",
        "deliver",
        "again",
        "twin",
        "batch",
        "policy",
        "closing",
        "intruder",
        "page",
        "lease",
        "edition",
    }
    assert {"page: replayed", "page: offset_gap", "page: died", "lease: lost"} <= report.outcomes.keys()
    assert {"lease: placed", "lease: born again", "lease: over", "lease: died"} <= report.outcomes.keys()
    assert {"burn: died", "burn: unavailable", "burn: throttled", "again: replayed"} <= report.outcomes.keys()
    happened = {name.partition(": ")[0] for name in report.faults}
    assert happened == {
        *("waits", "slow", "lost request", "lost answer", "late request", "came late", "sent again"),
        *("broken before", "broken after", "throttled", "conflict", "died before", "died after"),
        *("short page", "keys left unread", "open transaction", "function timed out"),
        "time was up",
    }


@pytest.mark.parametrize(
    "change",
    [
        *("delete=True", "paused=True", "catch_up=True", "ends_at=1", "anchor=1", "every=P1W", "priority=10"),
        *("expires=never", "'living': True", "'most': '4'", "'max_times': None", "'expires_in': 'P3D'"),
    ],
)
def test_allowances_are_changed_in_it_in_every_way(report: Report, change: str) -> None:
    """Each of them more than once, and each of them answered."""
    done = [one for one in report.lines if re.match(rf"#\d+ c\d allowance .*{change}.* -> done", one)]
    assert len(done) > 3


def test_what_is_granted_again_and_again_is_carried_on_in_it(report: Report) -> None:
    assert report.entries["rollover"] > 20


@pytest.mark.parametrize(
    ("step", "broken"), [(-5, ""), (4, ""), (5, "law 3: .* was answered as a replay of itself")]
)
def test_a_request_is_a_replay_of_another_attempt_alone(step: int, broken: str) -> None:
    """Of an earlier step (4), or of this one (5), where it was thought lost and came late (-5)."""
    books = Books(lambda: step)
    executor = Executor(Tables(Dynamo(TABLES, changed=books.changed), "wallets", "ledger"))  # type: ignore[arg-type]
    stock(executor, 1_800_000_000_000)
    args = {"direction": "credit", "amount": "1"}
    answered = expected_id("adjustment", "a", UNITS[0].unit, "k5", args)
    request = Request(5, "adjustment", "a", UNITS[0].unit, "k5", args, answered)
    moment = Moment(1_800_000_000_000)
    perform(executor, request, moment)
    if broken:
        with pytest.raises(LawBroken, match=broken):
            Answers(books).ask(executor, request, moment, 5)
    else:
        assert Answers(books).ask(executor, request, moment, 5) == "replayed"


def test_the_same_seed_does_the_same_and_another_does_not() -> None:
    first, again, other = run(7, 200), run(7, 200), run(8, 200)
    assert first.trace == again.trace
    assert first.trace != other.trace


def test_the_same_seed_does_the_same_in_another_process() -> None:
    """Nothing depends on how Python happens to order what has no order."""
    traces = set()
    for hashes in ("1", "2"):
        command = [sys.executable, "-m", "simulation", "--seed", "7", "--operations", "400"]
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        traces.update(re.findall(r"trace (\w+)", said.stdout))
    assert len(traces) == 1


def test_what_a_run_would_take_from_its_machine_is_given_to_it() -> None:
    """Threads that race, or a clock of the machine, make another run each time, and break laws that nobody broke."""
    # Only what a run imports counts, so it is looked at in a process of its own.
    said = subprocess.run([sys.executable, "-c", TAKEN], cwd=ROOT, capture_output=True, text=True, check=True)
    given = {f"{where.__name__}.{name}" for where, name, _ in replacements(Clock(), random.Random)}
    # Whoever makes an executor gives it its pause; and no run gives books a time in which they are to answer.
    elsewhere = {"scrip.services.engine.executor.time", "scrip.services.finance.workspaces.time"}
    assert set(said.stdout.split()) == given | elsewhere


def test_a_broken_run_is_made_short_and_breaks_the_same_law_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody answers any request under a key: it takes one request, and another under its key."""
    monkeypatch.setattr(engine, "replay", lambda entry, _cause: Result(entry, replayed=True))
    saved = tmp_path / "broken.json"
    assert main(["--seed", "3", "--operations", "2000", "--save", str(saved)]) == 1
    said = capsys.readouterr().out
    sentence = r"law 3: .* was answered with the entry of request \d+"
    assert re.search(sentence, said)
    seed, short = shrinking.load(saved)
    assert seed == 3
    assert len(short) <= 10
    assert {step.index for step in short} < {step.index for step in steps(3, 2000)}
    assert main(["--replay", str(saved)]) == 1
    assert re.search(sentence, capsys.readouterr().out)
    monkeypatch.undo()
    assert main(["--replay", str(saved)]) == 0


def test_a_run_that_keeps_the_laws_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3", "--operations", "50"]) == 0
    assert "50 operations in" in capsys.readouterr().out
