"""A PostgreSQL of the tests' own. Where there is none they are skipped: `make bench BENCH=--strict` is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from bench.postgres.cluster import Cluster, NotMeasured, running


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    try:
        with running() as found:
            yield found
    except NotMeasured as why:
        pytest.skip(str(why))


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    with cluster.connect() as found:
        found.execute("drop schema public cascade; create schema public", prepare=False)
        yield found
