"""Every event of a run is held against its schema."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulation.listener import SEEN
from tests.described import DescribedEvents


@pytest.fixture(autouse=True, scope="module")
def _described() -> Iterator[None]:
    check = DescribedEvents.committed().check
    SEEN.append(check)
    yield
    SEEN.remove(check)
