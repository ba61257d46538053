"""Which tests share a worker (``make test`` runs a worker to each processor): those of one file, so that what a file
sets up is set up once, and all that need the deployed stack, so that there is one of it. Those come first: they wait
for most of their time, while the other worker computes."""

from __future__ import annotations

import pytest

# Before anything imports them: their assertions are to be told in full, whoever makes them.
pytest.register_assert_rewrite("tests.aws", "tests.functions.contract")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group("stack" if _needs_stack(item) else str(item.path)))
    items.sort(key=_needs_stack, reverse=True)


def _needs_stack(item: pytest.Item) -> bool:
    return item.path.parent.name == "stack"
