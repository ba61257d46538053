"""A worker that remembers a wallet reads pages that another worker has written since (law 2: nothing comes of it)."""

from __future__ import annotations

import pytest

from scrip import runtime
from tests.aws import Deployment, patient_executor


@pytest.mark.parametrize(("amount", "status"), [("8", 201), ("9", 402)])
def test_pages_of_a_later_version_are_never_decided_on(
    scrip: Deployment, account: str, monkeypatch: pytest.MonkeyPatch, amount: str, status: int
) -> None:
    """18 lots of 1. This worker burns 1 and remembers 17, some in a page; another burns 9, and the page is gone."""
    mine, other = patient_executor([]), patient_executor([])
    monkeypatch.setattr(runtime, "executor", lambda: mine)
    for _ in range(18):
        scrip.grant(account, "1")
    scrip.burn(account, "1")
    monkeypatch.setattr(runtime, "executor", lambda: other)
    for _ in range(9):
        scrip.burn(account, "1")
    monkeypatch.setattr(runtime, "executor", lambda: mine)
    assert scrip.burn(account, amount).status == status
