"""What a deployment says of itself, without an API key."""

from typing import Final

from openapi.declare import Operation
from scrip.http.edge.service import ContractView, HealthView, VersionView

OPERATIONS: Final = (
    Operation(
        route="GET /v1/openapi.json",
        id="get_openapi",
        tag="Deployment",
        summary="This document",
        answers={200: ContractView},
        public=True,
    ),
    Operation(
        route="GET /v1/version",
        id="get_version",
        tag="Deployment",
        summary="What is deployed here",
        answers={200: VersionView},
        public=True,
    ),
    Operation(
        route="GET /v1/health",
        id="get_health",
        tag="Deployment",
        summary="Whether requests are answered",
        answers={200: HealthView},
        public=True,
    ),
)
