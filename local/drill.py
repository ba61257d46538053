"""``make drill``: a restore, tried. Wallets and ledger go back to a moment of the past, at instants that are not
quite the same, as restores are; then everything that docs/restoring.md says is done, and shown.

A local AWS has no point-in-time recovery: the tables are copied, item by item, at the moment itself instead of after
it. Everything that follows is as it would be on AWS: ``scrip verify --all`` on the pair, what is missing, what to ask
for again, the webhooks of the lost minutes out of the deliveries table, and payments that stand right in the end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from local.ending import as_by_ctrl_c
from local.stack import ROOT, Stack, StackError
from scrip.domain.payments.delivery import Delivery
from scrip.services.engine.executor import Executor, Moment
from scrip.services.payments import posting
from scrip.store.tables import Tables

Json = dict[str, Any]
WALLETS: Final = 3
PACK: Final = "drill-10k"
PATIENCE_SECONDS: Final = 30.0
RESTORED: Final = "-restored"


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill came to.

    Attributes:
        found: the report of the pair as it was restored; ``trimmed``: without the surplus entries.
        lost: the surplus entries, which clients have to ask for again, by account.
        replayed: deliveries that were put back.
        ended: the report after that; ``payments``: what is posted for each payment in the live tables, and in the
            restored ones.
    """

    found: Json
    trimmed: Json
    lost: Mapping[str, list[Json]]
    replayed: int
    ended: Json
    payments: Mapping[str, tuple[Json, Json]]


class Drill:
    """One restore on a local stack, and all that it takes and looks at before and after."""

    def __init__(self, stack: Stack, client: httpx.Client) -> None:
        self.stack, self.client = stack, client
        self.dynamodb, self.sqs = stack.client("dynamodb"), stack.client("sqs")
        self.live = Tables(self.dynamodb, stack.outputs["WalletsTable"], stack.outputs["LedgerTable"])
        self.restored = Tables(self.dynamodb, self.live.wallets + RESTORED, self.live.ledger + RESTORED)

    def run(self) -> Drilled:
        """The whole drill. Raises ``StackError`` where Scrip does not do as it is told."""
        first, second = self._seed()
        # What is restored: the ledger a moment later than the wallets, so that no wallet knows more than its ledger.
        since = datetime.now(UTC)
        self._copy(self.live.wallets)
        self._burns("drill-0", "late-1", "late-2")
        self._burns("drill-1", "late-1")
        self._copy(self.live.ledger)
        # What is in neither: the minutes up to the disaster.
        self._burns("drill-2", "lost-1")
        self._at_checkout(first, "refund", {"amount": 30_000})
        self._at_checkout(second, "pay", {})
        self._until_settled(first, "partially_refunded")
        self._until_settled(second, "paid")

        found = self._verify()
        lost = {one["account"]: one["surplus"] for one in found["findings"]["items"] if "surplus" in one}
        self._trim(lost)
        trimmed = self._verify()
        replayed = self._replay(since)
        return Drilled(found, trimmed, lost, replayed, self._verify(), self._payments())

    # Before the disaster

    def _seed(self) -> tuple[Json, Json]:
        """Wallets that were used, one payment that was applied, and one order that nobody has paid yet."""
        pack = {
            "credits": "10000",
            "price": {"amount": 100_000, "currency": "USD"},
            "provider_refs": {"dodo": "pdt_drill"},
        }
        self._send("PUT", f"/v1/packs/{PACK}", pack)
        for number in range(WALLETS):
            account = f"drill-{number}"
            grant = {"amount": "100", "expires_in": "P1Y"}
            self._send("POST", f"/v1/accounts/{account}/grants", grant, f"{account}-grant")
            self._burns(account, "early-1", "early-2")
        first, second = self._order("drill-buyer-1"), self._order("drill-buyer-2")
        self._at_checkout(first, "pay", {})
        self._until_settled(first, "paid")
        return first, second

    def _burns(self, account: str, *keys: str) -> None:
        for key in keys:
            body = {"amount": "3", "reference": {"type": "job", "id": key}}
            self._send("POST", f"/v1/accounts/{account}/burns", body, f"{account}-{key}")

    def _order(self, account: str) -> Json:
        body = {"account": account, "pack": PACK, "return_url": "https://shop.example/", "accept_terms": True}
        return self._send("POST", "/v1/topups", {**body, "provider": "dodo"}, f"{account}-order")

    def _at_checkout(self, order: Json, what: str, body: Json) -> None:
        """What the buyer, or the merchant, does at the provider; its webhook comes by itself."""
        _good(httpx.post(f"{order['checkout_url']}/{what}", json=body, timeout=30, trust_env=False))

    def _until_settled(self, order: Json, status: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._send("GET", f"/v1/topups/{order['topup_id']}")["status"] != status:
            if time.monotonic() > deadline:
                raise StackError(f"order {order['topup_id']} was not {status} in time")
            time.sleep(0.1)

    def _send(self, method: str, path: str, body: Any = None, key: str | None = None) -> Json:
        headers = {"idempotency-key": key} if key else {}
        return _good(self.client.request(method, path, json=body, headers=headers))

    # The restore

    def _copy(self, table: str) -> None:
        """Stands for ``aws dynamodb restore-table-to-point-in-time``: the table as it is now, under a new name."""
        said = self.dynamodb.describe_table(TableName=table)["Table"]
        kept = ("IndexName", "KeySchema", "Projection")
        self.dynamodb.create_table(
            TableName=table + RESTORED,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=said["KeySchema"],
            AttributeDefinitions=said["AttributeDefinitions"],
            GlobalSecondaryIndexes=[
                {name: index[name] for name in kept} for index in said["GlobalSecondaryIndexes"]
            ],
        )
        rows = list(self._everything(table))
        for start in range(0, len(rows), 25):
            puts = [{"PutRequest": {"Item": row}} for row in rows[start : start + 25]]
            self.dynamodb.batch_write_item(RequestItems={table + RESTORED: puts})

    def _everything(self, table: str) -> Iterator[Json]:
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from page["Items"]

    def _trim(self, lost: Mapping[str, list[Json]]) -> None:
        """Entries that no wallet has seen leave the copy, which is no ledger yet: they are asked for again."""
        for account, entries in lost.items():
            for entry in entries:
                key = {"pk": {"S": f"w#{account}#credits"}, "sk": {"S": entry["entry_id"]}}
                self.dynamodb.delete_item(TableName=self.restored.ledger, Key=key)

    def _replay(self, since: datetime) -> int:
        """Every delivery since the restored moment, through a queue of its own, into the restored tables."""
        queue = self.sqs.create_queue(
            QueueName="drill.fifo", Attributes={"FifoQueue": "true", "DeduplicationScope": "messageGroup"}
        )["QueueUrl"]
        deliveries = [
            json.loads(line)
            for line in self._scrip(
                "deliveries", "list", "--since", f"{since:%Y-%m-%dT%H:%M:%SZ}"
            ).splitlines()
        ]
        for one in deliveries:
            self._scrip(
                "deliveries", "replay", one["provider"], one["delivery_id"], SCRIP_PAYMENTS_QUEUE_URL=queue
            )
        executor = Executor(self.restored)
        while messages := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                said = json.loads(message["Body"])
                delivery, now = Delivery.from_dict(said["delivery"]), time.time_ns() // 1_000_000
                posting.apply(executor, delivery, said["delivery_id"], Moment(now))
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(deliveries)

    # What is said

    def _verify(self) -> Json:
        """``scrip verify --all`` on the restored pair."""
        report: Json = json.loads(self._scrip("verify", "--all"))
        return report

    def _payments(self) -> dict[str, tuple[Json, Json]]:
        def posted(table: str) -> dict[str, Json]:
            return {
                item["pk"]["S"]: json.loads(item["body"]["S"])["posted"]
                for item in self._everything(table)
                if item["pk"]["S"].startswith("payment#")
            }

        live, restored = posted(self.live.wallets), posted(self.restored.wallets)
        return {name: (live[name], restored.get(name, {})) for name in live}

    def _scrip(self, *arguments: str, **environment: str) -> str:
        """The operator's command on the restored tables; 1 says that it found something."""
        there = {
            **self.stack.environment,
            "SCRIP_WALLETS_TABLE": self.restored.wallets,
            "SCRIP_LEDGER_TABLE": self.restored.ledger,
            "SCRIP_DODO_OURS": "",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "layers" / "scrip")]),
            **environment,
        }
        done = subprocess.run(
            [sys.executable, "-m", "command_line", *arguments],
            cwd=ROOT,
            env=there,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise StackError(f"scrip {' '.join(arguments)} failed:\n{done.stderr}")
        return done.stdout


def drill(stack: Stack) -> Drilled:
    """A drill on a stack that is running."""
    headers = {"authorization": f"Bearer {stack.admin_key}"}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=30, trust_env=False) as client:
        return Drill(stack, client).run()


