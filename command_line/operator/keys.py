"""The first API key: an admin's, put into the table of keys itself. It makes all others, over HTTP."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from scrip import runtime
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.catalogue.keys import KeyBody, made_key_view
from scrip.http.edge.mistakes import mistakes
from scrip.services.audit.changes import OPERATOR, Author
from scrip.services.catalogue import keys
from scrip.services.catalogue.keys import KeyAsker


def bootstrap(name: str | None, expires_at: str | None) -> dict[str, Any]:
    """Makes an admin key and returns it. The key itself is stored nowhere, so this is the only time.

    Raises:
        InvalidRequest: the API would refuse such a key too: what a key may be is said once, by its body.
    """
    asked: dict[str, Any] = {"scope": "admin", "name": name, "expires_at": expires_at}
    try:
        body = KeyBody(**{member: value for member, value in asked.items() if value is not None})
    except ValidationError as error:
        raise InvalidRequest(mistakes(error)) from error
    operator = KeyAsker(Author(OPERATOR, runtime.now()))
    made = keys.create_key(runtime.api_keys(), runtime.tables(), body.new_key(), operator)
    return dict(made_key_view(made))
