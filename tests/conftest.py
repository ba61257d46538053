"""Which tests share a worker (``make test`` runs a worker to each processor): those of one file, so that what a file
sets up is set up once, and all that need the deployed stack, so that there is one of it. Those come first: they wait
for most of their time, while the other worker computes.

And which are for ``make test-long``: they measure, load, restore, or try very many things, and take minutes. What they
guard is guarded in fewer cases by the others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.aws import Deployment

# Before anything imports them: their assertions are to be told in full, whoever makes them.
pytest.register_assert_rewrite("tests.aws", "tests.functions.contract")


LONG: Final = {
    *("functions/test_fuzz_routes.py", "store/test_overload.py", "template/test_cold_start.py"),
    *("stack/test_budgets.py", "stack/test_drill.py", "stack/test_history.py"),
    *("stack/test_least_privilege.py", "stack/test_load.py"),
}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Here, and not once all are collected: by then pytest-xdist has looked for groups already."""
    if item.path.relative_to(Path(__file__).parent).as_posix() in LONG:
        item.add_marker(pytest.mark.long)
    item.add_marker(pytest.mark.xdist_group("stack" if _needs_stack(item) else str(item.path)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_needs_stack, reverse=True)


def _needs_stack(item: pytest.Item) -> bool:
    return item.path.parent.name == "stack"


_NUMBERS = count(1)


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """Scrip in this process, one to a module."""
    from tests.aws import deployed

    with deployed() as made:
        yield made


@pytest.fixture
def scrip(deployment: Deployment) -> Deployment:
    """The module's deployment, cold."""
    deployment.fresh()
    return deployment


@pytest.fixture
def account() -> str:
    """An account that nobody has used."""
    return f"acme-{next(_NUMBERS)}"
