"""What a function's role may do by the policies of template.yaml, decided by the local AWS's own evaluator of policies.

The local AWS itself asks it without ``dynamodb:LeadingKeys``, and so lets a role write any partition of a table that it
may write at all. Here it is told which partition it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.template.reading import functions, target

ACCOUNT: Final = "123456789012"
WRITES: Final = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
"""Item of a transaction → the right that it takes; a check takes one of its own name."""


@cache
def _policies(function: str) -> list[Any]:
    """The policies of a function's role, with each resource by its logical id."""
    statements = [
        {**statement, "Resource": _arn(target(statement["Resource"]))}
        for policy in functions()[function].get("Policies", [])
        for statement in policy["Statement"]
    ]
    # What a condition refers to is some text: no parameter is a partition.
    text = re.sub(r'\{"Ref": ("\w+")\}', r"\1", json.dumps({"Statement": statements}))
    return [parse_policy_document(text)]


def _arn(name: str) -> str:
    return f"arn:aws:any:eu-west-1:{ACCOUNT}:{name}"


@cache
def may(function: str, action: str, thing: str, partition: str) -> bool:
    """Whether the function's role may do this (``dynamodb:PutItem``) to a thing of the template, in a partition."""
    asked = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{function}Role/x",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=_arn(thing),
        region="eu-west-1",
        source_ip="192.0.2.1",
        secure_transport=True,
        service_context={"dynamodb:leadingkeys": [partition]},
    )
    return bool(evaluate(asked, _policies(function)).decision == "Allow")


# Whose role makes a call

_acting: list[str] = []


def is_acting() -> bool:
    """Tells whether a function is at work, not a test by itself."""
    return bool(_acting)


@contextmanager
def acting(function: str) -> Iterator[None]:
    """Holds what is written meanwhile to the rights of this function's role."""
    _acting.append(function)
    try:
        yield
    finally:
        _acting.pop()


def held(params: Any, model: Any, **_: Any) -> None:
    """Asserts of a call to DynamoDB, as botocore tells of it, that the function that makes it may write there."""
    if not _acting:
        return
    for action, table, partition in _writes(model.name, params):
        thing = f"{table.capitalize()}Table"
        assert may(_acting[-1], f"dynamodb:{action}", thing, partition), (
            f"{_acting[-1]} has no leave for {action} of {partition} in {thing}: see its policies in template.yaml"
        )


def _writes(operation: str, params: Any) -> Iterator[tuple[str, str, str]]:
    """Yields what a call writes: the right, the table, the partition."""
    if operation in WRITES.values():
        yield operation, params["TableName"], (params.get("Item") or params["Key"])["pk"]["S"]
    if operation == "BatchWriteItem":
        for table, requests in params["RequestItems"].items():
            for request in requests:
                what = (
                    request["PutRequest"]["Item"]
                    if "PutRequest" in request
                    else request["DeleteRequest"]["Key"]
                )
                yield operation, table, what["pk"]["S"]
    for item in params.get("TransactItems", []):
        ((verb, what),) = item.items()
        right = WRITES.get(verb, f"{verb}Item")
        yield right, what["TableName"], (what.get("Item") or what["Key"])["pk"]["S"]
