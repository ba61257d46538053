"""Who may do what. Law 4 rests on this: whoever writes code cannot change the past with it."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.store import keys
from tests.template.reading import functions, resources, statements, target, template

READ = "GetItem BatchGetItem Query"
WRITE = "PutItem UpdateItem DeleteItem ConditionCheckItem"
RECEIVE = "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes"

RIGHTS = {
    "AuthorizerFunction": {"WalletsTable": "GetItem"},
    "BurnsFunction": {"WalletsTable": f"{READ} {WRITE}", "LedgerTable": "GetItem BatchGetItem PutItem"},
    "GrantsFunction": {"WalletsTable": f"{READ} {WRITE}", "LedgerTable": "GetItem BatchGetItem PutItem"},
    "CorrectionsFunction": {"WalletsTable": f"{READ} {WRITE}", "LedgerTable": "GetItem PutItem"},
    "RedemptionsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem PutItem",
        "IdentityKeySecret": "secretsmanager:GetSecretValue",
    },
    "AllowancesFunction": {"WalletsTable": f"{READ} {WRITE}", "LedgerTable": "GetItem PutItem"},
    "WalletsFunction": {
        "WalletsTable": READ,
        "LedgerTable": READ,
        "LedgerTable/index/timeline": "Query",
    },
    "RecordsFunction": {"WalletsTable": READ, "WalletsTable/index/due": "Query"},
    "CatalogueFunction": {"WalletsTable": "GetItem BatchGetItem Query PutItem UpdateItem DeleteItem"},
    "TopupsFunction": {
        "WalletsTable": "GetItem BatchGetItem PutItem",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "RefundsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem PutItem",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "PublicFunction": {},
    "WebhooksFunction": {
        "DodoWebhookSecret": "secretsmanager:GetSecretValue",
        "StripeWebhookSecret": "secretsmanager:GetSecretValue",
        "StandardWebhookSecret": "secretsmanager:GetSecretValue",
        "PaddleWebhookSecret": "secretsmanager:GetSecretValue",
        "DeliveriesTable": "PutItem",
        "PaymentsQueue": "sqs:SendMessage",
    },
    "PaymentsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem PutItem",
        "WalletsTable/index/due": "Query",
        "PaymentsQueue": RECEIVE,
        "InquiriesQueue": "sqs:SendMessage",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "ReconciliationFunction": {
        "WalletsTable": "GetItem PutItem",
        "WalletsTable/index/due": "Query",
        "PaymentsQueue": "sqs:SendMessage",
        "InquiriesQueue": RECEIVE,
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "VerificationFunction": {
        "WalletsTable": f"{READ} Scan PutItem",
        "LedgerTable": READ,
        "LedgerTable/index/timeline": "Query Scan",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "TamperingFunction": {
        "LedgerTable/stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "EvidenceQueue": "sqs:SendMessage",
        "TamperingDeadLetterQueue": "sqs:SendMessage",
    },
    "OutboxFunction": {
        "LedgerTable/stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "WalletsTable": "BatchWriteItem PutItem Query UpdateItem DeleteItem",
        "OutboxDeadLetterQueue": "sqs:SendMessage",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "ExpiryFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "WalletsTable/index/due": "Query",
        "LedgerTable": "GetItem PutItem",
        "ExpiryDeadLetterQueue": "sqs:SendMessage",
    },
}
"""Function → what it is given → actions (of DynamoDB where no service is named)."""


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_may_do_exactly_this(name: str) -> None:
    given: dict[str, set[str]] = {}
    for effect, action, resource in statements(functions()[name]):
        assert effect == "Allow"
        given.setdefault(target(resource), set()).add(action.removeprefix("dynamodb:"))
    assert given == {resource: set(actions.split()) for resource, actions in RIGHTS[name].items()}


@pytest.mark.parametrize("name", sorted(functions()))
def test_rights_are_written_out_and_not_lent_by_a_policy_of_somebody_else(name: str) -> None:
    function = functions()[name]
    assert "Role" not in function
    assert "Events" not in function, "an event of SAM's brings a managed policy with it"
    assert all(set(policy) == {"Statement"} for policy in function["Policies"])


def test_law_4_nobody_may_change_or_delete_an_entry() -> None:
    on_ledger = {
        action
        for function in functions().values()
        for _, action, resource in statements(function)
        if target(resource).startswith("LedgerTable") and target(resource) != "LedgerTable/stream"
    }
    reading = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"}
    assert on_ledger == {*reading, "dynamodb:PutItem"}


def test_only_the_verification_scans() -> None:
    """A list made by a scan would cost more with every customer."""
    scanning = {
        name
        for name, function in functions().items()
        if any(action == "dynamodb:Scan" for _, action, _ in statements(function))
    }
    assert scanning == {"VerificationFunction"}


def test_law_4_the_ledger_itself_refuses_everybody_in_the_account() -> None:
    table = resources("AWS::DynamoDB::Table")["LedgerTable"]
    changes, puts = table["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert (changes["Effect"], changes["Principal"]) == ("Deny", "*")
    assert "Condition" not in changes
    assert set(changes["Action"]) == {
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PartiQLDelete",
        "dynamodb:UpdateTimeToLive",
    }
    assert (puts["Effect"], puts["Principal"], puts["Action"]) == ("Deny", "*", ["dynamodb:PutItem"])
    assert puts["Condition"] == {"StringNotEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}}


@pytest.mark.parametrize(
    ("name", "actions", "prefixes", "own"),
    [
        (
            "ReconciliationFunction",
            ["PutItem"],
            ["reconciliation#"],
            (keys.reconciliation("dodo"), keys.report("dodo", 30)),
        ),
        ("VerificationFunction", ["PutItem"], ["verification#"], (keys.verification(3),)),
        (
            "TopupsFunction",
            ["PutItem"],
            ["accounts", "account#", "topups", "topup#", "session#"],
            (
                keys.ACCOUNTS,
                keys.account("acme"),
                keys.TOPUPS,
                keys.topup("top_1"),
                keys.session("dodo", "cks_1"),
            ),
        ),
        (
            "CatalogueFunction",
            ["PutItem", "UpdateItem", "DeleteItem"],
            ["audit", "units", "packs", "rates", "promotions", "unit#", "pack#", "rate#", "promo#", "key#"],
            (
                keys.AUDIT,
                keys.UNITS,
                keys.PACKS,
                keys.RATES,
                keys.PROMOTIONS,
                keys.unit("credits"),
                keys.pack("p"),
                keys.rate("m"),
                keys.promotion("C"),
                keys.promotion_share("C", 1),
                keys.api_key("k"),
            ),
        ),
    ],
)
def test_who_moves_no_credit_writes_its_own_documents_and_no_wallet(
    name: str, actions: list[str], prefixes: list[str], own: tuple[str, ...]
) -> None:
    """It cannot move a credit: it writes to no ledger, and of the wallets' table only partitions of its own. That
    it writes no others is tried in tests/http/edge/test_threats.py."""
    (policy,) = functions()[name]["Policies"]
    writing = [one for one in policy["Statement"] if "dynamodb:PutItem" in one["Action"]]
    assert [(one["Action"], target(one["Resource"])) for one in writing] == [
        ([f"dynamodb:{action}" for action in actions], "WalletsTable")
    ]
    leading = [f"{prefix}*" if prefix.endswith("#") else prefix for prefix in prefixes]
    assert writing[0]["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": leading}}
    assert all(key.startswith(tuple(prefixes)) for key in own)
    assert not keys.wallet("a", "credits").startswith(tuple(prefixes))
    assert not keys.payment("dodo", "pay_1").startswith(tuple(prefixes))


def test_the_reader_of_the_stream_writes_its_index_and_its_marks_alone() -> None:
    """It reads no wallet and no entry but what the stream brings; and nobody else writes what a search finds."""
    (policy,) = functions()["OutboxFunction"]["Policies"]
    on_wallets = [one for one in policy["Statement"] if target(one["Resource"]) == "WalletsTable"]
    leading = [one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for one in on_wallets]
    assert leading == [["reference#*", "outbox"], ["outbox"]]
    assert all(set(one["Condition"]) == {"ForAllValues:StringLike"} for one in on_wallets)
    assert keys.OUTBOX == "outbox"
    assert keys.reference(15, "job:j_1").startswith("reference#15#")


def test_only_alarms_publish_to_the_topic_of_alarms() -> None:
    (policy,) = resources("AWS::SNS::TopicPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert [target(topic) for topic in policy["Topics"]] == ["AlarmTopic"] == [target(statement["Resource"])]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sns:Publish")
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert set(statement["Condition"]["StringEquals"]) == {"aws:SourceAccount"}


def test_no_star_grants_anything() -> None:
    def allowed(node: Any) -> list[Any]:
        if isinstance(node, list):
            return [found for member in node for found in allowed(member)]
        if not isinstance(node, dict):
            return []
        here = (
            [node["Action"], node["Resource"], node.get("Principal")] if node.get("Effect") == "Allow" else []
        )
        return here + [found for member in node.values() for found in allowed(member)]

    grants = allowed(template()["Resources"])
    assert grants
    assert "*" not in str(grants)


def test_who_calls_a_function_is_named() -> None:
    """Or, where it reads a stream itself, nobody does."""
    permissions = resources("AWS::Lambda::Permission")
    called = {target(permission["FunctionName"]) for permission in permissions.values()}
    assert called == set(functions()) - {"TamperingFunction"}, "the outbox is woken by a rule as well"
    for permission in permissions.values():
        assert permission["Action"] == "lambda:InvokeFunction"
        assert "SourceArn" in permission
