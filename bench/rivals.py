"""What Scrip is measured against: the floor below which boto3 does not go, and the usual way.

Neither knows lots, expiry, holds or a hash chain. Both move one balance and put one row, atomically, so they show what
that much costs.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
import time
import uuid
from typing import IO, Any, Final, cast

import boto3
import urllib3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session
from pydantic import BaseModel

from bench.stage import Answer, Event
from scrip.store.tables import Tables

KEYS_TABLE: Final = "bench-idempotency"
NO_CONTEXT: Final = type(
    "Context",
    (),
    {
        "function_name": "usual",
        "memory_limit_in_mb": 512,
        "invoked_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:usual",
        "aws_request_id": "r1",
        "get_remaining_time_in_millis": lambda _self: 10_000,
    },
)()


class Floor:
    """One hand-built TransactWriteItems through a client as ``boto3.client`` makes it, and nothing else: no parsing, no
    decision, no answer, no log. The items are as large as Scrip's."""

    def __init__(
        self,
        tables: Tables,
        account: str,
        wallet: dict[str, Any],
        entry: dict[str, Any],
        client: Any = None,
    ) -> None:
        self.client = client or boto3.client("dynamodb", config=Config(proxies={}))
        self._tables, self._wallet, self._entry = tables, wallet, entry
        self._pk, self._version = {"S": f"floor#{account}"}, 0

    def prepare(self) -> None:
        item = {**self._wallet, "pk": self._pk, "version": {"N": "0"}}
        self.client.put_item(TableName=self._tables.wallets, Item=item)

    def burn(self) -> None:
        seen, self._version = self._version, self._version + 1
        self.client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": self._tables.wallets,
                        "Item": {**self._wallet, "pk": self._pk, "version": {"N": str(self._version)}},
                        "ConditionExpression": "version = :seen",
                        "ExpressionAttributeValues": {":seen": {"N": str(seen)}},
                    }
                },
                {
                    "Put": {
                        "TableName": self._tables.ledger,
                        "Item": {**self._entry, "pk": self._pk, "sk": {"S": f"k.{self._version:022d}"}},
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ],
            ClientRequestToken=str(uuid.uuid4()),
        )


class Lean:
    """A transport that is leaner than boto3's client (decision 0024): botocore's own signer over a pooled connection.

    Not fit for use: it knows no retries, no refreshed credentials, no errors and no client token of its own.
    """

    def __init__(self) -> None:
        session = get_session()
        credentials = session.get_credentials()
        assert credentials
        self._signer = SigV4Auth(credentials, "dynamodb", session.get_config_variable("region"))
        self._url = session.get_config_variable("endpoint_url") or os.environ["AWS_ENDPOINT_URL"]
        self._pool = urllib3.PoolManager()

    def put_item(self, **request: Any) -> Any:
        return self._call("PutItem", request)

    def transact_write_items(self, **request: Any) -> Any:
        return self._call("TransactWriteItems", request)

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        body = json.dumps(request, default=_base64).encode()
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        signed = AWSRequest("POST", self._url, headers=headers, data=body)
        self._signer.add_auth(signed)
        answer = self._pool.urlopen("POST", self._url, body=body, headers=dict(signed.headers.items()))
        if answer.status != 200:
            raise RuntimeError(answer.data.decode())
        return json.loads(answer.data)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


