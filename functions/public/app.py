"""Public: what needs no API key. It may do nothing, and answers what no other function takes."""

from typing import Any

from scrip.http.edge.answers import Answer
from scrip.http.edge.request import Event, Route, serve

ROUTES: dict[str, Route] = {}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
