"""Wallets that have lived their lives, as far as the archive needs them yet.

A run forgets such wallets, so that it does not grow. An edition counts the entries of every wallet that there ever was:
so their heads stay here, and their entries until an edition has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from scrip.store import keys
from simulation.dynamodb import Dynamo
from simulation.expressions import Item

Json = dict[str, Any]


class Attic:
    """The tables of a run, with what the run has forgotten of them.

    Args:
        scanned: is told the items that a scan for heads gives, before anything else happens.
    """

    def __init__(self, dynamo: Dynamo, scanned: Callable[[Sequence[Item]], None]) -> None:
        self._there, self._scanned = dynamo, scanned
        self._gone = Dynamo([table.definition for table in dynamo.tables.values()])
        self.calls: dict[str, Callable[..., Any]] = {
            "query_all": self.query,
            "scan_all": self.scan,
            "batch_get_all": self.batch_get_item,
        }

    def keep(self, pk: str) -> None:
        """Takes a wallet that the run is about to forget."""
        wallet = self._there.tables["wallets"].get((pk, keys.WALLET))
        if wallet is None:
            return
        head = {name: value for name, value in wallet.items() if name not in ("shard", "sweep_at")}
        self._gone.tables["wallets"].set((pk, keys.WALLET), head, 0)
        for sk, row in self._there.tables["ledger"].partitions[pk].items.items():
            self._gone.tables["ledger"].set((pk, sk), row, 0)

    def forget(self, pk: str) -> None:
        """Forgets a wallet's entries: an edition has them."""
        self._gone.tables["ledger"].forget(pk)

    def query(self, **request: Any) -> Json:
        asked = {value.get("S") for value in request["ExpressionAttributeValues"].values()}
        return self._of(request["TableName"], asked).query(**request)

    def batch_get_item(self, **request: Any) -> Json:
        ((table, wanted),) = request["RequestItems"].items()
        return self._of(table, {key["pk"]["S"] for key in wanted["Keys"]}).batch_get_item(**request)

    def scan(self, **request: Any) -> Json:
        """What is forgotten comes with the last page."""
        answer = self._there.scan(**request)
        if "LastEvaluatedKey" not in answer:
            for name in ("ExclusiveStartKey", "page_items"):
                request.pop(name, None)
            answer["Items"] += self._gone.scan(**request)["Items"]
        if "TotalSegments" in request:
            self._scanned(answer["Items"])
        return answer

    def _of(self, table: str, pks: set[str | None]) -> Dynamo:
        """The tables that have these partitions: one call is of one wallet."""
        return self._gone if pks & self._gone.tables[table].partitions.keys() else self._there
