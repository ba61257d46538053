"""A stack's outputs and parameters name everything that a command needs."""

from __future__ import annotations

import sys
from typing import Any

import boto3
import pytest
from moto import mock_aws

from command_line import stacks
from command_line.mistakes import Mistake
from command_line.stacks import StackInfo
from tests.command_line.conftest import Line

TEMPLATE = """
Parameters: {DodoBusinessId: {Type: String, Default: bus_1}}
Resources: {Topic: {Type: AWS::SNS::Topic}}
Outputs:
  ApiUrl: {Value: https://x.test}
  WalletsTable: {Value: wallets-1}
  PaymentsDeadLetterQueueUrl: {Value: https://q.test/dead}
  DodoApiKeySecretArn: {Value: arn:1}
  EventBusName: {Value: scrip-x-events}
"""


def test_a_stack_names_its_url_tables_and_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("cloudformation").create_stack(StackName="scrip-x", TemplateBody=TEMPLATE)
        found = stacks.find("scrip-x")
        with pytest.raises(Mistake, match="there is no stack scrip-y in this region"):
            stacks.find("scrip-y")
    assert found.url == "https://x.test"
    settings = found.settings()
    expected = {
        "SCRIP_WALLETS_TABLE": "wallets-1",
        "SCRIP_PAYMENTS_DEAD_LETTER_QUEUE_URL": "https://q.test/dead",
        "SCRIP_DODO_API_KEY_SECRET_ID": "arn:1",
        "SCRIP_DODO_OURS": "bus_1",
        "SCRIP_STRIPE_OURS": "",
        "SCRIP_PADDLE_OURS": "",
        "SCRIP_EVENT_BUS": "scrip-x-events",
        "SCRIP_STACK": "scrip-x",
        "SCRIP_BURN_EVENTS": "",
    }
    assert expected.items() <= settings.items()


def test_a_refusal_of_cloudformation_is_said_in_its_words(
    bare: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is no stack's absence."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    told: Any = {"Error": {"Code": "AccessDenied", "Message": "not authorized"}}
    with mock_aws():
        cloudformation = boto3.client("cloudformation")
        refusal = cloudformation.exceptions.ClientError(told, "DescribeStacks")

        def refused(**_: Any) -> None:
            raise refusal

        cloudformation.meta.events.register("before-call", refused)
        monkeypatch.setattr(boto3, "client", lambda _service: cloudformation)
        said = bare.sentence(2, "--stack", "scrip-x", "balance", "acme")
    assert "AccessDenied" in said
    assert "not authorized" in said


def test_without_boto3_it_says_how_else_to_name_scrip(bare: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    said = bare.sentence(2, "--stack", "scrip-x", "balance", "acme")
    assert said == "to ask for a stack, boto3 has to be installed: pip install boto3, or give --url"


def test_the_api_of_a_local_aws_is_a_path_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/")
    info = StackInfo({"ApiId": "a1", "ApiUrl": "https://a1.execute-api.test"}, {})
    assert info.url == "http://127.0.0.1:4566/_aws/execute-api/a1"


def test_a_stack_of_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(Mistake, match="no output ApiUrl"):
        _ = StackInfo({}, {}).url


def test_a_stack_is_asked_for_by_the_commands(bare: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "find", lambda name: StackInfo({"ApiUrl": f"http://127.0.0.1:9/{name}"}, {}))
    assert "127.0.0.1:9/s1" in bare.sentence(3, "--stack", "s1", "--key", "k", "balance", "acme")
    assert bare.sentence(2, "--stack", "s1", "--url", "http://x", "balance", "acme").startswith(
        "give --url or --stack"
    )


@pytest.mark.parametrize(
    "command",
    [
        *("verify acme", "verify --all", "reconcile dodo", "redrive", "reindex", "rollup acme", "units"),
        *("republish --from 2026-11-23T10:00:00Z", "deliveries list", "deliveries waiting"),
        *("deliveries show dodo msg_1", "deliveries replay dodo msg_1"),
    ],
)
def test_operators_commands_are_those_of_the_stack_that_is_named(
    bare: Line, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment says: the tables of another stack must not be written to."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        said = bare.sentence(2, "--stack", "scrip-y", *command.split())
    assert said.startswith("there is no stack scrip-y in this region")


def test_a_setting_is_of_the_output_or_parameter_of_its_name() -> None:
    info = StackInfo({"EventBusName": "b"}, {"StripeLivemode": "false", "BurnEvents": "disabled"}, "s")
    assert info.settings() == {
        "SCRIP_EVENT_BUS": "b",
        "SCRIP_DODO_BASE_URL": "",
        "SCRIP_STRIPE_BASE_URL": "",
        "SCRIP_DODO_OURS": "",
        "SCRIP_STRIPE_OURS": "false",
        "SCRIP_PADDLE_OURS": "",
        "SCRIP_STANDARD_OURS": "",
        "SCRIP_BURN_EVENTS": "disabled",
        "SCRIP_STACK": "s",
    }


def test_a_stack_without_outputs_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    template = "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    with mock_aws():
        boto3.client("cloudformation").create_stack(StackName="bare", TemplateBody=template)
        assert stacks.find("bare") == StackInfo({}, {}, "bare")