def told(drilled: Drilled) -> str:
    """What was found and done, for a person."""
    lines = ["Restored: Wallets, and Ledger a moment later. scrip verify --all says:"]
    lines += [
        f"  {one['account']}: {one['kind']}, entries {one['first']} to {one['last']}"
        for one in drilled.found["findings"]["items"]
    ]
    lines.append("Taken out of the copy of the ledger, to be asked for again under their own keys:")
    for account, entries in drilled.lost.items():
        for entry in entries:
            about = " ".join(entry["reference"] or [])
            lines.append(f"  {account}: {entry['kind']} {entry['amount']} at {entry['at']} {about}")
    lines.append(f"Then: {drilled.trimmed['findings']['count']} findings.")
    lines.append(f"Replayed: {drilled.replayed} webhooks from the deliveries table.")
    for name, (live, restored) in drilled.payments.items():
        lines.append(f"  {name}: was {live}, is {restored}")
    lines.append(f"In the end: {drilled.ended['findings']['count']} findings.")
    return "\n".join(lines)


def _good(answer: httpx.Response) -> Json:
    if answer.status_code not in (200, 201):
        raise StackError(f"{answer.request.url}: {answer.status_code} {answer.text}")
    document: Json = answer.json()
    return document


def main() -> int:
    """A drill on a local AWS of its own. 0: everything stood right in the end."""
    as_by_ctrl_c()
    with (
        tempfile.TemporaryDirectory(prefix="scrip-", ignore_cleanup_errors=True) as workdir,
        Stack.start(Path(workdir)) as stack,
    ):
        drilled = drill(stack)
    print(told(drilled))
    right = all(live == restored for live, restored in drilled.payments.values())
    return 0 if right and not drilled.ended["findings"]["count"] else 1


if __name__ == "__main__":
    sys.exit(main())
