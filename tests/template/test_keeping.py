"""What is kept, for how long, and who is told when something is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, Final

import pytest

from local.stack import PROVIDERS
from scrip.providers import webhooks
from tests.template.reading import (
    ROOT,
    alarms,
    environment,
    folder_of,
    functions,
    resources,
    target,
    template,
)

TABLES = resources("AWS::DynamoDB::Table")
SAMCONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_outlives_its_stack_and_is_protected_outside_of_dev(name: str) -> None:
    resource, table = template()["Resources"][name], TABLES[name]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"
    assert "TableName" not in table, "a name of its own would stand in the way of a replacement"
    outside_of_dev = {"Fn::If": ["IsProtected", True, False]}
    assert table["DeletionProtectionEnabled"] == outside_of_dev
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == outside_of_dev
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert template()["Conditions"]["IsProtected"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "Environment"}, "dev"]}]
    }


NO_VALUE: Final = {"Ref": "AWS::NoValue"}
CAPACITY: Final = {
    "ProvisionedThroughput": {
        "Fn::If": [
            "IsProvisioned",
            {
                "ReadCapacityUnits": {"Ref": "LeastReadUnits"},
                "WriteCapacityUnits": {"Ref": "LeastWriteUnits"},
            },
            NO_VALUE,
        ]
    },
    "WarmThroughput": {
        "Fn::If": [
            "IsWarm",
            {
                "ReadUnitsPerSecond": {"Ref": "WarmReadUnits"},
                "WriteUnitsPerSecond": {"Ref": "WarmWriteUnits"},
            },
            NO_VALUE,
        ]
    },
}
"""Of both tables that a burn writes to, and of each of their indexes: the smallest bounds them all."""


def test_how_tables_are_paid_for_is_said_at_deployment_and_of_what_providers_sent_it_is_not() -> None:
    """A webhook is rare, and so is the look for a key: their tables stay on demand. The class is the ledger's alone:
    others store little."""
    modes = {name: table["BillingMode"] for name, table in TABLES.items()}
    asked = {"Ref": "BillingMode"}
    assert modes == {
        "WalletsTable": asked,
        "LedgerTable": asked,
        "DeliveriesTable": "PAY_PER_REQUEST",
        "KeysTable": "PAY_PER_REQUEST",
        "NotificationsTable": "PAY_PER_REQUEST",
    }
    classes = {name: table["TableClass"] for name, table in TABLES.items() if "TableClass" in table}
    assert classes == {"LedgerTable": {"Ref": "LedgerTableClass"}}
    for name in ("WalletsTable", "LedgerTable"):
        for one in (TABLES[name], *TABLES[name]["GlobalSecondaryIndexes"]):
            assert {key: one.get(key) for key in CAPACITY} == CAPACITY
    for name in ("DeliveriesTable", "KeysTable"):
        assert not CAPACITY.keys() & TABLES[name].keys()


def test_what_is_provisioned_follows_what_is_asked_of_it() -> None:
    """Reads and writes of each table and each index, between the bounds that were said, seven tenths in use; and
    none of it is there on demand."""
    there = {}
    for name, one in resources("AWS::ApplicationAutoScaling::ScalableTarget").items():
        (_, what, kind) = one["ScalableDimension"].split(":")
        units = kind.removesuffix("CapacityUnits")
        assert one == {
            "ServiceNamespace": "dynamodb",
            "ResourceId": one["ResourceId"],
            "ScalableDimension": one["ScalableDimension"],
            "MinCapacity": {"Ref": f"Least{units}Units"},
            "MaxCapacity": {"Ref": f"Most{units}Units"},
        }
        assert ("/index/" in one["ResourceId"]["Fn::Sub"]) is (what == "index")
        there[name] = (one["ResourceId"]["Fn::Sub"], units)
    scaled = {}
    for policy in resources("AWS::ApplicationAutoScaling::ScalingPolicy").values():
        place, units = there[policy["ScalingTargetId"]["Ref"]]
        assert policy["PolicyType"] == "TargetTrackingScaling"
        assert policy["TargetTrackingScalingPolicyConfiguration"] == {
            "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{units}CapacityUtilization"},
            "TargetValue": 70,
        }
        scaled[place, units] = policy["PolicyName"]
    wallets, ledger = "table/${WalletsTable}", "table/${LedgerTable}"
    places = [wallets, f"{wallets}/index/due", ledger, f"{ledger}/index/timeline"]
    assert sorted(there.values()) == sorted((place, units) for place in places for units in ("Read", "Write"))
    assert scaled == {
        (place, units): f"{units.lower()}s-at-70-percent" for place in places for units in ("Read", "Write")
    }
    for node in template()["Resources"].values():
        if node["Type"].startswith("AWS::ApplicationAutoScaling::"):
            assert node["Condition"] == "IsProvisioned"


def test_nothing_that_counts_is_deleted_by_a_clock_and_personal_data_is() -> None:
    clocked = {
        name: table["TimeToLiveSpecification"]
        for name, table in TABLES.items()
        if "TimeToLiveSpecification" in table
    }
    assert clocked == {
        "DeliveriesTable": {"AttributeName": "expires_at", "Enabled": True},
        # Of portal sessions that are over, and of what limited keys were handed. No key of an API has it.
        "KeysTable": {"AttributeName": "ends", "Enabled": True},
        # What was sent, for as long as it may be sent again.
        "NotificationsTable": {"AttributeName": "ends", "Enabled": True},
    }
    assert TABLES["NotificationsTable"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    deliveries = TABLES["DeliveriesTable"]
    # A key of KMS, whose every use is in CloudTrail.
    assert deliveries["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    (unapplied,) = deliveries["GlobalSecondaryIndexes"]
    # Nothing of a body is in the index.
    assert unapplied["Projection"]["NonKeyAttributes"] == ["provider", "delivery_id"]


def test_every_provider_has_a_secret_and_the_function_that_takes_its_webhooks_knows_it() -> None:
    known = environment(functions()["WebhooksFunction"])
    for name in webhooks.names():
        secret = f"{name.capitalize()}WebhookSecret"
        assert target(known[f"SCRIP_{name.upper()}_WEBHOOK_SECRET_ID"]) == secret
        assert f"SCRIP_{name.upper()}_OURS" in known
        assert json.loads(resources("AWS::SecretsManager::Secret")[secret]["SecretString"]) == {
            "webhook_secrets": []
        }
        assert target(template()["Outputs"][f"{secret}Arn"]["Value"]) == secret
    assert set(PROVIDERS) == webhooks.names()


def test_the_tables_have_the_keys_that_the_store_writes() -> None:
    def keys(schema: list[dict[str, str]]) -> list[str]:
        return [f"{row['AttributeName']} {row['KeyType']}" for row in schema]

    assert [keys(TABLES[name]["KeySchema"]) for name in TABLES] == [["pk HASH", "sk RANGE"]] * 5
    (due,) = TABLES["WalletsTable"]["GlobalSecondaryIndexes"]
    assert (due["IndexName"], keys(due["KeySchema"])) == ("due", ["shard HASH", "sweep_at RANGE"])
    assert due["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    (timeline,) = TABLES["LedgerTable"]["GlobalSecondaryIndexes"]
    assert (timeline["IndexName"], keys(timeline["KeySchema"])) == ("timeline", ["pk HASH", "tl RANGE"])
    assert timeline["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind"]}
    (unapplied,) = TABLES["DeliveriesTable"]["GlobalSecondaryIndexes"]
    assert (unapplied["IndexName"], keys(unapplied["KeySchema"])) == (
        "unapplied",
        ["unapplied HASH", "received_at RANGE"],
    )
    (waiting,) = TABLES["NotificationsTable"]["GlobalSecondaryIndexes"]
    assert (waiting["IndexName"], keys(waiting["KeySchema"])) == (
        "waiting",
        ["waits HASH", "next_attempt_at RANGE"],
    )
    assert waiting["Projection"] == {"ProjectionType": "KEYS_ONLY"}


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_has_logs_of_its_own_that_end_some_day(name: str) -> None:
    function = functions()[name]
    logs = target(function["LoggingConfig"]["LogGroup"])
    assert logs == name.replace("Function", "Logs")
    assert resources("AWS::Logs::LogGroup")[logs]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    shared = template()["Globals"]["Function"]["LoggingConfig"]
    assert (shared["LogFormat"], shared["SystemLogLevel"]) == ("JSON", "WARN")


def test_every_variable_that_the_code_asks_for_is_set() -> None:
    def asked(path: str) -> set[str]:
        sources = "".join(file.read_text() for file in (ROOT / path).rglob("*.py"))
        return set(re.findall(r'"(SCRIP_[A-Z_]+)"', sources))

    everywhere = set(template()["Globals"]["Function"]["Environment"]["Variables"])
    for name, function in functions().items():
        assert asked(function["CodeUri"]) <= set(environment(function))
        assert environment(function)["POWERTOOLS_SERVICE_NAME"] == folder_of(name)
    anywhere = everywhere.union(*(environment(function) for function in functions().values()))
    by_an_operator = asked("command_line/operator")
    assert asked("layers/scrip/scrip") <= anywhere | by_an_operator
    for name in by_an_operator:
        output = "".join(word.capitalize() for word in name.split("_")[1:])
        assert output in template()["Outputs"], "what a command asks for can be looked up"


def test_what_must_not_go_unnoticed_has_an_alarm() -> None:
    assert alarms("AWS/Lambda", "Errors") == set(functions())
    assert alarms("AWS/ApiGateway", "5xx") == {"Api"}
    assert alarms("AWS/SQS", "ApproximateAgeOfOldestMessage") == {
        "PaymentsQueue",
        "EventsQueue",
        "UsageQueue",
    }
    assert alarms("Scrip", "WebhookEndpointDisabled") == {"sender"}
    assert alarms("Scrip", "PaymentsParkedOverHour") == {"payments"}
    assert alarms("Scrip", "DeliveriesWaitingOverHour") == {"payments"}
    for metric in ("AutoTopupSuspended", "AutoTopupRefused"):
        assert alarms("Scrip", metric) == {"auto_topups"}
    assert alarms("Scrip", "ArchiveIncomplete") == {"reports"}
    assert alarms("Scrip", "ReconciliationFindings") == {"reconciliation"}
    assert alarms("Scrip", "ReconciliationStoppedHours") == {"reconciliation"}
    assert alarms("Scrip", "VerificationFindings") == {"verification"}
    assert alarms("Scrip", "VerifiedWallets") == {"verification"}
    for metric in ("WebhookSecretMissing", "WebhookUnavailable", "WebhookRefused"):
        assert alarms("Scrip", metric) == {"webhooks"}
    writers = {
        name
        for name in functions()
        if (
            "WalletsTable" in str(functions()[name])
            and "LedgerTable" in str(functions()[name])
            and "dynamodb:PutItem" in str(functions()[name])
        )
    }
    # The sweep settles a wallet from the future to that wallet's own last instant: it never meets skew. So do
    # statements. The
    # verification, the outbox, the forecast and whoever reads wallets write no wallet.
    writers -= {
        "ExpiryFunction",
        "VerificationFunction",
        "OutboxFunction",
        "RunOutFunction",
        "WalletsFunction",
        # Books only what time has done, as the sweep does.
        "ReportsFunction",
        "StatementsFunction",
    }
    assert {
        f"{service.title().replace('_', '')}Function" for service in alarms("Scrip", "ClockSkew")
    } == writers


@pytest.mark.parametrize(
    ("section", "environment", "clock", "asks"),
    [
        ("default", "dev", "enabled", False),
        ("staging", "staging", "disabled", False),
        ("prod", "prod", "disabled", True),
    ],
)
def test_samconfig_has_three_environments(section: str, environment: str, clock: str, asks: bool) -> None:
    deploy = SAMCONFIG[section]["deploy"]["parameters"]
    given = dict(row.split("=", 1) for row in deploy["parameter_overrides"])
    assert (given["Environment"], given["TestClock"]) == (environment, clock)
    assert set(given) <= set(template()["Parameters"])
    assert SAMCONFIG[section]["global"]["parameters"]["stack_name"] == f"scrip-{environment}"
    assert deploy["confirm_changeset"] is asks
    assert deploy["capabilities"] == "CAPABILITY_IAM"
