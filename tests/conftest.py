"""Which tests share a worker (``make test`` runs one more than there are processors): those of one file, so that what
a file sets up is set up once, and all that need the deployed stack, so that there is one of it. Those come first: they
wait for most of their time, while the other workers compute. Then comes what takes minutes, so that no worker is left
alone with it in the end.

And which are for ``make test-long``: they measure, load, restore, or try very many things, and take minutes. What they
guard is guarded in fewer cases by the others."""

from __future__ import annotations

import gc
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

    from local.standins import dodo as dodo_standin
    from local.standins import stripe as standins
    from tests.aws import Buyer, Deployment

# Before anything imports them: their assertions are to be told in full, whoever makes them.
pytest.register_assert_rewrite("tests.aws", "tests.http.contract")


LONG: Final = {
    *("http/edge/test_fuzz_routes.py", "http/edge/test_fuzz.py", "services/verification/test_survey.py"),
    *("mutation/test_lines.py", "mutation/test_trying.py", "mutation/test_warm.py"),
    *("services/finance/test_killed_editions.py", "store/test_overload.py", "template/test_cold_start.py"),
    *("stack/test_books.py", "stack/test_budgets.py", "stack/test_drill.py", "stack/test_history.py"),
    *("stack/test_least_privilege.py", "stack/test_load.py", "stack/test_schemathesis.py"),
    "stack/test_random_month.py",
}


MINUTES: Final = (
    "simulation/test_bugs.py",
    "simulation/test_archive.py",
    "http/payments/test_subscriptions.py",
)
"""Files that take longer than any other, one worker alone."""
WHILE_NEW: Final = ("stack/test_listener.py", "stack/test_erasure.py", "stack/test_verification.py")
"""Files that want a new stack: what functions remember would keep the demo waiting, and others look through all that
there is in it."""

GARBAGE: Final = (20_000, 10, 10)
"""Python's garbage collection, less often: it looks through all that twenty thousand tests are made of, each time."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle", type=int, metavar="SEED", help="files, and the tests of each, in another order"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.durations is not None:
        return  # who wants to know how long each phase took is told of each
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__name__ == "WorkerInteractor":
            _tell_less(config, plugin)


def _tell_less(config: pytest.Config, worker: Any) -> None:
    """Has a worker send how each test went, and neither that it begins and ends nor that it was set up.

    Of twenty thousand tests, five messages each take twenty seconds more than two.
    """
    tell = worker.pytest_runtest_logreport

    def pytest_runtest_logreport(report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            tell(report)

    config.pluginmanager.unregister(worker)
    worker.pytest_runtest_logstart = worker.pytest_runtest_logfinish = None
    worker.pytest_runtest_logreport = pytest_runtest_logreport
    config.pluginmanager.register(worker)


def pytest_report_header(config: pytest.Config) -> list[str]:
    seed = config.getoption("--shuffle")
    return [] if seed is None else [f"order: --shuffle {seed}"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collects no garbage while tests are collected, and never looks at them later: they stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(Path(__file__).parent).as_posix() in LONG:
            item.add_marker(pytest.mark.long)
    seed = config.getoption("--shuffle")
    if seed is not None:
        _shuffle(items, random.Random(seed))
    of_file = Counter(item.path for item in items)
    items.sort(key=lambda item: (_turn(item), 0 if seed is not None else -of_file[item.path]))


def _shuffle(items: list[pytest.Item], chance: random.Random) -> None:
    """Files in another order, and within each its tests: what a file sets up is still set up once."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    shuffled = list(files.values())
    chance.shuffle(shuffled)
    for of_file in shuffled:
        chance.shuffle(of_file)
    items[:] = [item for of_file in shuffled for item in of_file]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Not by its own groups: pytest-xdist 3.8 writes them into ids that pytest 9.2 makes anew, and so forgets them."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has types, but does not say so
        def _split_scope(self, nodeid: str) -> str:
            return "stack" if nodeid.startswith("tests/stack/") else nodeid.partition("::")[0]

    # It would hand out the files with the most tests first, and so the stack's late.
    config.option.loadscopereorder = False
    return ByFile(config, log)