class _Stdout:
    """Where the standard output goes at the moment: a logger keeps the one it finds when it is made."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class _Reference(BaseModel):
    type: str
    id: str


class _Burn(BaseModel):
    amount: str
    reference: _Reference | None = None


class Usual:
    """What most would write: Powertools' resolver, logger, metrics, idempotency decorator; a pydantic model. Read the
    balance, check it, write both in a transaction on the version that was read.

    Powertools' Tracer, which many add, is left out: it would only cost more.
    """

    def __init__(self, tables: Tables) -> None:
        self.client = boto3.client("dynamodb", config=Config(proxies={}))
        self._tables = tables
        self._app = APIGatewayHttpResolver()
        self._logger = Logger(service="usual", stream=cast("IO[str]", _Stdout()))
        self._metrics = Metrics(namespace="Usual", service="usual")
        layer = DynamoDBPersistenceLayer(table_name=KEYS_TABLE, boto3_client=self.client)
        config = IdempotencyConfig(event_key_jmespath="key", lambda_context=NO_CONTEXT)
        self._burn_once = idempotent_function(
            self._burn, data_keyword_argument="burn", persistence_store=layer, config=config
        )
        self._app.post("/v1/accounts/<account>/burns")(self._route)
        self._handler = self._logger.inject_lambda_context(
            self._metrics.log_metrics(lambda event, context: self._app.resolve(event, context))
        )

    def prepare(self, account: str, credits: int) -> None:
        """Makes the decorator's table, if it is not there, and the account."""
        with contextlib.suppress(self.client.exceptions.ResourceInUseException):
            self.client.create_table(
                TableName=KEYS_TABLE,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        item = {**self._key(account), "version": {"N": "0"}, "balance": {"N": str(credits)}}
        self.client.put_item(TableName=self._tables.wallets, Item=item)

    def handle(self, event: Event) -> Answer:
        # The resolver finds its route by the path, which API Gateway sends beside the parameters.
        path = f"/v1/accounts/{event['pathParameters']['account']}/burns"
        http = {**event["requestContext"]["http"], "path": path}
        context = {**event["requestContext"], "http": http}
        answer: Answer = self._handler({**event, "rawPath": path, "requestContext": context}, NO_CONTEXT)
        return answer

    def _route(self, account: str) -> Response[str]:
        event = self._app.current_event
        key = f"{account}#{event.headers['idempotency-key']}"
        body = _Burn.model_validate_json(event.body or "")
        entry = self._burn_once(burn={"key": key, "account": account, **body.model_dump()})
        self._metrics.add_metric(name="Burned", unit=MetricUnit.Count, value=1)
        self._logger.info("burned", account=account, entry=entry["id"])
        return Response(201, "application/json", json.dumps(entry))

    def _burn(self, burn: dict[str, Any]) -> dict[str, Any]:
        return read_and_burn(self.client, self._tables, burn["account"], int(burn["amount"]), burn["key"])

    def _key(self, account: str) -> dict[str, Any]:
        return account_key(account)


def account_key(account: str) -> dict[str, Any]:
    return {"pk": {"S": f"usual#{account}"}, "sk": {"S": "balance"}}


class UsualConflict(Exception):
    """Somebody else wrote the account first."""


def read_and_burn(client: Any, tables: Tables, account: str, amount: int, key: str) -> dict[str, Any]:
    """Reads the balance, checks it, writes it and a row.

    Raises:
        UsualConflict: the account was written meanwhile, or another transaction was at it.
    """
    pk = account_key(account)
    found = client.get_item(TableName=tables.wallets, Key=pk, ConsistentRead=True)["Item"]
    version, balance = int(found["version"]["N"]), int(found["balance"]["N"])
    if balance < amount:
        raise ValueError("fewer credits than that")
    left, now = balance - amount, time.time_ns() // 1_000_000
    row = {"id": key, "amount": -amount, "before": balance, "after": left, "at": now}
    try:
        client.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": tables.wallets,
                        "Key": pk,
                        "UpdateExpression": "SET balance = :left, version = :next",
                        "ConditionExpression": "version = :seen",
                        "ExpressionAttributeValues": {
                            ":left": {"N": str(left)},
                            ":next": {"N": str(version + 1)},
                            ":seen": {"N": str(version)},
                        },
                    }
                },
                {
                    "Put": {
                        "TableName": tables.ledger,
                        "Item": {
                            "pk": pk["pk"],
                            "sk": {"S": key},
                            "tl": {"S": f"{now:015d}.{version + 1:012d}"},
                            "body": {"S": json.dumps(row)},
                        },
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ]
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        raise UsualConflict(account) from error
    return row
