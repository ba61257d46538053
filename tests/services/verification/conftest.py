"""What tests of verification have in common."""

from __future__ import annotations

import pytest

from tests.aws import Deployment
from tests.services.verification.surveys import Verify, verify_command


@pytest.fixture
def verify(scrip: Deployment, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Runs ``scrip verify`` and reads what it prints."""
    return verify_command(capsys)
