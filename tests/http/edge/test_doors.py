"""Which function answers a route, what a key needs for it, what may be asked, and what of it is a table: of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from scrip.http.edge.request import Route
from tests.aws import ROOT, deployed, function

FILE: Final = Path(__file__).parent / "data" / "doors.json"


def doors() -> dict[str, dict[str, Any]]:
    """Returns each route as its function declares it."""
    found: dict[str, dict[str, Any]] = {}
    for app in sorted((ROOT / "functions").glob("*/app.py")):
        routes: dict[str, Route] = getattr(function(app.parent.name), "ROUTES", {})
        for key, route in routes.items():
            assert key not in found, "two functions answer it"
            found[key] = {
                "answers": f"{app.parent.name}.{route.answer.__name__}",
                "scope": route.scope,
                "query": list(route.query),
                "rows": route.table and [route.table.row.__name__, *route.table.more],
                "bound": route.bound,
            }
    return found


@pytest.mark.usefixtures("deployment")
def test_every_door_is_as_it_was() -> None:
    """Where it is to be another: ``python -m tests.http.edge.test_doors``, and read what that changes."""
    assert doors() == json.loads(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    with deployed():
        FILE.write_text(json.dumps(doors(), indent=1) + "\n", encoding="utf-8")
