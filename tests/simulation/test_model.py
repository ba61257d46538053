"""The model of DynamoDB against the local AWS: the same random requests to both, of the forms that the store makes, and
the same answers. What may differ is left out of the comparison, and named in ``told``.

What one client cannot bring about (conflicts, throttling) is in ``test_semantics``.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack
from simulation.dynamodb import Dynamo
from simulation.tables import TableDefinition
from simulation.world import TABLES
from tests.aws import table_on_demand, template

SEEDS = range(4)
REQUESTS = 220


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The local AWS without a stack: a client for its DynamoDB."""
    workdir: Path = tmp_path_factory.mktemp("dynamodb")
    with Stack.bare(workdir) as stack:
        yield stack.client("dynamodb")


def test_the_model_has_the_tables_of_the_template() -> None:
    resources = template()["Resources"]
    assert (
        tuple(
            TableDefinition.from_template(name.lower(), resources[f"{name}Table"]["Properties"])
            for name in ("Wallets", "Ledger")
        )
        == TABLES
    )


def test_the_model_answers_as_the_local_aws_does(aws: Any) -> None:
    outcomes = set()
    for seed in SEEDS:
        make_tables(aws)
        model, asked = Dynamo(TABLES), Asked(random.Random(seed), f"seed {seed}")
        for number in range(REQUESTS):
            operation, request = asked.next(number)
            here, there = told(model, operation, request), told(aws, operation, request)
            assert here == there, f"seed {seed}: {operation} {request}"
            outcomes.add((operation, here[0]))
    assert outcomes == {
        ("transact_write_items", "answer"),
        ("transact_write_items", "TransactionCanceledException"),
        ("transact_write_items", "IdempotentParameterMismatchException"),
        ("put_item", "answer"),
        ("put_item", "ConditionalCheckFailedException"),
        ("update_item", "answer"),
        ("update_item", "ConditionalCheckFailedException"),
        ("delete_item", "answer"),
        ("get_item", "answer"),
        ("batch_get_item", "answer"),
        ("query", "answer"),
    }


def make_tables(aws: Any) -> None:
    """Both tables, empty, as the template defines them."""
    for name in ("Wallets", "Ledger"):
        with contextlib.suppress(aws.exceptions.ResourceNotFoundException):
            aws.delete_table(TableName=name.lower())
        properties = template()["Resources"][f"{name}Table"]["Properties"]
        aws.create_table(TableName=name.lower(), **table_on_demand(properties))


def told(client: Any, operation: str, request: dict[str, Any]) -> tuple[str, Any]:
    """The answer, or the error's code with what it says of each item.

    Left out: metadata and the errors' wording, which clients may not rely on; counts of what a query read, which the
    store does not look at; the order of a batch, which DynamoDB leaves open.
    """
    try:
        answer = getattr(client, operation)(**request)
    except ClientError as error:
        response: Any = error.response
        reasons = [(reason["Code"], reason.get("Item")) for reason in response.get("CancellationReasons", [])]
        return response["Error"]["Code"], (response.get("Item"), reasons)
    answer = {name: value for name, value in answer.items() if name not in LEFT_OUT}
    if operation == "batch_get_item":
        rows = answer["Responses"].get("wallets", [])
        answer["Responses"] = sorted(rows, key=lambda row: row["sk"]["S"])
    return "answer", answer


LEFT_OUT = ("ResponseMetadata", "Count", "ScannedCount")


