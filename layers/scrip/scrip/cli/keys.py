"""``scrip key``: makes, lists, rotates and deletes API keys."""

from __future__ import annotations

import argparse
from typing import Final

from pydantic import ValidationError

from scrip import runtime
from scrip.cli.output import print_json
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.catalogue.keys import SCOPES, KeyBody, key_view, made_key_view
from scrip.http.edge.mistakes import mistakes
from scrip.services.audit.changes import OPERATOR, Author
from scrip.services.catalogue import keys
from scrip.services.catalogue.keys import KeyAsker

PAGE: Final = 100
"""Keys that are read at a time."""


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``key create``, ``key list``, ``key rotate`` and ``key delete``."""
    key = commands.add_parser("key", help="API keys").add_subparsers(required=True)
    create = key.add_parser("create", help="make a key; it is shown this once")
    create.add_argument(
        "--scope", choices=SCOPES, action="append", required=True, help="more than once for several"
    )
    create.add_argument("--account", help="bind a key that may read, burn or top_up to one account")
    create.add_argument("--name", help="what people call it")
    create.add_argument("--expires-at", help="from when on it opens nothing, such as 2027-01-01T00:00:00Z")
    create.add_argument("--rate-limit", type=int, help="requests a second")
    create.set_defaults(run=_create_key)
    listing = key.add_parser("list", help="all keys, newest first, without the keys themselves")
    listing.set_defaults(run=_list_keys)
    rotate = key.add_parser("rotate", help="give a key a new secret; the one before works for another day")
    rotate.add_argument("key_id")
    rotate.set_defaults(run=_rotate_key)
    delete = key.add_parser("delete", help="delete a key; within a minute it is refused everywhere")
    delete.add_argument("key_id")
    delete.set_defaults(run=_delete_key)


def _create_key(options: argparse.Namespace) -> int:
    """Makes a key and prints it. The key itself is stored nowhere, so this is the only time.

    Raises:
        InvalidRequest: the API would refuse such a key too: what a key may be is said once, by its body.
    """
    asked = {
        "scopes": options.scope,
        "account": options.account,
        "name": options.name,
        "expires_at": options.expires_at,
        "rate_limit": options.rate_limit,
    }
    try:
        body = KeyBody(**{name: value for name, value in asked.items() if value is not None})
    except ValidationError as error:
        raise InvalidRequest(mistakes(error)) from error
    made = keys.create_key(runtime.api_keys(), runtime.tables(), body.new_key(), _operator())
    return print_json(made_key_view(made))


def _list_keys(_options: argparse.Namespace) -> int:
    """Prints every key, newest first, without the keys themselves."""
    page = keys.list_keys(runtime.api_keys(), PAGE, None)
    found = list(page.items)
    while page.following is not None:
        page = keys.list_keys(runtime.api_keys(), PAGE, page.following)
        found += page.items
    return print_json({"items": [key_view(key) for _, key in found]})


def _rotate_key(options: argparse.Namespace) -> int:
    """Gives a key a new secret and prints it. Raises ``NotFound`` where there is none, ``PolicyViolation`` if over."""
    made = keys.rotate_key(runtime.api_keys(), runtime.tables(), options.key_id, _operator())
    return print_json(made_key_view(made))


def _delete_key(options: argparse.Namespace) -> int:
    """Deletes a key and prints its id. Raises ``NotFound`` where there is none."""
    keys.delete_key(runtime.api_keys(), runtime.tables(), options.key_id, _operator().author)
    return print_json({"key_id": options.key_id, "deleted": True})


def _operator() -> KeyAsker:
    """Returns who asks: whoever has the shell, at this moment."""
    return KeyAsker(Author(OPERATOR, runtime.now()))
