"""``scrip reindex``: says how many entries it has put under their reference, and up to when the search has them all."""

from __future__ import annotations

import json

import pytest

import command_line
from command_line.operator import index
from scrip import runtime
from scrip.store.shards import LedgerStream
from simulation.stream import ARN, Stream
from tests.aws import Deployment
from tests.http.search.streaming import search


def test_it_says_what_it_has_indexed_and_how_far_it_is(
    scrip: Deployment, account: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two entries, one with a reference."""
    scrip.make_tables()
    monkeypatch.setattr(index, "TOLD", 1)
    monkeypatch.setattr(runtime, "stream", lambda: LedgerStream(Stream(runtime.now), ARN))
    monkeypatch.setattr(runtime, "now", lambda: 1_893_456_000_000)
    scrip.grant(account, "5", reference={"type": "job", "id": account}, clock="2030-01-01T00:00:00Z")
    scrip.burn(account, "1", clock="2030-01-01T00:00:00Z")
    capsys.readouterr()
    assert command_line.main(["reindex", "--workers", "2"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "entries": 2,
        "referenced": 1,
        "complete_through": "2030-01-01T00:00:00.000Z",
    }
    assert said.err.endswith("2 entries\n")
    assert len(search(scrip, reference=f"job:{account}")["items"]) == 1