def _turn(item: pytest.Item) -> int:
    """Returns when a test has its turn: those that need the stack first, then files that take minutes."""
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    if _needs_stack(item):
        return int(name not in WHILE_NEW)
    return 2 + (MINUTES.index(name) if name in MINUTES else len(MINUTES))


def _needs_stack(item: pytest.Item) -> bool:
    return item.path.parent.name == "stack"


@cache
def _step_back() -> None:
    """Lets those with the stack's tests go first, and all that they start: nothing is ready before these are."""
    os.nice(5)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ and not _needs_stack(item):
        _step_back()


_NUMBERS = count(1)


@pytest.fixture(scope="module")
def provider() -> Iterator[dodo_standin.Provider]:
    """Starts a stand-in of Dodo that sends nothing by itself."""
    from local.standins import dodo
    from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET

    started = dodo.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def stripe() -> Iterator[standins.Provider]:
    """Starts the same of Stripe."""
    from local.standins import stripe as standins
    from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET

    started = standins.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def deployment(
    provider: dodo_standin.Provider, stripe: standins.Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Deploys Scrip in this process, once to a module, with stand-ins for its providers."""
    from tests.aws import deployed

    # All modules' folders are in it. It is not to be within the one that is deleted with the deployment.
    tmp_path_factory.getbasetemp()

    with deployed(provider.url, stripe.url) as made:
        yield made


@pytest.fixture
def buyer(scrip: Deployment, provider: dodo_standin.Provider, account: str) -> Buyer:
    """Makes a buyer who wants 10 000 credits for 1 000.00 USD, and has not ordered yet."""
    from tests.aws import Buyer

    return Buyer(scrip, provider, account)


@pytest.fixture
def scrip(deployment: Deployment) -> Deployment:
    """The module's deployment, cold."""
    deployment.fresh()
    return deployment


@pytest.fixture
def in_memory(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """For many tests of what Scrip decides: their tables are the simulator's, empty, which answer as DynamoDB does
    (tests/simulation/test_model.py) in a tenth of the time that moto takes."""
    from scrip import runtime
    from scrip.store.tables import Tables
    from tests.aws import InMemory

    tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
    monkeypatch.setattr(runtime, "tables", cache(lambda: tables))
    deployment.cold()


@pytest.fixture
def small_and_empty(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the tables empty, and windows and pages so small that there are pages.

    Nobody waits for moto's index, which never lags.
    """
    from scrip.domain.credits import limits
    from scrip.store import ledger

    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    for name, limit in {"WINDOW_LOTS": 3, "WINDOW_LOW": 1, "PAGE_LOTS": 4}.items():
        monkeypatch.setattr(limits, name, limit)
    deployment.make_tables()
    deployment.queued()


@pytest.fixture
def one_shard_at_a_time(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the sweep: empty tables, and one shard at a time, since moto's tables do not bear threads."""
    from scrip.services.engine import walks

    monkeypatch.setattr(walks, "WORKERS", 1)
    deployment.make_tables()


@pytest.fixture
def dodo(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[dodo_standin.Provider]:
    """A Dodo of this test alone, no key for Stripe, and tables without anything of another test's."""
    from local.standins import dodo as dodo_standin
    from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET

    scrip.make_tables()
    scrip.queued()
    scrip.asked()
    started = dodo_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    monkeypatch.setenv("SCRIP_DODO_BASE_URL", started.url)
    none = scrip.secret(f"none-{time.perf_counter_ns()}", {"api_key": ""})
    monkeypatch.setenv("SCRIP_STRIPE_API_KEY_SECRET_ID", none)
    yield started
    started.stop()


@pytest.fixture
def at_stripe(
    scrip: Deployment, dodo: dodo_standin.Provider, monkeypatch: pytest.MonkeyPatch
) -> Iterator[standins.Provider]:
    """A Stripe beside that Dodo, with a key for it."""
    from local.standins import stripe as standins
    from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET

    started = standins.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
    monkeypatch.setenv("SCRIP_STRIPE_API_KEY_SECRET_ID", scrip.environment["SCRIP_STRIPE_API_KEY_SECRET_ID"])
    monkeypatch.setenv("SCRIP_STRIPE_BASE_URL", started.url)
    yield started
    started.stop()


@pytest.fixture
def account() -> str:
    """An account that nobody has used."""
    return f"acme-{next(_NUMBERS)}"
