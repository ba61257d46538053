"""What tests of verification have in common."""

from __future__ import annotations

from typing import Any

import pytest

from scrip import runtime
from scrip.domain.credits import limits
from scrip.store import ledger
from simulation.world import TABLES
from tests.aws import Deployment
from tests.services.verification.scanned import Scanned
from tests.services.verification.surveys import Verify, verify_command


@pytest.fixture
def verify(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Runs ``scrip verify`` and reads what it prints."""
    return verify_command(capsys)


@pytest.fixture
def small_in_memory(in_memory: None, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """``small_and_empty`` with the tables of ``in_memory``, which damage is done to as well."""
    monkeypatch.setattr(ledger, "LAG_WAIT", 0)
    for name, limit in {"WINDOW_LOTS": 3, "WINDOW_LOW": 1, "PAGE_LOTS": 4}.items():
        monkeypatch.setattr(limits, name, limit)
    client: Any = runtime.tables().client
    client._dynamo = Scanned(TABLES)
    monkeypatch.setattr(deployment, "dynamodb", client)
    deployment.queued()