class Asked:
    """Random requests of the store's own forms, on few keys, so that they meet."""

    def __init__(self, dice: random.Random, name: str) -> None:
        self.dice, self.name = dice, name
        self.tokens: dict[str, Any] = {}

    def next(self, number: int) -> tuple[str, dict[str, Any]]:
        forms = (
            self.commit,
            self.commit,
            self.commit,
            self.put,
            self.delete,
            self.postpone,
            self.get,
            self.batch,
            self.query,
            self.timeline,
            self.due,
            self.redeem,
            self.again,
        )
        return self.dice.choice(forms)(number)

    def pk(self) -> str:
        return f"w#a{self.dice.randint(1, 2)}#u"

    def key(self) -> dict[str, Any]:
        sk = self.dice.choice(("wallet", "page#1", "page#2", "rest#1", "due#1#x", "head"))
        return {"pk": {"S": self.pk()}, "sk": {"S": sk}}

    def wallet(self, pk: str, number: int) -> dict[str, Any]:
        dice = self.dice
        item: dict[str, Any] = {
            "pk": {"S": pk},
            "sk": {"S": "wallet"},
            "version": {"N": str(dice.randint(1, 3))},
            "head": {"B": bytes([number % 256])},
            "available": {"N": str(dice.choice((0, 10**27, -5)))},
        }
        if dice.random() < 0.7:
            item |= {"shard": {"S": f"0{dice.randint(1, 2)}"}, "sweep_at": {"N": str(dice.randint(1, 9))}}
        return item

    def commit(self, number: int) -> tuple[str, dict[str, Any]]:
        dice, pk = self.dice, self.pk()
        put: dict[str, Any] = {"TableName": "wallets", "Item": self.wallet(pk, number), **ALL_OLD}
        if dice.random() < 0.6:
            put |= {
                "ConditionExpression": "version = :seen",
                "ExpressionAttributeValues": {":seen": {"N": str(dice.randint(1, 3))}},
            }
        else:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        if dice.random() < 0.2:
            del put["ConditionExpression"]
            put.pop("ExpressionAttributeValues", None)
        seq = dice.randint(1, 12)
        entry = {
            "pk": {"S": pk},
            "sk": {"S": f"s.{seq}"},
            "tl": {"S": f"{seq:015d}.{seq:012d}"},
            "kind": {"S": dice.choice(("grant", "burn"))},
            "body": {"S": '{"é":1}'},
            "hash": {"B": b"\x00\xff"},
        }
        items: list[Any] = [
            {"Put": put},
            {
                "Put": {
                    "TableName": "ledger",
                    "Item": entry,
                    "ConditionExpression": "attribute_not_exists(pk)",
                    **ALL_OLD,
                }
            },
        ]
        if dice.random() < 0.5:
            items.append({"Put": {"TableName": "wallets", "Item": self.page(pk)}})
        if dice.random() < 0.4:
            items.append(
                {"Delete": {"TableName": "wallets", "Key": {"pk": {"S": pk}, "sk": {"S": "due#1#x"}}}}
            )
        if dice.random() < 0.5:
            items.append({"Update": self.block(pk)})
        request: dict[str, Any] = {"TransactItems": items, "ClientRequestToken": f"{self.name}-{number}"}
        self.tokens[request["ClientRequestToken"]] = request
        return "transact_write_items", request

    def page(self, pk: str) -> dict[str, Any]:
        sk = self.dice.choice(("page#1", "page#2", "page#3"))
        return {"pk": {"S": pk}, "sk": {"S": sk}, "lots": {"B": b"abc"}, "due_at": {"N": "17"}}

    def block(self, pk: str) -> dict[str, Any]:
        first, second = self.dice.randint(1, 4), self.dice.randint(5, 8)
        return {
            "TableName": "wallets",
            "Key": {"pk": {"S": pk}, "sk": {"S": "rest#1"}},
            "UpdateExpression": f"SET lot{first} = :{first} REMOVE lot{second}",
            "ExpressionAttributeValues": {f":{first}": {"B": b"x"}},
        }

    def again(self, number: int) -> tuple[str, dict[str, Any]]:
        """A transaction that was sent before, or another under its token."""
        if not self.tokens:
            return self.commit(number)
        request = self.tokens[self.dice.choice(list(self.tokens)[-3:])]
        if self.dice.random() < 0.5:
            return "transact_write_items", request
        _, other = self.commit(number)
        return "transact_write_items", {**other, "ClientRequestToken": request["ClientRequestToken"]}

    def redeem(self, _: int) -> tuple[str, dict[str, Any]]:
        values = {":one": {"N": "1"}, ":steps": {"N": "3"}, ":most": {"N": "2"}, ":room": {"N": "4"}}
        update = {
            "TableName": "wallets",
            "Key": {"pk": {"S": "promo#x"}, "sk": {"S": "count"}},
            "UpdateExpression": "ADD redeemed :one, granted :steps",
            "ConditionExpression": "(attribute_not_exists(redeemed) OR redeemed < :most)"
            " AND (attribute_not_exists(granted) OR granted <= :room)",
            "ExpressionAttributeValues": values,
        }
        claim = {"pk": {"S": "promo#x"}, "sk": {"S": f"claim#account#{self.dice.randint(1, 4)}"}}
        put = {"TableName": "wallets", "Item": claim, "ConditionExpression": "attribute_not_exists(pk)"}
        return "transact_write_items", {"TransactItems": [{"Update": update}, {"Put": put}]}

    def put(self, _: int) -> tuple[str, dict[str, Any]]:
        rev = self.dice.randint(0, 2)
        item = {
            **self.key(),
            "sk": {"S": "head"},
            "rev": {"N": str(rev + 1)},
            "body": {"S": "{}"},
        }
        request: dict[str, Any] = {"TableName": "wallets", "Item": item}
        if rev:
            request |= {
                "ConditionExpression": "rev = :rev",
                "ExpressionAttributeValues": {":rev": {"N": str(rev)}},
            }
        else:
            request["ConditionExpression"] = "attribute_not_exists(pk)"
        return "put_item", request

    def delete(self, _: int) -> tuple[str, dict[str, Any]]:
        return "delete_item", {"TableName": "wallets", "Key": self.key(), "ReturnValues": "ALL_OLD"}

    def postpone(self, _: int) -> tuple[str, dict[str, Any]]:
        request: dict[str, Any] = {
            "TableName": "wallets",
            "Key": {"pk": {"S": self.pk()}, "sk": {"S": "wallet"}},
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeValues": {":seen": {"N": str(self.dice.randint(1, 3))}},
            "UpdateExpression": "REMOVE sweep_at",
        }
        if self.dice.random() < 0.5:
            request["UpdateExpression"] = "SET sweep_at = :at"
            request["ExpressionAttributeValues"][":at"] = {"N": str(self.dice.randint(1, 9))}
        return "update_item", request

    def get(self, _: int) -> tuple[str, dict[str, Any]]:
        return "get_item", {"TableName": "wallets", "Key": self.key(), "ConsistentRead": True}

    def batch(self, _: int) -> tuple[str, dict[str, Any]]:
        names = self.dice.sample(("wallet", "page#1", "page#2", "rest#1", "nothing"), 3)
        pk = self.pk()
        wanted = [{"pk": {"S": pk}, "sk": {"S": sk}} for sk in names]
        return "batch_get_item", {"RequestItems": {"wallets": {"Keys": wanted, "ConsistentRead": True}}}

    def query(self, _: int) -> tuple[str, dict[str, Any]]:
        values = {":pk": {"S": self.pk()}, ":prefix": {"S": self.dice.choice(("page#", "due#", "rest#"))}}
        condition = "pk = :pk AND begins_with(sk, :prefix)"
        request: dict[str, Any] = {"TableName": "wallets", "ConsistentRead": True}
        if self.dice.random() < 0.4:
            condition = "pk = :pk AND sk BETWEEN :first AND :key"
            values = {":pk": {"S": self.pk()}, ":first": {"S": "page#"}, ":key": {"S": "page#2"}}
            request["ScanIndexForward"] = False
        if self.dice.random() < 0.5:
            request["Limit"] = self.dice.randint(1, 3)
        if self.dice.random() < 0.3:
            request["ExclusiveStartKey"] = {"pk": values[":pk"], "sk": {"S": "page#1"}}
            if "BETWEEN" not in condition:
                values[":prefix"] = {"S": "page#"}
        return "query", {
            **request,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }

    def timeline(self, _: int) -> tuple[str, dict[str, Any]]:
        first, last = sorted(self.dice.sample(range(14), 2))
        request: dict[str, Any] = {
            "TableName": "ledger",
            "IndexName": "timeline",
            "KeyConditionExpression": "pk = :pk AND tl BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": {"S": self.pk()},
                ":first": {"S": f"{first:015d}.{first:012d}"},
                ":last": {"S": f"{last:015d}.{last:012d}"},
            },
            "ScanIndexForward": self.dice.random() < 0.5,
        }
        if self.dice.random() < 0.4:
            request["FilterExpression"] = "kind = :kind"
            request["ExpressionAttributeValues"][":kind"] = {"S": "burn"}
        else:
            request["Limit"] = self.dice.randint(1, 4)
        return "query", request

    def due(self, _: int) -> tuple[str, dict[str, Any]]:
        return "query", {
            "TableName": "wallets",
            "IndexName": "due",
            "KeyConditionExpression": "#shard = :shard AND sweep_at <= :now",
            "ExpressionAttributeNames": {"#shard": "shard"},
            "ExpressionAttributeValues": {
                ":shard": {"S": f"0{self.dice.randint(1, 2)}"},
                ":now": {"N": str(self.dice.randint(1, 9))},
            },
            "Limit": 100,
        }


ALL_OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
