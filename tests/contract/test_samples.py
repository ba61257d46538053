"""Samples of requests, for ``sam local invoke``: one for each route, which its function takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from openapi.document import scopes_of_routes
from openapi.samples import FOLDER
from tests.aws import Deployment

SAMPLES: Final = sorted(FOLDER.glob("*.json"))
REFUSED: Final = {
    "post_webhook": (401, "unauthenticated"),  # it is signed by nobody
    "post_change_expiry": (403, "forbidden"),  # an end that comes sooner takes another scope
}
"""What a sample shows a refusal with."""


def test_there_is_one_for_each_route() -> None:
    routes = [json.loads(path.read_text(encoding="utf-8"))["routeKey"] for path in SAMPLES]
    assert {*routes} == {*scopes_of_routes()}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_its_function_takes_it(scrip: Deployment, path: Path) -> None:
    """It may ask for what is not there yet. It names what may be there, with all that its route needs."""
    sent: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    answer = scrip.invoke(sent)
    if path.stem in REFUSED:
        assert (answer.status, answer.code) == REFUSED[path.stem]
    else:
        assert answer.status < 500, answer.text
        assert answer.status not in (400, 401, 403), answer.text
        assert "there is no report x" not in answer.text
