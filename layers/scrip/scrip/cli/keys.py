"""``scrip key``: makes and deletes API keys."""

from __future__ import annotations

import argparse

from pydantic import ValidationError

from scrip import runtime
from scrip.cli.output import print_json
from scrip.domain.credits.errors import InvalidRequest
from scrip.http.catalogue.keys import KeyBody
from scrip.http.edge.mistakes import mistakes
from scrip.services.catalogue import keys


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``key create`` and ``key delete``."""
    key = commands.add_parser("key", help="API keys").add_subparsers(required=True)
    create = key.add_parser("create", help="make a key; it is shown this once")
    create.add_argument("--scope", choices=("read", "burn", "grant", "admin"), required=True)
    create.add_argument("--account", help="bind a read key to one account")
    create.set_defaults(run=_create_key)
    delete = key.add_parser("delete", help="delete a key; within a minute it is refused everywhere")
    delete.add_argument("key_id")
    delete.set_defaults(run=_delete_key)


def _create_key(options: argparse.Namespace) -> int:
    """Makes a key and prints it. The key itself is stored nowhere, so this is the only time.

    Raises:
        InvalidRequest: the API would refuse such a key too: what a key may be is said once, by its body.
    """
    try:
        body = KeyBody(scope=options.scope, account=options.account)
    except ValidationError as error:
        raise InvalidRequest(mistakes(error)) from error
    key_id, key = keys.create_key(runtime.tables(), body.scope, body.account)
    return print_json({"key_id": key_id, "key": key})


def _delete_key(options: argparse.Namespace) -> int:
    """Deletes a key and prints its id. Raises ``NotFound`` where there is none."""
    keys.delete_key(runtime.tables(), options.key_id)
    return print_json({"key_id": options.key_id, "deleted": True})
