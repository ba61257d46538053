"""What a deployment says of itself: the answers."""

from __future__ import annotations

import json
from typing import Any

from scrip.http.edge.answers import TypedDict
from scrip.runtime import Settings


class VersionView(TypedDict):
    """What is deployed."""

    version: str
    """The version of Scrip, and of its contract."""
    commit: str | None
    """The commit that it was deployed from; null where the deployment was not told."""
    test_clock: bool
    """Whether an admin key may say what time it is."""


class HealthView(TypedDict):
    """That requests are answered."""

    status: str
    """`ok`."""


class ContractView(TypedDict):
    """An OpenAPI 3.1 document, with all that belongs to one."""

    openapi: str
    """The version of OpenAPI."""
    info: Any
    """What it is of, and in which version."""
    servers: Any
    """Where it is answered; here it stands for a deployment."""
    tags: Any
    """How its operations are grouped."""
    paths: Any
    """Its operations, by path and method."""
    components: Any
    """What its operations are made of."""


def version_view(document: str, settings: Settings) -> VersionView:
    """Shows what is deployed, the version as the OpenAPI document has it."""
    version = json.loads(document)["info"]["version"]
    return {"version": version, "commit": settings.commit, "test_clock": settings.test_clock}


def health_view() -> HealthView:
    """Says that requests are answered."""
    return {"status": "ok"}
