"""Answers of DynamoDB are parsed as botocore parses them, value by value."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.parsers import JSONParser, ResponseParserError
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from scrip import runtime
from scrip.store.parser import ItemParser, ItemParsers
from tests.domain.builders import steady

MODEL = get_session().get_service_model("dynamodb")
BYTES = st.binary(max_size=8).map(lambda data: base64.b64encode(data).decode())
SCALARS = st.one_of(
    st.fixed_dictionaries({"S": st.text(max_size=8)}),
    st.fixed_dictionaries({"N": st.integers().map(str)}),
    st.fixed_dictionaries({"B": BYTES}),
    st.fixed_dictionaries({"BOOL": st.booleans()}),
    st.just({"NULL": True}),
    st.fixed_dictionaries({"SS": st.lists(st.text(max_size=4), max_size=3)}),
    st.fixed_dictionaries({"BS": st.lists(BYTES, max_size=3)}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"M": st.dictionaries(st.text(max_size=4), inner, max_size=3)}),
    ),
    max_leaves=5,
)
ITEM = st.dictionaries(st.text(min_size=1, max_size=5), VALUES, max_size=4)


def both(operation: str, body: Any, status: int = 200) -> tuple[Any, Any]:
    """The answer as Scrip's parser reads it, and as botocore's does."""
    response = {"status_code": status, "headers": {}, "body": json.dumps(body).encode(), "context": {}}
    shape: Any = MODEL.operation_model(operation).output_shape
    ours, theirs = (one.parse(dict(response), shape) for one in (ItemParser(), JSONParser()))
    return ours, theirs


@steady
@given(ITEM, st.lists(ITEM, max_size=3))
def test_items_are_parsed_as_botocore_parses_them(item: Any, more: list[Any]) -> None:
    for operation, body in (
        ("GetItem", {"Item": item, "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 1.5}}),
        ("Query", {"Items": [item, *more], "Count": 1, "LastEvaluatedKey": item}),
        (
            "BatchGetItem",
            {"Responses": {"t": more}, "UnprocessedKeys": {"t": {"Keys": [item], "ConsistentRead": True}}},
        ),
        ("DeleteItem", {"Attributes": item}),
    ):
        ours, theirs = both(operation, body)
        assert ours == theirs


@steady
@given(ITEM)
def test_the_items_of_a_transaction_that_failed_are_parsed_so_too(item: Any) -> None:
    """An error names the items that were there: an answer under a known key is made from them."""
    body = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "cancelled",
        "CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": item}, {"Code": "None"}],
    }
    ours, theirs = both("TransactWriteItems", body, 400)
    assert ours == theirs


@pytest.mark.parametrize("value", [{}, {"S": None}, {"B": None}, {"S": "a", "N": "1"}, {"SDK_UNKNOWN": "x"}])
def test_what_is_no_value_is_left_to_botocore(value: Any) -> None:
    shape: Any = MODEL.operation_model("GetItem").output_shape

    def parsed(parser: JSONParser) -> Any:
        response = {
            "status_code": 200,
            "headers": {},
            "body": json.dumps({"Item": {"a": value}}).encode(),
            "context": {},
        }
        try:
            return parser.parse(response, shape)
        except (TypeError, AttributeError, ValueError, ResponseParserError) as error:
            return type(error)

    assert parsed(ItemParser()) == parsed(JSONParser())


def test_the_client_has_it_for_dynamodb_and_botocores_for_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert isinstance(ItemParsers().create_parser("json"), ItemParser)
    assert not isinstance(ItemParsers().create_parser("query"), ItemParser)
    made = runtime.client.__wrapped__("dynamodb")
    assert isinstance(made._endpoint._response_parser_factory, ItemParsers)
    assert not isinstance(runtime.client.__wrapped__("sqs")._endpoint._response_parser_factory, ItemParsers)
