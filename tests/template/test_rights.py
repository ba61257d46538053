"""Who may do what. Law 4 rests on this: whoever writes code cannot change the past with it."""

from __future__ import annotations

from typing import Any

import pytest

from scrip.providers import webhooks
from scrip.store import keys
from tests.rights import may
from tests.template.reading import functions, resources, statements, target, template

READ = "GetItem BatchGetItem Query"
WRITE = "PutItem UpdateItem DeleteItem ConditionCheckItem"
RECEIVE = "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes"

RIGHTS = {
    "AuthorizerFunction": {"KeysTable": "BatchGetItem UpdateItem"},
    "BurnsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem BatchGetItem PutItem",
        "KeysTable": "UpdateItem",
        "SigningKeySecret": "secretsmanager:GetSecretValue",
    },
    "UsageFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem BatchGetItem Query PutItem",
        "KeysTable": "UpdateItem",
        "UsageQueue": "sqs:SendMessage",
        "NotificationsTable": "BatchGetItem Query BatchWriteItem",
    },
    "UsageEventsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem BatchGetItem PutItem",
        "NotificationsTable": "BatchWriteItem",
        "EventBus": "events:PutEvents",
        "UsageQueue": RECEIVE,
        "UsageDeadLetterQueue": "sqs:SendMessage",
    },
    "GrantsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem BatchGetItem PutItem",
        "KeysTable": "UpdateItem",
    },
    "CorrectionsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem BatchGetItem PutItem",
        "KeysTable": "UpdateItem",
    },
    "RedemptionsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem PutItem",
        "IdentityKeySecret": "secretsmanager:GetSecretValue",
        "KeysTable": "UpdateItem",
    },
    "AllowancesFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem PutItem",
        "KeysTable": "UpdateItem",
    },
    "WalletsFunction": {
        "WalletsTable": f"{READ} PutItem",
        "LedgerTable": READ,
        "LedgerTable/index/timeline": "Query",
        "KeysTable": "UpdateItem",
    },
    "CatalogueFunction": {
        "WalletsTable": "GetItem BatchGetItem Query PutItem UpdateItem DeleteItem",
        "KeysTable": f"{READ} PutItem UpdateItem DeleteItem",
    },
    "StatementsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem BatchGetItem PutItem",
        "LedgerTable/index/timeline": "Query",
        "KeysTable": "UpdateItem",
        "StatementsKmsKey": "kms:GetPublicKey kms:Sign",
        "ArchiveBucket/periods/heads/*": "s3:GetObject",
    },
    "RecordsFunction": {"WalletsTable": READ, "WalletsTable/index/due": "Query", "KeysTable": "UpdateItem"},
    "ProfilesFunction": {
        "WalletsTable": "GetItem Query PutItem DeleteItem",
        "KeysTable": "UpdateItem",
        "DeliveriesTable": "Query UpdateItem",
    },
    "TopupsFunction": {
        "WalletsTable": "GetItem BatchGetItem PutItem DeleteItem",
        "AutoTopupsQueue": "sqs:SendMessage",
        "KeysTable": "UpdateItem",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "RefundsFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "KeysTable": "UpdateItem",
        "LedgerTable": "GetItem PutItem",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "AutoTopupsFunction": {
        "WalletsTable": f"{READ} PutItem",
        "WalletsTable/index/due": "Query",
        "AutoTopupsQueue": RECEIVE,
        "PaymentsQueue": "sqs:SendMessage",
        "EventBus": "events:PutEvents",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "EndpointsFunction": {
        "WalletsTable": "PutItem",
        "NotificationsTable": f"{READ} PutItem DeleteItem",
        "KeysTable": "UpdateItem",
        "EndpointsKmsKey": "kms:Encrypt",
        "WebhooksOutQueue": "sqs:SendMessage",
        "ReplaysQueue": "sqs:SendMessage",
    },
    "NotificationsFunction": {
        "NotificationsTable": f"{READ} PutItem",
        "NotificationsTable/index/waiting": "Query",
        "WalletsTable": f"{READ} PutItem UpdateItem DeleteItem ConditionCheckItem",
        "WalletsTable/index/due": "Query",
        "LedgerTable": f"{READ} PutItem",
        "LedgerTable/index/timeline": "Query",
        "EventBus": "events:PutEvents",
        "NoticesQueue": RECEIVE,
        "EventsQueue": RECEIVE,
        "ReplaysQueue": f"{RECEIVE} sqs:SendMessage",
        "WebhooksOutQueue": "sqs:SendMessage",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "SenderFunction": {
        "NotificationsTable": "GetItem Query PutItem UpdateItem DeleteItem",
        "NotificationsTable/index/waiting": "Query",
        "EndpointsKmsKey": "kms:Decrypt",
        "EventBus": "events:PutEvents",
        "WebhooksOutQueue": f"{RECEIVE} sqs:SendMessage",
        "NoticesQueue": "sqs:SendMessage",
    },
    "PublicFunction": {},
    "MailFunction": {
        "WalletsTable": "GetItem PutItem",
        "NotificationsTable": "GetItem PutItem",
        "*": "ses:SendEmail",
        "SigningKeySecret": "secretsmanager:GetSecretValue",
        "NoticesQueue": "sqs:SendMessage",
        "MailQueue": RECEIVE,
    },
    "WebhooksFunction": {
        "DodoWebhookSecret": "secretsmanager:GetSecretValue",
        "StripeWebhookSecret": "secretsmanager:GetSecretValue",
        "StandardWebhookSecret": "secretsmanager:GetSecretValue",
        "PaddleWebhookSecret": "secretsmanager:GetSecretValue",
        "DeliveriesTable": "PutItem",
        "PaymentsQueue": "sqs:SendMessage",
    },
    "PaymentsFunction": {
        "EventBus": "events:PutEvents",
        "WalletsTable": f"{READ} {WRITE}",
        "LedgerTable": "GetItem PutItem",
        "WalletsTable/index/due": "Query",
        "DeliveriesTable": "Query PutItem UpdateItem",
        "DeliveriesTable/index/unapplied": "Query",
        "PaymentsQueue": RECEIVE,
        "InquiriesQueue": "sqs:SendMessage",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "ReconciliationFunction": {
        "WalletsTable": "BatchGetItem GetItem PutItem",
        "WalletsTable/index/due": "Query",
        "PaymentsQueue": "sqs:SendMessage",
        "InquiriesQueue": RECEIVE,
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "DunningFunction": {
        "WalletsTable": "BatchGetItem GetItem Query PutItem DeleteItem",
        "WalletsTable/index/due": "Query",
        "PaymentsQueue": "sqs:SendMessage",
        "EventBus": "events:PutEvents",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
        "DodoApiKeySecret": "secretsmanager:GetSecretValue",
        "StripeApiKeySecret": "secretsmanager:GetSecretValue",
    },
    "VerificationFunction": {
        "EventBus": "events:PutEvents",
        "WalletsTable": f"{READ} Scan PutItem",
        "LedgerTable": READ,
        "LedgerTable/index/timeline": "Query Scan",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "ArchiveFunction": {
        "LedgerTable/stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "WalletsTable": "Query",
        "ArchiveBucket/raw/*": "s3:PutObject",
        "EvidenceQueue": "sqs:SendMessage",
        "ArchiveDeadLetterQueue": "sqs:SendMessage",
    },
    "ReportsFunction": {
        "WalletsTable": f"{READ} Scan {WRITE}",
        "WalletsTable/index/due": "Query",
        "LedgerTable": "GetItem BatchGetItem PutItem",
        "LedgerTable/index/timeline": "Query",
        "KeysTable": "UpdateItem",
        "ArchiveBucket": "s3:ListBucket",
        "ArchiveBucket/*": "s3:GetObject s3:PutObject s3:DeleteObject",
        # Whether something of a month is not applied, or failed.
        "DeliveriesTable/index/unapplied": "Query",
        "PaymentsDeadLetterQueue": "sqs:GetQueueAttributes",
        "UsageDeadLetterQueue": "sqs:GetQueueAttributes",
        "ArchiveDeadLetterQueue": "sqs:GetQueueAttributes",
        "ReportsQueue": f"{RECEIVE} sqs:SendMessage",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "OutboxFunction": {
        "LedgerTable/stream": "DescribeStream GetRecords GetShardIterator ListStreams",
        "WalletsTable": f"{READ} BatchWriteItem PutItem UpdateItem DeleteItem",
        "LedgerTable": "GetItem BatchGetItem",
        "LedgerTable/index/timeline": "Query",
        "EventBus": "events:PutEvents",
        "AutoTopupsQueue": "sqs:SendMessage",
        "OutboxDeadLetterQueue": "sqs:SendMessage",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "RunOutFunction": {
        "WalletsTable": "GetItem BatchGetItem Query PutItem DeleteItem",
        "LedgerTable": "BatchGetItem",
        "LedgerTable/index/timeline": "Query",
        "EventBus": "events:PutEvents",
        "SchedulesDeadLetterQueue": "sqs:SendMessage",
    },
    "ExpiryFunction": {
        "WalletsTable": f"{READ} {WRITE}",
        "WalletsTable/index/due": "Query",
        "LedgerTable": "BatchGetItem GetItem PutItem",
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


def test_only_the_verification_and_the_archive_scan() -> None:
    """A list made by a scan would cost more with every customer; a proof that none is left out needs one."""
    scanning = {
        name
        for name, function in functions().items()
        if any(action == "dynamodb:Scan" for _, action, _ in statements(function))
    }
    assert scanning == {"VerificationFunction", "ReportsFunction"}


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


PARTITIONS = {
    "wallet": keys.wallet("acme", "credits"),
    "unit": keys.unit("credits"),
    "units": keys.UNITS,
    "pack": keys.pack("p"),
    "rate": keys.rate("m"),
    "promotion": keys.promotion("C"),
    "share": keys.promotion_share("C", 3),
    "order": keys.topup("t"),
    "session": keys.session("dodo", "s"),
    "subscription": keys.subscription("dodo", "s"),
    "payment": keys.payment("dodo", "p"),
    "refund": keys.refund("r"),
    "source": keys.named_source("dodo:p"),
    "invoice": keys.invoice("INV-1"),
    "accounts": keys.ACCOUNTS,
    "account": keys.account("acme"),
    "profile": keys.profile("acme"),
    "country": keys.countries("acme"),
    "mailbox": keys.mailbox("ann@example.com"),
    "opt-out": keys.opt_out("a"),
    "packs": keys.PACKS,
    "rates": keys.RATES,
    "promotions": keys.PROMOTIONS,
    "orders": keys.TOPUPS,
    "auto_topup": keys.auto_topup("acme", "credits"),
    "auto_topups": keys.AUTO_TOPUPS,
    "method": keys.payment_method("acme", "dodo"),
    "payments": keys.HEARD,
    "incidents": keys.COMPENSATIONS,
    "incident": keys.compensation("i", "u"),
    "extensions": keys.EXTENSIONS,
    "extension": keys.extension("i"),
    "extended": keys.extension_of("i", "u"),
    "ours": keys.ours("dodo"),
    "audit": keys.AUDIT,
    "alerts": keys.alerts("u"),
    "told": keys.told("acme", "u"),
    "noted": keys.run_outs(3),
    "forecast": keys.forecast("acme", "u"),
    "rollup": keys.rollup("acme", "u"),
    "statement": keys.statements("acme", "u"),
    "statement-keys": keys.STATEMENT_KEYS,
    "own_alerts": keys.alerts_of("acme", "u"),
    "renewal": keys.renewal("dodo", "s"),
    "schedule": keys.DUNNING,
    "chart": keys.CHART,
    "archive": keys.ARCHIVE,
    "period": keys.period("2026-11"),
    "periods": keys.PERIODS,
    "dunning": keys.dunning("dun_1"),
    "notice": keys.notices("acme", "u"),
    "spans": keys.spans("u"),
    "sweep": keys.PARKED_SWEEP,
    "reconciliation": keys.reconciliation("dodo"),
    "report": keys.report("dodo", 4),
    "verification": keys.verification(3),
    "reference": keys.reference(15, "job:j_1"),
    "outbox": keys.OUTBOX,
    "a key, where keys were before": keys.api_key("k"),
    "what nobody writes": "other#x",
}
"""Kinds of partitions of the wallets table, one of each."""
A_WALLET = "wallet unit accounts account"
"""A wallet, its unit, of which the first use is noted, and that there is such an account."""
PAYING = "payment payments order session subscription source renewal dunning"
WRITING = {
    "BurnsFunction": A_WALLET,
    "UsageFunction": A_WALLET,
    "UsageEventsFunction": A_WALLET,
    "GrantsFunction": f"{A_WALLET} source incident incidents extension extensions extended",
    # A void as a mistake counts no more against its source. An invoice says what was applied to it.
    "CorrectionsFunction": f"{A_WALLET} source invoice",
    "RedemptionsFunction": f"{A_WALLET} promotion share",
    "AllowancesFunction": f"{A_WALLET} alerts own_alerts spans audit",
    "CatalogueFunction": (
        "unit units pack packs rate rates promotion promotions share audit schedule chart alerts own_alerts spans"
    ),
    "ProfilesFunction": "profile country mailbox opt-out accounts audit",
    "TopupsFunction": "order orders session accounts account renewal auto_topup auto_topups audit",
    "DunningFunction": "order orders session accounts account dunning",
    "AutoTopupsFunction": "auto_topup order orders accounts account dunning",
    "RefundsFunction": f"{A_WALLET} {PAYING} refund audit",
    "PaymentsFunction": f"{A_WALLET} {PAYING} sweep ours method",
    "ReconciliationFunction": "reconciliation report",
    # A month is closed once all is booked that time has done in it.
    "ReportsFunction": f"{A_WALLET} archive export period periods",
    "ExpiryFunction": f"{A_WALLET} extension extensions extended",
    "StatementsFunction": f"{A_WALLET} statement statement-keys",
    "OutboxFunction": "reference outbox told noted rollup",
    "WalletsFunction": "rollup",
    "RunOutFunction": "noted forecast",
    "EndpointsFunction": "audit",
    "MailFunction": "opt-out",
    # That a notice was delivered may be an entry.
    "NotificationsFunction": f"{A_WALLET} notice told",
    "VerificationFunction": "verification",
}
"""Function → kinds of partitions of the wallets table that it writes."""
FEWER = {
    ("OutboxFunction", "reference"): {"PutItem", "BatchWriteItem"},
    ("OutboxFunction", "told"): {"PutItem"},
    ("OutboxFunction", "noted"): {"PutItem"},
    ("OutboxFunction", "rollup"): {"PutItem"},
    ("WalletsFunction", "rollup"): {"PutItem"},
    ("StatementsFunction", "statement"): {"PutItem"},
    ("StatementsFunction", "statement-keys"): {"PutItem"},
    ("RunOutFunction", "noted"): {"PutItem", "DeleteItem"},
    ("RunOutFunction", "forecast"): {"PutItem", "DeleteItem"},
    **{("ReportsFunction", kind): {"PutItem"} for kind in ("archive", "period", "periods")},
    **{
        ("TopupsFunction", kind): {"PutItem"}
        for kind in ("order", "orders", "session", "accounts", "account", "renewal", "auto_topup", "audit")
    },
}
"""Where a function may do to a kind less than to others: what."""
CHANGES = ("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "BatchWriteItem", "PartiQLInsert")
OF_KEYS = {
    "key": keys.api_key("0123456789abcdef"),
    "name": keys.API_KEYS,
    "request": keys.key_request("h"),
    "use": keys.used_key("0123456789abcdef"),
    "tokens": keys.tokens("0123456789abcdef"),
}
"""Kinds of partitions of the keys table."""


@pytest.mark.parametrize("kind", PARTITIONS)
@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_writes_its_own_partitions_of_the_wallets_table_and_no_other(name: str, kind: str) -> None:
    """A role that is stolen writes no more. What is denied follows from the policies, by an evaluator of them."""
    given = (
        set(RIGHTS[name].get("WalletsTable", "").split()) if kind in WRITING.get(name, "").split() else set()
    )
    allowed = {one for one in CHANGES if may(name, f"dynamodb:{one}", "WalletsTable", PARTITIONS[kind])}
    assert allowed == FEWER.get((name, kind), given & set(CHANGES))


@pytest.mark.parametrize("name", sorted(functions()))
def test_only_the_catalogue_makes_a_key_whosever_role_is_stolen(name: str) -> None:
    """Others may note, each its own: the authorizer that a key is used, those who answer what a key was handed."""
    allowed = {
        f"{action} {kind}"
        for kind, partition in OF_KEYS.items()
        for action in CHANGES
        if may(name, f"dynamodb:{action}", "KeysTable", partition)
    }
    answering = {
        target(one["IntegrationUri"]) for one in resources("AWS::ApiGatewayV2::Integration").values()
    } - {"WebhooksFunction", "PublicFunction", "MailFunction"}
    wanted = {"UpdateItem tokens"} if name in answering else set()
    if name == "AuthorizerFunction":
        wanted = {"UpdateItem use"}
    if name == "CatalogueFunction":
        wanted |= {f"{action} {kind}" for action in ("PutItem", "DeleteItem") for kind in OF_KEYS}
    assert allowed == wanted


OF_DELIVERIES = {
    **{name: f"{name}#{'0' * 64}" for name in webhooks.names()},
    "filed": "payment#dodo#pay_1",
    "other": "other#x",
}
"""Kinds of partitions of the deliveries table: bodies of each provider, and what is filed under a payment."""


@pytest.mark.parametrize("name", sorted(functions()))
def test_bodies_are_put_by_the_receiver_and_erased_by_who_applies_or_erases(name: str) -> None:
    """Nobody takes away that one came: it would be kept again. Who erases makes none, and who makes one erases none."""
    allowed = {
        f"{action} {kind}"
        for kind, partition in OF_DELIVERIES.items()
        for action in CHANGES
        if may(name, f"dynamodb:{action}", "DeliveriesTable", partition)
    }
    bodies = webhooks.names()
    erases = {f"UpdateItem {one}" for one in bodies}
    assert allowed == {
        "WebhooksFunction": {f"PutItem {one}" for one in bodies},
        "PaymentsFunction": erases | {"PutItem filed"},
        "ProfilesFunction": erases,
    }.get(name, set())


def test_whoever_has_a_providers_sdk_reads_no_key_and_writes_no_partition_of_the_catalogue() -> None:
    for name, function in functions().items():
        if "ApiKeySecret" in str(function.get("Policies")):
            assert not may(name, "dynamodb:GetItem", "KeysTable", OF_KEYS["key"])
            for kind in ("units", "pack", "packs", "rate", "rates", "promotion", "promotions", "share"):
                assert not may(name, "dynamodb:PutItem", "WalletsTable", PARTITIONS[kind])


def test_every_right_to_write_names_partitions() -> None:
    """A right without them would be one to all, keys' of a table to come included."""
    for name, function in functions().items():
        for policy in function.get("Policies", []):
            for statement in policy["Statement"]:
                writes = {f"dynamodb:{action}" for action in CHANGES} & set(statement["Action"])
                table = target(statement["Resource"])
                free = table == "LedgerTable" or (table, name) == ("KeysTable", "CatalogueFunction")
                if writes and not (free and "dynamodb:UpdateItem" not in writes):
                    condition = dict(statement["Condition"])
                    # Further down: which attributes. See tests/store/test_deliveries.py.
                    assert set(condition.pop("ForAllValues:StringEquals", {})) <= {"dynamodb:Attributes"}
                    ((operator, leading),) = condition.items()
                    assert operator == "ForAllValues:StringLike"
                    assert set(leading) == {"dynamodb:LeadingKeys"}
                    assert "*" not in leading["dynamodb:LeadingKeys"], name


def test_the_reader_of_the_stream_writes_its_index_and_its_marks_alone() -> None:
    """It reads no wallet, only units, alerts and which wallets have an automatic top-up, and keeps what it told. Nobody
    else writes what a search finds."""
    (policy,) = functions()["OutboxFunction"]["Policies"]
    on_wallets = [one for one in policy["Statement"] if target(one["Resource"]) == "WalletsTable"]
    leading = [one["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for one in on_wallets]
    asked = ["unit#*", "alerts#*", "topup#*"]
    assert leading == [
        ["reference#*", "outbox"],
        ["outbox"],
        ["autotopups"],
        asked,
        ["alerts#*"],
        ["told#*"],
        ["runout#*"],
        ["rollup#*"],
    ]
    assert on_wallets[2]["Action"] == ["dynamodb:Query"]
    assert on_wallets[3]["Action"] == ["dynamodb:BatchGetItem"]
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
        if node.get("Sid") == "RightsAreGivenByPoliciesOfRoles":
            # A key without it would be nobody's: it says that policies of roles count, and gives no right itself.
            return []
        if node.get("Action") == ["ses:SendEmail"]:
            # A condition says of which address, whose identity may be itself or its domain.
            return []
        here = (
            [node["Action"], node["Resource"], node.get("Principal")] if node.get("Effect") == "Allow" else []
        )
        if here and str(node["Action"][0]).startswith("s3:") and "ArchiveBucket.Arn" in str(node["Resource"]):
            # Objects of one bucket, whose names nobody knows before.
            here[1] = target(node["Resource"]).removesuffix("/*")
        return here + [found for member in node.values() for found in allowed(member)]

    grants = allowed(template()["Resources"])
    assert grants
    assert "*" not in str(grants)


def test_who_calls_a_function_is_named() -> None:
    """Or, where it reads a stream itself, nobody does."""
    permissions = resources("AWS::Lambda::Permission")
    called = {target(permission["FunctionName"]) for permission in permissions.values()}
    assert called == set(functions()) - {"ArchiveFunction", "SenderFunction", "UsageEventsFunction"}, (
        "the outbox is woken by a rule as well"
    )
    for permission in permissions.values():
        assert permission["Action"] == "lambda:InvokeFunction"
        assert "SourceArn" in permission
