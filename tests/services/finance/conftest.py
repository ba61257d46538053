"""The worked month, played once for each module of tests, and an archive in a bucket of moto."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scrip import runtime
from scrip.http.edge.parameters import instant
from scrip.services.finance import editions
from scrip.services.finance.manifests import Manifest
from scrip.store.archive import Archive
from tests.aws import BUCKET, Deployment
from tests.month import Month, through

AFTER: str = "2030-12-01T00:30:00.000Z"
"""Half an hour after the month."""


@pytest.fixture(scope="module")
def month(deployment: Deployment) -> Month:
    """The month, all of it committed. Nothing else is in the tables, and nothing in the archive."""
    deployment.fresh()
    deployment.make_tables()
    played = Month("m-")
    played.play(through(deployment))
    return played


@pytest.fixture
def archive(deployment: Deployment) -> Iterator[Archive]:
    """An archive with nothing in it, before and after."""
    yield Archive(deployment.s3, BUCKET)
    deployment.empty_archive()


@pytest.fixture
def edition(month: Month, archive: Archive, tmp_path: Path) -> Manifest:
    """The month's edition, read from the ledger alone."""
    return editions.make(runtime.tables(), archive, tmp_path, instant(AFTER, "at"), 1000).manifest
