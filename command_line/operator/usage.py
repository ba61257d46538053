"""``scrip rollup``: makes the sums of what a wallet used anew from its ledger.

For what ``scrip verify`` finds, and for tables that were taken back from a backup.
"""

from __future__ import annotations

from command_line.output import print_json
from scrip import runtime
from scrip.http.edge.parameters import check_identifier
from scrip.services.usage import rollups


def roll_up(account: str, unit: str) -> int:
    """Makes a wallet's rollup anew, and prints of how many entries it is.

    Raises:
        InvalidRequest: no account or unit can be called so.
        NotFound: there is no such unit.
    """
    account, unit = check_identifier(account, "account"), check_identifier(unit, "unit")
    executor = runtime.executor()
    version = executor.context(account, unit).snapshot.wallet.version
    made = rollups.rebuild(executor.tables, account, unit, version)
    return print_json({"account": account, "unit": unit, "entries": made.stored.spending.seq})
