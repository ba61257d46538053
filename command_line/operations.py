"""The operator's commands, as they are typed: with AWS credentials, on the tables and queues themselves.

Those are named by ``--stack``, or by variables such as SCRIP_WALLETS_TABLE, each an output of the stack (WalletsTable).
A command says which one is missing. All print JSON.
"""

from __future__ import annotations

from typing import Annotated, Final

import typer

from command_line.mistakes import Mistake
from command_line.parameters import invocation

MOST_SHARES: Final = 1000
"""Shares that a verification is cut into: more machines than anybody would give to it."""


def _segment(text: str) -> tuple[int, int]:
    """Parses ``3/8``, the third of eight shares, as (2, 8). Raises ``Mistake`` for anything else."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MOST_SHARES):
        raise Mistake(f"--segment is like 1/8, with at most {MOST_SHARES} shares")
    return int(number) - 1, int(of)


Workers = Annotated[int, typer.Option(min=1, max=16)]
Provider = Annotated[str, typer.Argument()]
DeliveryId = Annotated[str, typer.Argument(metavar="DELIVERY_ID")]


def verify(
    context: typer.Context,
    account: Annotated[str | None, typer.Argument()] = None,
    unit: str = "credits",
    everything: Annotated[bool, typer.Option("--all", help="every wallet and every payment")] = False,
    workers: Workers = 4,
    resume: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="keep there how far it came, and go on from there"),
    ] = None,
    segment: Annotated[str, typer.Option(metavar="1/8", help="one share of all")] = "1/1",
) -> int:
    """Verifies a wallet's ledger, its chain and its sums, or those of all wallets. 1: something is wrong."""
    invocation(context).enter_stack()
    from command_line.operator import verification

    if everything:
        return verification.verify_all(account, workers, resume, _segment(segment))
    return verification.verify(account, unit)


def reconcile(
    context: typer.Context,
    provider: Provider,
    days: Annotated[int, typer.Option(min=1, max=30)] = 3,
) -> int:
    """Compares with what a provider lists, and feeds what is missing. 1: something is wrong."""
    invocation(context).enter_stack()
    from command_line.operator import reconciliation

    return reconciliation.reconcile(provider, days)


def units(context: typer.Context) -> int:
    """Lists all units, so that ids find them; it may be done again."""
    invocation(context).enter_stack()
    from command_line.operator import units

    return units.list_units()


def reindex(context: typer.Context, workers: Workers = 4) -> int:
    """Puts every entry of the ledger under its reference, for the search."""
    invocation(context).enter_stack()
    from command_line.operator import index

    return index.reindex(workers)


def roll_up(context: typer.Context, account: Annotated[str, typer.Argument()], unit: str = "credits") -> int:
    """Makes the sums of what a wallet used anew from its ledger."""
    invocation(context).enter_stack()
    from command_line.operator import usage

    return usage.roll_up(account, unit)


def republish(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", metavar="INSTANT", help="like 2026-11-23T10:00:00Z")],
    until: Annotated[
        str | None, typer.Option("--to", metavar="INSTANT", help="now where it is left out")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="of this one alone; may be given several times")
    ] = None,
    workers: Workers = 4,
) -> int:
    """Publishes the events of all entries that were committed in a time once more, under the same ids."""
    invocation(context).enter_stack()
    from command_line.operator import events

    return events.republish(since, until, account or [], workers)


def redrive(context: typer.Context) -> int:
    """Puts payments that could not be applied back into their queue."""
    invocation(context).enter_stack()
    from command_line.operator import deliveries

    return deliveries.redrive()


def list_deliveries(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(metavar="INSTANT", help="like 2026-11-23T10:00:00Z")] = None,
) -> int:
    """Lists which deliveries are kept, one to a line."""
    invocation(context).enter_stack()
    from command_line.operator import deliveries

    return deliveries.list_deliveries(since)


def list_waiting_deliveries(
    context: typer.Context,
    before: Annotated[str | None, typer.Option(metavar="INSTANT", help="like 2026-11-23T10:00:00Z")] = None,
) -> int:
    """Lists which deliveries came before an instant and are not applied, parked or refused yet, one to a line."""
    invocation(context).enter_stack()
    from command_line.operator import deliveries

    return deliveries.waiting(before)


def show_deliveries(context: typer.Context, provider: Provider, delivery_id: DeliveryId) -> int:
    """Shows what is kept of a delivery: personal data."""
    invocation(context).enter_stack()
    from command_line.operator import deliveries

    return deliveries.show(provider, delivery_id)


def replay_deliveries(context: typer.Context, provider: Provider, delivery_id: DeliveryId) -> int:
    """Reads what is kept of a delivery again, and queues it."""
    invocation(context).enter_stack()
    from command_line.operator import deliveries

    return deliveries.replay(provider, delivery_id)
