"""``scrip``: what an operator does from a shell, with AWS credentials of their own.

Tables and queues are named by variables such as SCRIP_WALLETS_TABLE and SCRIP_KEYS_TABLE, each an output of the
stack (WalletsTable, KeysTable). A command says which one is missing.

    scrip key create --scope admin [--account ACCOUNT] [--name NAME] [--expires-at INSTANT] [--rate-limit 50]
    scrip key list
    scrip key rotate KEY_ID
    scrip key delete KEY_ID
    scrip verify ACCOUNT [--unit UNIT]
    scrip verify --all [--workers 4] [--resume FILE] [--segment 1/8]
    scrip units
    scrip reindex [--workers 4]
    scrip redrive
    scrip deliveries list [--since INSTANT]
    scrip deliveries show PROVIDER DELIVERY_ID
    scrip deliveries replay PROVIDER DELIVERY_ID
    scrip reconcile PROVIDER [--days 3]

To reindex, also set SCRIP_LEDGER_STREAM_ARN. To reconcile, also set SCRIP_PAYMENTS_QUEUE_URL, and for the provider
(here Dodo) SCRIP_DODO_API_KEY_SECRET_ID and SCRIP_DODO_BASE_URL. On your own machine ``. .local/env`` sets all of them.

Modules

    keys            ``key create``, ``list``, ``rotate`` and ``delete``
    verification    ``verify``
    reconciliation  ``reconcile``
    units           ``units``
    index           ``reindex``
    deliveries      ``deliveries list``, ``show`` and ``replay``, and ``redrive``
    mistakes        what is wrong outside of Scrip, in a sentence
    output          what a command prints
    __main__        the same command as ``python -m scrip.cli``
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from scrip.cli import deliveries, index, keys, reconciliation, units, verification
from scrip.cli.mistakes import outside


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command, which prints JSON, and returns its exit status.

    0: it did what it was asked, and found nothing wrong. 1: something is wrong with a ledger or a payment. 2: it could
    not be done, for a reason outside: a name, a setting, a table, credentials, a provider. The reason is a sentence on
    the standard error. 70: Scrip itself failed, so nothing was found; the traceback is on the standard error.
    """
    options = _parser().parse_args(arguments)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        # With one that is set to nothing, botocore would go to no region, and say whatever comes of it.
        if os.environ.get(name) == "":
            del os.environ[name]
    try:
        return int(options.run(options))
    except Exception as error:  # noqa: BLE001 - Python would end with the status that says that a ledger is wrong
        sentence = outside(error)
        if sentence is None:
            traceback.print_exc()
            return 70
        print(f"scrip: {sentence}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scrip", description="Operate a Scrip deployment.")
    commands = parser.add_subparsers(required=True)
    keys.add_parsers(commands)
    verification.add_parser(commands)
    reconciliation.add_parser(commands)
    units.add_parser(commands)
    index.add_parser(commands)
    deliveries.add_parsers(commands)
    return parser
