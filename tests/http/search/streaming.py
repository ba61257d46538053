"""The ledger's stream in a deployment of this process: what was committed is given to the function `outbox`."""

from __future__ import annotations

import base64
from collections import Counter
from typing import Any, Final

from scrip import runtime
from scrip.store import keys
from tests.aws import Context, Deployment, function

Json = dict[str, Any]
SHARD: Final = "shardId-00000001"


def records(account: str, unit: str = "credits") -> list[Json]:
    """A record for each row of a wallet's ledger, as Lambda brings them: bytes as base64."""
    answer = runtime.tables().client.query(
        TableName="ledger",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": keys.wallet(account, unit)}},
    )
    rows = sorted(answer["Items"], key=lambda row: row["tl"]["S"])
    return [
        {
            "eventName": "INSERT",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_428_000 + number,
                "SequenceNumber": str(10**20 + number),
                "Keys": {"pk": row["pk"], "sk": row["sk"]},
                "NewImage": {name: _sent(value) for name, value in row.items()},
            },
        }
        for number, row in enumerate(rows)
    ]


def index(*accounts: str, unit: str = "credits", shard: str | None = SHARD) -> None:
    """Gives the outbox all entries of these accounts' wallets."""
    for account in accounts:
        event: Json = {"Records": records(account, unit), "state": {}}
        answer = function("outbox").handler(event | ({"shardId": shard} if shard else {}), Context())
        assert answer == {"state": {}, "batchItemFailures": []}


def search(scrip: Deployment, **query: str) -> Json:
    answer = scrip.get("/v1/search", query=query)
    assert answer.status == 200, answer.text
    found: Json = answer.body
    return found


def paged(scrip: Deployment, limit: int, **query: str) -> list[Json]:
    """All that a search finds, page by page."""
    found: list[Json] = []
    while True:
        page = search(scrip, limit=str(limit), **query)
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


def kinds(found: list[Json]) -> Counter[str]:
    return Counter(one["kind"] for one in found)


def _sent(value: Any) -> Any:
    return {"B": base64.b64encode(bytes(value["B"])).decode()} if "B" in value else value
