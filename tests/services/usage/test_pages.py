"""What a page costs in calls and units: as much for five hundred records as for one, but for their bytes."""

from __future__ import annotations

import uuid

import pytest

from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")


def test_a_warm_page_is_one_call(scrip: Deployment, account: str) -> None:
    """The unit, the wallet and the stream's next offset are remembered; a page that is known is one query besides."""
    scrip.grant(account, "1000000")
    path, records = f"/v1/accounts/{account}/burns/pages", [["1", str(uuid.uuid4())] for _ in range(500)]
    for first in (0, 500):
        assert scrip.post(path, {"stream": "s", "first": first, "records": records}).status == 200
    with scrip.calls() as made:
        assert scrip.post(path, {"stream": "s", "first": 1000, "records": records}).body["burned"] == "500"
    assert [call.name for call in made] == ["TransactWriteItems"]
    with scrip.calls() as made:
        assert scrip.post(path, {"stream": "s", "first": 1000, "records": records}).body["burned"] == "0"
    assert [call.name for call in made] == ["Query", "GetItem"]
