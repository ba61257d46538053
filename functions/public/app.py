"""Public: what needs no API key. It has no rights, and answers what no other function takes."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from scrip import runtime
from scrip.http.edge.answers import Answer, answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.http.edge.service import health_view, version_view

DOCUMENT: Final = Path(__file__).resolve().parent / "openapi.json"
"""The contract of this very deployment: ``make openapi`` writes it here too."""


@cache
def _document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def openapi(_request: HttpRequest) -> Answer:
    """Shows the OpenAPI document of this deployment."""
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": _document()}


def version(_request: HttpRequest) -> Answer:
    """Shows what is deployed here."""
    return answer(200, version_view(_document(), runtime.settings()))


def health(_request: HttpRequest) -> Answer:
    """Says that requests are answered."""
    return answer(200, health_view())


ROUTES = {
    "GET /v1/openapi.json": Route(openapi, None),
    "GET /v1/version": Route(version, None),
    "GET /v1/health": Route(health, None),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
