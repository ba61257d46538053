"""Every way in: routes and the functions behind them; asynchronous doors and what catches what falls there."""

from __future__ import annotations

import importlib
import json
import re

import pytest

from openapi.document import PAGES
from scrip.store.keys import SHARDS
from tests.template.reading import ROOT, alarms, functions, resources, setting, target, template

HANDLED = {folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").is_file()}
QUEUES = resources("AWS::SQS::Queue")


def logical(folder: str) -> str:
    return f"{folder.title().replace('_', '')}Function"


def routes() -> dict[str, str]:
    """Route key → logical id of the function behind it."""
    integrations = resources("AWS::ApiGatewayV2::Integration")
    found = {}
    for route in resources("AWS::ApiGatewayV2::Route").values():
        if route["RouteKey"] == "$default":
            continue
        integration = integrations[target(route["Target"]).removeprefix("integrations/")]
        found[route["RouteKey"]] = target(integration["IntegrationUri"])
    return found


def test_every_folder_is_a_function_and_every_function_a_folder() -> None:
    assert set(functions()) == {logical(folder) for folder in HANDLED}
    for folder in HANDLED:
        assert functions()[logical(folder)]["CodeUri"] == f"functions/{folder}/"


@pytest.mark.parametrize("folder", sorted(HANDLED))
def test_a_function_answers_the_routes_that_lead_to_it(folder: str) -> None:
    """A route in the code alone would be a 404 at the gateway, one in the template alone a 500 behind it."""
    answered = set(getattr(importlib.import_module(f"functions.{folder}.app"), "ROUTES", {}))
    assert answered == {route for route, function in routes().items() if function == logical(folder)}


PUBLIC = {"GET /v1/openapi.json", "GET /v1/version", "GET /v1/health", "$default"}
"""Routes of a function that may do nothing."""
OF_EVERYBODY = {*PUBLIC, "GET /v1/statement-keys"}
"""And those that show what is there for everybody."""


def test_every_route_needs_a_key_but_those_that_are_public_and_that_of_the_webhooks_which_are_signed() -> (
    None
):
    for route in resources("AWS::ApiGatewayV2::Route").values():
        if route["RouteKey"] in {"POST /v1/webhooks/{provider}", *PAGES, *OF_EVERYBODY}:
            assert route["AuthorizationType"] == "NONE"
        else:
            assert (route["AuthorizationType"], target(route["AuthorizerId"])) == ("CUSTOM", "KeyAuthorizer")


def test_what_no_route_takes_is_answered_without_an_authorizer_by_a_function_that_may_do_nothing() -> None:
    """A problem document, and no word about which keys there are."""
    found = resources("AWS::ApiGatewayV2::Route")["NoRoute"]
    assert (found["RouteKey"], found["AuthorizationType"]) == ("$default", "NONE")
    integration = resources("AWS::ApiGatewayV2::Integration")[
        target(found["Target"]).removeprefix("integrations/")
    ]
    assert target(integration["IntegrationUri"]) == "PublicFunction"
    assert functions()["PublicFunction"]["Policies"] == []
    allowed = resources("AWS::Lambda::Permission")["PublicPermission"]["SourceArn"]["Fn::Sub"]
    assert allowed.endswith("${Api}/*/*"), "some of its routes are below /v1, and that of all others is not"


def test_the_authorizer_is_asked_again_within_the_60_s_in_which_a_deleted_key_must_die() -> None:
    authorizer = resources("AWS::ApiGatewayV2::Authorizer")["KeyAuthorizer"]
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["AuthorizerResultTtlInSeconds"] == 30, (
        "no shorter: each miss is an invocation to pay for"
    )


def test_the_api_is_throttled_and_logged() -> None:
    stage = resources("AWS::ApiGatewayV2::Stage")["ApiStage"]
    assert set(stage["DefaultRouteSettings"]) == {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
    open_ = set(stage["RouteSettings"])
    assert open_ == {"POST /v1/webhooks/{provider}", *PAGES, *OF_EVERYBODY}, (
        "a flood must not take the others' share"
    )
    named = template()["Resources"]["ApiStage"]["DependsOn"]
    assert {resources("AWS::ApiGatewayV2::Route")[name]["RouteKey"] for name in named} == open_
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"request_id", "route", "status", "authorizer_error"} <= set(line)
    assert not re.search(r"\$context\.(path|identity\.user)", str(line)), "a path names a customer"


def test_every_queue_that_is_worked_on_has_a_dead_letter_queue_of_its_kind() -> None:
    mappings = resources("AWS::Lambda::EventSourceMapping").values()
    queued = [mapping for mapping in mappings if target(mapping["EventSourceArn"]) in QUEUES]
    assert len(queued) == 10
    for mapping in queued:
        queue = QUEUES[target(mapping["EventSourceArn"])]
        dead = QUEUES[target(queue["RedrivePolicy"]["deadLetterTargetArn"])]
        assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
        assert dead.get("FifoQueue") == queue.get("FifoQueue")
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
        timeout = setting(functions()[target(mapping["FunctionName"])], "Timeout")
        assert queue["VisibilityTimeout"] >= 6 * timeout


def test_law_4_a_row_of_the_ledger_that_is_changed_or_deleted_is_told_of_for_as_long_as_it_takes() -> None:
    """With what it was, and within five minutes: that is how long the archive waits for more entries."""
    table = resources("AWS::DynamoDB::Table")["LedgerTable"]
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    source = resources("AWS::Lambda::EventSourceMapping")["LedgerSource"]
    assert (target(source["EventSourceArn"]), target(source["FunctionName"])) == (
        "LedgerTable/stream",
        "ArchiveFunction",
    )
    assert "FilterCriteria" not in source, "entries are archived, and all else is evidence"
    assert (source["StartingPosition"], source["MaximumRetryAttempts"]) == ("TRIM_HORIZON", -1)
    assert source["MaximumBatchingWindowInSeconds"] <= 300, "it is known in minutes"
    assert source["BisectBatchOnFunctionError"] is True, "evidence waits for no entry that cannot be kept"
    assert target(source["DestinationConfig"]["OnFailure"]["Destination"]) == "ArchiveDeadLetterQueue"


def test_the_ledgers_stream_has_two_readers_each_with_a_queue_of_its_own() -> None:
    """Each takes two of the five calls a second that a shard answers: a third would hold the others up."""
    mappings = resources("AWS::Lambda::EventSourceMapping")
    reading = {
        name: mapping
        for name, mapping in mappings.items()
        if target(mapping["EventSourceArn"]) == "LedgerTable/stream"
    }
    assert set(reading) == {"LedgerSource", "OutboxSource"}
    assert {target(one["FunctionName"]) for one in reading.values()} == {
        "ArchiveFunction",
        "OutboxFunction",
    }
    dead = [target(one["DestinationConfig"]["OnFailure"]["Destination"]) for one in reading.values()]
    assert len(set(dead)) == 2


def test_what_is_added_to_the_ledger_wakes_the_outbox_with_the_name_of_its_shard() -> None:
    """Which an event has only within a window. Nothing is given up before the stream itself has forgotten it."""
    source = resources("AWS::Lambda::EventSourceMapping")["OutboxSource"]
    (only,) = source["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {"eventName": ["INSERT"]}
    assert (source["StartingPosition"], source["MaximumRetryAttempts"]) == ("TRIM_HORIZON", -1)
    assert source["MaximumBatchingWindowInSeconds"] <= 1
    assert source["TumblingWindowInSeconds"] > 0
    assert "ParallelizationFactor" not in source, (
        "one batch of a shard after the other: a mark is of them all"
    )
    assert source["BisectBatchOnFunctionError"] is True
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_every_target_of_a_rule_has_a_dead_letter_queue_and_so_has_its_invocation() -> None:
    caught = {
        target(config["FunctionName"]): target(config["DestinationConfig"]["OnFailure"]["Destination"])
        for config in resources("AWS::Lambda::EventInvokeConfig").values()
    }
    for rule in resources("AWS::Events::Rule").values():
        for called in rule["Targets"]:
            assert target(called["DeadLetterConfig"]["Arn"]) in QUEUES
            # A queue keeps what it has; an invocation fails.
            assert target(called["Arn"]) in QUEUES or caught[target(called["Arn"])] in QUEUES


def test_every_queue_keeps_14_days_encrypted_and_one_that_waits_for_a_person_has_an_alarm() -> None:
    watched = alarms("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    worked_on = {
        target(mapping["EventSourceArn"]) for mapping in resources("AWS::Lambda::EventSourceMapping").values()
    }
    assert watched == set(QUEUES) - worked_on
    assert {
        target(queue["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in QUEUES.values()
        if "RedrivePolicy" in queue
    } <= watched
    for queue in QUEUES.values():
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == 14 * 86400


def test_the_sweeps_targets_share_the_shards_out_and_leave_none() -> None:
    swept: list[int] = []
    for called in resources("AWS::Events::Rule")["ExpiryRule"]["Targets"]:
        event = called["InputTransformer"]["InputTemplate"].replace("<time>", '"2026-01-01T00:00:00Z"')
        first, last = json.loads(event)["shards"]
        swept += range(first, last + 1)
    assert sorted(swept) == list(range(SHARDS))


def test_parked_payments_are_tried_every_five_minutes_and_providers_compared_as_the_parameter_says() -> None:
    rules = resources("AWS::Events::Rule")
    assert rules["ParkedRule"]["ScheduleExpression"] == "rate(5 minutes)"
    assert rules["ReconciliationRule"]["ScheduleExpression"] == {"Ref": "ReconciliationSchedule"}
    for rule, function in (
        ("ParkedRule", "PaymentsFunction"),
        ("ReconciliationRule", "ReconciliationFunction"),
    ):
        (called,) = rules[rule]["Targets"]
        assert target(called["Arn"]) == function
        event = called["InputTransformer"]["InputTemplate"].replace("<time>", '"2026-01-01T00:00:00Z"')
        assert json.loads(event) == {"time": "2026-01-01T00:00:00Z"}


def test_providers_are_asked_by_two_at_a_time() -> None:
    """They limit how often they are asked."""
    source = resources("AWS::Lambda::EventSourceMapping")["InquiriesSource"]
    assert (target(source["EventSourceArn"]), target(source["FunctionName"])) == (
        "InquiriesQueue",
        "ReconciliationFunction",
    )
    assert source["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_the_verifications_targets_share_the_tables_out_and_leave_nothing() -> None:
    rule = resources("AWS::Events::Rule")["VerificationRule"]
    events = [
        called["InputTransformer"]["InputTemplate"].replace("<time>", '"2026-01-01T00:00:00Z"')
        for called in rule["Targets"]
    ]
    assert [json.loads(event)["share"] for event in events] == [[share, 4] for share in range(4)]
    assert len(events) <= 5, "no rule takes more targets"
    # A run that takes all its time ends before the next one begins.
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    assert setting(functions()["VerificationFunction"], "Timeout") < 3600
