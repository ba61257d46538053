"""What is set to a number or a name of its own, each with its reason: a change on purpose is one of one line here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from scrip.services.notifications.mail.composition import EVENTS
from tests.template.reading import (
    ROOT,
    environment,
    folder_of,
    functions,
    resources,
    setting,
    statements,
    target,
    template,
)

TWO_WEEKS: Final = 14 * 86_400
"""The longest that SQS keeps a message: somebody may be on holiday."""

REFERRING: Final = {"Ref", "Fn::GetAtt", "Fn::Sub"}
TYPES: Final = {
    "Api": "AWS::ApiGatewayV2::Api",
    "Stage": "AWS::ApiGatewayV2::Stage",
    "Authorizer": "AWS::ApiGatewayV2::Authorizer",
    "Integration": "AWS::ApiGatewayV2::Integration",
    "Bucket": "AWS::S3::Bucket",
    "BucketPolicy": "AWS::S3::BucketPolicy",
    "Database": "AWS::Glue::Database",
    "Schema": "AWS::Glue::Table",
    "Permission": "AWS::Lambda::Permission",
    "Function": "AWS::Serverless::Function",
    "Queue": "AWS::SQS::Queue",
    "QueuePolicy": "AWS::SQS::QueuePolicy",
    "Source": "AWS::Lambda::EventSourceMapping",
    "Bus": "AWS::Events::EventBus",
    "Rule": "AWS::Events::Rule",
    "InvokeConfig": "AWS::Lambda::EventInvokeConfig",
    "KmsKey": "AWS::KMS::Key",
    "Table": "AWS::DynamoDB::Table",
    "Secret": "AWS::SecretsManager::Secret",
    "Layer": "AWS::Serverless::LayerVersion",
    "Logs": "AWS::Logs::LogGroup",
    "Topic": "AWS::SNS::Topic",
    "TopicPolicy": "AWS::SNS::TopicPolicy",
    "Subscription": "AWS::SNS::Subscription",
    "Alarm": "AWS::CloudWatch::Alarm",
    "Target": "AWS::ApplicationAutoScaling::ScalableTarget",
    "Scaling": "AWS::ApplicationAutoScaling::ScalingPolicy",
}
"""What a resource is, by the end of its name; the others are routes."""

FUNCTIONS: Final = {
    # A burn is bound by its one round trip to DynamoDB, and callers have gone after ten seconds.
    "": (512, 10, ["ScripLayer"]),
    # To verify JSON Web Tokens.
    "AuthorizerFunction": (512, 10, ["ScripLayer", "TokensLayer"]),
    # The SDK of a provider is large, and its answer may take as long as the gateway waits.
    "TopupsFunction": (1024, 29, ["ScripLayer", "ProvidersLayer"]),
    "RefundsFunction": (1024, 29, ["ScripLayer", "ProvidersLayer"]),
    # A whole processor, which hashing takes; what it has not counted by then the next request goes on with.
    "StatementsFunction": (1769, 20, ["ScripLayer"]),
    # Nobody waits: a batch of ten payments.
    "PaymentsFunction": (512, 30, ["ScripLayer"]),
    # A page of a provider's list takes several slow calls.
    "ReconciliationFunction": (1024, 180, ["ScripLayer", "ProvidersLayer"]),
    # One session after the other is opened at a provider.
    "DunningFunction": (1024, 180, ["ScripLayer", "ProvidersLayer"]),
    # Two slow answers of a provider, for eight wallets at a time.
    "AutoTopupsFunction": (1024, 180, ["ScripLayer", "ProvidersLayer"]),
    # Nobody waits: a batch of a hundred entries, or a look at many shards.
    "OutboxFunction": (512, 60, ["ScripLayer"]),
    # A hundred messages of ninety events each, at the most.
    "UsageEventsFunction": (512, 60, ["ScripLayer"]),
    # Ten events and the endpoints that want them; a look at what is due; a piece of a replay.
    "NotificationsFunction": (512, 120, ["ScripLayer"]),
    # A call takes 15 s at most, and the next that is due goes on.
    "SenderFunction": (512, 60, ["ScripLayer"]),
    "RunOutFunction": (512, 300, ["ScripLayer"]),
    # Ten letters, each a few calls.
    "MailFunction": (512, 30, ["ScripLayer", "MailLayer"]),
    # A sweep stops by itself, and the next one goes on.
    "ExpiryFunction": (1769, 300, ["ScripLayer"]),
    # Megabytes of entries, parsed and packed, and the countries of their accounts.
    "ArchiveFunction": (1024, 120, ["ScripLayer"]),
    # Two processors for a SQL engine, and the time to read what the archive lacks.
    "ReportsFunction": (2048, 900, ["ScripLayer", "ReportsLayer"]),
    # A whole processor, which hashing takes, for as long as Lambda lets one run.
    "VerificationFunction": (1769, 900, ["ScripLayer"]),
}
"""Megabytes, seconds and layers: of all, and of those that are otherwise."""

FIFO: Final = {
    "FifoQueue": True,
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
}
"""In the order of each payment, which waits for no other."""
KEPT: Final = {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": TWO_WEEKS}
# The sender names what is a repeat: a delivery that says more than before has to be let through.
NAMED: Final = {"ContentBasedDeduplication": False}

QUEUES: Final[dict[str, dict[str, Any]]] = {
    # Six times the function's time-out; five times are an outage of half an hour and a quarter.
    "PaymentsQueue": {
        **(FIFO | KEPT | NAMED),
        "VisibilityTimeout": 6 * 30,
        "RedrivePolicy": {"deadLetterTargetArn": "PaymentsDeadLetterQueue.Arn", "maxReceiveCount": 5},
    },
    "InquiriesQueue": {
        **(FIFO | KEPT | NAMED),
        "VisibilityTimeout": 6 * 180,
        "RedrivePolicy": {"deadLetterTargetArn": "InquiriesDeadLetterQueue.Arn", "maxReceiveCount": 5},
    },
    "AutoTopupsQueue": {
        **(FIFO | KEPT | NAMED),
        "VisibilityTimeout": 6 * 180,
        "RedrivePolicy": {"deadLetterTargetArn": "AutoTopupsDeadLetterQueue.Arn", "maxReceiveCount": 5},
    },
    "AutoTopupsDeadLetterQueue": FIFO | KEPT,
    "PaymentsDeadLetterQueue": FIFO | KEPT,
    "InquiriesDeadLetterQueue": FIFO | KEPT,
    "SchedulesDeadLetterQueue": KEPT,
    "ExpiryDeadLetterQueue": KEPT,
    "EvidenceQueue": {**KEPT, "MaximumMessageSize": 1024 * 1024},
    "ArchiveDeadLetterQueue": KEPT,
    "OutboxDeadLetterQueue": KEPT,
    **{
        f"{name}Queue": {
            **KEPT,
            "VisibilityTimeout": 6 * seconds,
            "RedrivePolicy": {"deadLetterTargetArn": f"{name}DeadLetterQueue.Arn", "maxReceiveCount": 5},
        }
        for name, seconds in (
            ("Events", 120),
            ("Replays", 120),
            ("Notices", 120),
            ("WebhooksOut", 60),
            ("Mail", 30),
            ("Usage", 60),
            ("Reports", 900),
        )
    },
    **{
        f"{name}DeadLetterQueue": KEPT
        for name in ("Events", "Replays", "Notices", "WebhooksOut", "Mail", "Usage", "Reports")
    },
}

SOURCES: Final[dict[str, dict[str, Any]]] = {
    # Payments are few: ten at a time leave the account's concurrency, and a hot wallet, to those who burn.
    "PaymentsSource": {
        "EventSourceArn": "PaymentsQueue.Arn",
        "FunctionName": "PaymentsFunction",
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 10},
    },
    # Five answers of a slow provider fit into 180 s; providers limit how often they are asked.
    "InquiriesSource": {
        "EventSourceArn": "InquiriesQueue.Arn",
        "FunctionName": "ReconciliationFunction",
        "BatchSize": 5,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    },
    # One wallet each: a slow provider holds up no other wallet.
    "AutoTopupsSource": {
        "EventSourceArn": "AutoTopupsQueue.Arn",
        "FunctionName": "AutoTopupsFunction",
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 10},
    },
    # From the first record on, and again for as long as the stream has it.
    "LedgerSource": {
        "EventSourceArn": "LedgerTable.StreamArn",
        "FunctionName": "ArchiveFunction",
        "StartingPosition": "TRIM_HORIZON",
        # Few objects a day, with much in each.
        "BatchSize": 10000,
        "MaximumBatchingWindowInSeconds": 300,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": -1,
        "DestinationConfig": {"OnFailure": {"Destination": "ArchiveDeadLetterQueue.Arn"}},
    },
    # The same, of what is added; within a second, and with the name of the shard, which only a window brings.
    "OutboxSource": {
        "EventSourceArn": "LedgerTable.StreamArn",
        "FunctionName": "OutboxFunction",
        "StartingPosition": "TRIM_HORIZON",
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 1,
        "TumblingWindowInSeconds": 900,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": -1,
        "DestinationConfig": {"OnFailure": {"Destination": "OutboxDeadLetterQueue.Arn"}},
    },
    # Ten at a time leave the account's concurrency to those who burn.
    "EventsSource": {
        "EventSourceArn": "EventsQueue.Arn",
        "FunctionName": "NotificationsFunction",
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 10},
    },
    # What is sent again does not hold up what is new.
    "ReplaysSource": {
        "EventSourceArn": "ReplaysQueue.Arn",
        "FunctionName": "NotificationsFunction",
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    },
    "NoticesSource": {
        "EventSourceArn": "NoticesQueue.Arn",
        "FunctionName": "NotificationsFunction",
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 10},
    },
    # The post takes so many letters a second as it says of the account.
    "MailSource": {
        "EventSourceArn": "MailQueue.Arn",
        "FunctionName": "MailFunction",
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    },
    # A close, or an export, takes as long as it takes.
    "ReportsSource": {
        "EventSourceArn": "ReportsQueue.Arn",
        "FunctionName": "ReportsFunction",
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    },
    # Many together, since what is of one wallet goes into one commit; few at a time, since they write the same wallets.
    "UsageSource": {
        "EventSourceArn": "UsageQueue.Arn",
        "FunctionName": "UsageEventsFunction",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 10},
    },
    # One call each: a slow one holds up nobody.
    "WebhooksOutSource": {
        "EventSourceArn": "WebhooksOutQueue.Arn",
        "FunctionName": "SenderFunction",
        "BatchSize": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 25},
    },
}

RULES: Final = {
    # Rule → its schedule, the function it wakes, who takes up what fell.
    "ParkedRule": ("rate(5 minutes)", "PaymentsFunction", "SchedulesDeadLetterQueue"),
    "ReconciliationRule": ("ReconciliationSchedule", "ReconciliationFunction", "SchedulesDeadLetterQueue"),
    "DunningRule": ("rate(1 minute)", "DunningFunction", "SchedulesDeadLetterQueue"),
    "VerificationRule": ("rate(1 hour)", "VerificationFunction", "SchedulesDeadLetterQueue"),
    "OutboxRule": ("rate(1 minute)", "OutboxFunction", "SchedulesDeadLetterQueue"),
    # A quarter past, so that a day is over for ten minutes at its first.
    "ReportsRule": ("cron(15 * * * ? *)", "ReportsFunction", "SchedulesDeadLetterQueue"),
    "RunOutRule": ("rate(1 hour)", "RunOutFunction", "SchedulesDeadLetterQueue"),
    "ExpiryRule": ("ExpirySchedule", "ExpiryFunction", "ExpiryDeadLetterQueue"),
    "AutoTopupsRule": ("rate(1 minute)", "AutoTopupsFunction", "SchedulesDeadLetterQueue"),
    "NotificationsRule": ("rate(1 minute)", "NotificationsFunction", "SchedulesDeadLetterQueue"),
}

INVOKED: Final = {
    # What a run left, the next one takes up: no other try, and none that comes after the next.
    "PaymentsInvokeConfig": (0, 300),
    "ReconciliationInvokeConfig": (0, 900),
    "DunningInvokeConfig": (0, 60),
    "VerificationInvokeConfig": (0, 900),
    "OutboxInvokeConfig": (0, 60),
    "ReportsInvokeConfig": (0, 900),
    "RunOutInvokeConfig": (0, 900),
    "NotificationsInvokeConfig": (0, 60),
    "AutoTopupsInvokeConfig": (0, 60),
    # One more try: the sweep books what others rely on within minutes.
    "ExpiryInvokeConfig": (1, 900),
}
"""Tries after the first, and seconds after which none is worth it."""

SECRETS: Final = {
    **{
        f"{name}WebhookSecret": {"SecretString": '{"webhook_secrets": []}'}
        for name in ("Dodo", "Stripe", "Standard", "Paddle")
    },
    "DodoApiKeySecret": {"SecretString": '{"api_key": ""}'},
    "StripeApiKeySecret": {"SecretString": '{"api_key": ""}'},
    **{
        f"{name}KeySecret": {"GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": True}}
        for name in ("Identity", "Signing")
    },
}
"""Made empty, so that nothing verifies and nothing is bought until somebody puts his own."""

OUTLIVING: Final = {
    # What is lost with these cannot be had again: credits, their past, what a provider said, and who has claimed what.
    **dict.fromkeys(
        [
            "WalletsTable",
            "LedgerTable",
            "DeliveriesTable",
            "KeysTable",
            "NotificationsTable",
            "EndpointsKmsKey",
            "ArchiveBucket",
            # Whose signatures nobody else can make.
            "StatementsKmsKey",
        ],
        ("RetainExceptOnCreate", "Retain"),
    ),
    "IdentityKeySecret": ("RetainExceptOnCreate", "Retain"),
}
"""What is kept where the stack is deleted, and where a resource is replaced; all else goes."""

OUTPUTS: Final = {
    "ApiUrl": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}",
    "ApiId": "Api",
    "LedgerStreamArn": "LedgerTable.StreamArn",
    "AlarmTopicArn": "AlarmTopic",
    "EventBusName": "EventBus",
    **{f"{queue}Url": queue for queue in QUEUES if re.match("Payments|Inquiries|Evidence|Usage", queue)},
    "UsageDeadLetterQueueArn": "UsageDeadLetterQueue.Arn",
    **{
        f"{secret}Arn": f"{secret}.Id"
        for secret in SECRETS
        if secret not in ("IdentityKeySecret", "SigningKeySecret")
    },
    **{name: name for name in ("WalletsTable", "LedgerTable", "DeliveriesTable", "KeysTable")},
    "NotificationsTable": "NotificationsTable",
    "NoticesFunction": "NotificationsFunction",
    "AutoTopupFunction": "AutoTopupsFunction",
    **{
        name: name
        for name in (
            "ExpiryFunction",
            "VerificationFunction",
            "ReconciliationFunction",
            "DunningFunction",
            "OutboxFunction",
            "RunOutFunction",
            "ReportsFunction",
        )
    },
    "ArchiveBucketName": "ArchiveBucket",
    "ArchiveDatabaseName": "ArchiveDatabase",
}


FREE: Final = (
    "PostWebhook",
    "NoRoute",
    "GetOpenapi",
    "GetVersion",
    "GetHealth",
    "GetStatementKeys",
    "GetLetter",
    "PostLetter",
)
"""Routes that need no API key."""


def said(node: Any) -> Any:
    """A node with every reference as plain text: the name alone, a name with its attribute, or the text itself."""
    if isinstance(node, list):
        return [said(member) for member in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {"Ref"}:
        return node["Ref"]
    if set(node) == {"Fn::GetAtt"}:
        return ".".join(node["Fn::GetAtt"])
    if set(node) == {"Fn::Sub"}:
        return node["Fn::Sub"]
    return {name: said(member) for name, member in node.items() if name != "Description"}


def stated(kind: str) -> dict[str, Any]:
    """Every resource of a type, as ``said``."""
    return {name: said(node) for name, node in resources(kind).items()}


def references(node: Any) -> Iterator[str]:
    """Everything that a node names: parameters, resources, conditions."""
    if isinstance(node, list):
        for member in node:
            yield from references(member)
    elif isinstance(node, dict):
        for name, member in node.items():
            if name in ("Ref", "Condition") and isinstance(member, str):
                yield member
            elif name == "Fn::GetAtt":
                yield member[0]
            elif name == "Fn::If":
                yield member[0]
                yield from references(member[1:])
            elif name == "Fn::Sub":
                yield from re.findall(r"\$\{([\w:]+)", member)
            else:
                yield from references(member)


def test_a_resource_is_what_its_name_ends_in_and_every_other_one_is_a_route() -> None:
    for name, node in template()["Resources"].items():
        ends = max((end for end in TYPES if name.endswith(end)), key=len, default="")
        assert node["Type"] == TYPES.get(ends, "AWS::ApiGatewayV2::Route"), name
        # What else may stand beside the properties; a condition would make a part of a stack go missing.
        allowed = {"Type", "Properties"} | ({"Condition"} if name == "AlarmSubscription" else set())
        allowed |= {"DeletionPolicy", "UpdateReplacePolicy"} if name in OUTLIVING else set()
        allowed |= {"Condition"} if ends in ("Target", "Scaling") else set()
        allowed |= {"DependsOn"} if name == "ApiStage" else set()
        allowed |= {"Metadata"} if ends in ("Function", "Layer") else set()
        assert set(node) | {"Properties"} == allowed | {"Properties"}, name


def test_whatever_is_named_is_there() -> None:
    named = {name for part in ("Globals", "Resources", "Outputs") for name in references(template()[part])}
    there = {*template()["Resources"], *template()["Parameters"], *template()["Conditions"]}
    there |= {
        f"AWS::{name}" for name in ("AccountId", "NoValue", "Partition", "Region", "StackName", "URLSuffix")
    }
    assert named - there == set()
    assert set(template()["Parameters"]) - named - set(references(template()["Conditions"])) == set()


ATTRIBUTES: Final = {
    "AWS::Serverless::Function": {"Arn"},
    "AWS::DynamoDB::Table": {"Arn", "StreamArn"},
    "AWS::SQS::Queue": {"Arn", "QueueName"},
    "AWS::SecretsManager::Secret": {"Id"},
    "AWS::Events::EventBus": {"Arn"},
    "AWS::KMS::Key": {"Arn"},
    "AWS::Events::Rule": {"Arn"},
    "AWS::Logs::LogGroup": {"Arn"},
    "AWS::S3::Bucket": {"Arn"},
}
"""What CloudFormation can say of a resource, as far as anything here asks for it."""


def attributes(node: Any) -> Iterator[tuple[str, str]]:
    """Every resource and attribute that a node asks for."""
    if isinstance(node, list):
        for member in node:
            yield from attributes(member)
    elif isinstance(node, dict):
        for name, member in node.items():
            if name == "Fn::GetAtt":
                yield tuple(member)
            elif name == "Fn::Sub":
                yield from re.findall(r"\$\{(\w+)\.(\w+)\}", member)
            else:
                yield from attributes(member)


def test_whatever_is_asked_of_a_resource_it_has() -> None:
    asked = {*attributes(template()["Resources"]), *attributes(template()["Outputs"])}
    assert len(asked) > 40
    for name, attribute in asked:
        assert attribute in ATTRIBUTES[template()["Resources"][name]["Type"]], (name, attribute)


def test_rights_are_to_a_thing_by_its_arn_and_to_a_secret_by_its_id() -> None:
    for name, function in functions().items():
        for policy in function["Policies"]:
            for statement in policy["Statement"]:
                assert re.fullmatch(
                    r"\*|"
                    r"\w+(Table|Queue)\.Arn|EventBus\.Arn|\w+KmsKey\.Arn|LedgerTable\.StreamArn|\w+Secret\.Id|\$\{\w+Table\.Arn\}/index/\w+|"
                    r"ArchiveBucket\.Arn|\$\{ArchiveBucket\.Arn\}/(\w+/)*\*",
                    said(statement["Resource"]),
                ), name


def test_functions_have_the_memory_time_and_layers_that_their_work_takes() -> None:
    shared = template()["Globals"]["Function"]
    found = {
        name: (
            setting(function, "MemorySize"),
            setting(function, "Timeout"),
            [target(layer) for layer in [*shared["Layers"], *function.get("Layers", [])]],
        )
        for name, function in functions().items()
    }
    assert found == {name: FUNCTIONS.get(name, FUNCTIONS[""]) for name in found}
    assert set(FUNCTIONS) - {""} <= set(found)


def test_who_answers_the_gateway_is_done_before_the_gateway_stops_waiting() -> None:
    """After 30 s it answers 503 in the function's stead."""
    answering = {
        target(integration["IntegrationUri"])
        for integration in resources("AWS::ApiGatewayV2::Integration").values()
    }
    assert len(answering) == 18
    # These do more than answer: who waits for a close is answered after 15 s, and it goes on.
    others = {"MailFunction", "ReportsFunction"}
    assert all(setting(functions()[name], "Timeout") < 30 for name in answering - others)


OF_LAMBDA: Final = {
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"),
}
"""What Lambda does with a function's source in its name."""


def resource_of(node: Any) -> str | None:
    """The resource that a node names, or a part of it; None where it names none."""
    name = target(node).partition("/")[0] if isinstance(node, str) or node.keys() <= REFERRING else ""
    return name if name in template()["Resources"] else None


def used(function: Any) -> Iterator[tuple[str, str]]:
    """Yields what a function may do with which resource."""
    for effect, action, named in statements(function):
        for one in named if isinstance(named, list) else [named]:
            if effect == "Allow" and (name := resource_of(one)):
                yield action, name


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_is_told_of_what_it_may_use_and_may_use_what_it_is_told_of(name: str) -> None:
    """A table, a queue, a secret, a key, a bus, a bucket. What is encrypted says by which key, and what failed is put
    into its queue by Lambda."""
    may = {*used(functions()[name])}
    by_itself = {
        thing
        for action, thing in may
        if action not in {*OF_LAMBDA, "kms:Decrypt"}
        and (action, thing[-15:]) != ("sqs:SendMessage", "DeadLetterQueue")
    }
    told = {resource_of(value) for value in environment(functions()[name]).values()} - {None}
    shared = {"WalletsTable", "LedgerTable", "KeysTable"}
    assert by_itself - shared <= told - shared <= {thing for _, thing in may}


def test_these_functions_are_told_of_parameters() -> None:
    told: dict[str, set[str]] = {}
    for name, function in functions().items():
        for variable, value in function["Environment"]["Variables"].items():
            if resource_of(value) is None and variable != "POWERTOOLS_SERVICE_NAME":
                told.setdefault(variable.removeprefix("SCRIP_"), set()).add(name.removesuffix("Function"))
    assert told == {
        **{f"JWT_{what}": {"Authorizer"} for what in ("ISSUER", "AUDIENCE")},
        **{f"{provider}_OURS": {"Webhooks"} for provider in ("DODO", "STRIPE", "STANDARD", "PADDLE")},
        **{
            f"{provider}_BASE_URL": {"Topups", "Refunds", "Reconciliation", "AutoTopups", "Dunning"}
            for provider in ("DODO", "STRIPE")
        },
        "STACK": {
            *("UsageEvents", "Endpoints", "Payments", "AutoTopups", "Dunning", "Verification", "Outbox"),
            *("Notifications", "Sender", "RunOut"),
        },
        "SHARED_PROVIDERS": {"Refunds", "Webhooks", "Payments"},
        "COMMIT": {"Public"},
        "DELIVERY_RETENTION_DAYS": {"Webhooks", "Payments"},
        "RECONCILIATION_DAYS": {"Reconciliation"},
        "BURN_EVENTS": {"Outbox", "Notifications"},
        "EMAIL_FROM": {"Mail"},
        "PUBLIC_URL": {"Mail"},
    }


@pytest.mark.parametrize("name", sorted(functions()))
def test_a_function_sets_nothing_but_this(name: str) -> None:
    function, folder = functions()[name], folder_of(name)
    assert template()["Resources"][name]["Metadata"] == {"SkipBuild": True}, (
        "it is plain code: nothing is built"
    )
    assert function["CodeUri"] == f"functions/{folder}/"
    own = {"Description", "CodeUri", "LoggingConfig", "Environment", "Policies"}
    # Files of the archive, which it brings to read them.
    own |= {"EphemeralStorage"} if name == "ReportsFunction" else set()
    assert set(function) - {"MemorySize", "Timeout", "Layers"} == own
    assert function["LoggingConfig"] == {"LogGroup": {"Ref": name.replace("Function", "Logs")}}
    assert set(function["Environment"]) == {"Variables"}


def test_what_all_functions_share_is_this() -> None:
    shared = said(template()["Globals"]["Function"])
    assert list(template()["Globals"]) == ["Function"]
    assert shared == {
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "Handler": "app.handler",
        "MemorySize": 512,
        "Timeout": 10,
        "Layers": ["ScripLayer"],
        # START, END and REPORT of every request would be most of the bill for logs.
        "LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "WARN", "ApplicationLogLevel": "INFO"},
        "Environment": {
            "Variables": {
                "SCRIP_ENVIRONMENT": "Environment",
                "SCRIP_WALLETS_TABLE": "WalletsTable",
                "SCRIP_LEDGER_TABLE": "LedgerTable",
                "SCRIP_KEYS_TABLE": "KeysTable",
                "SCRIP_TEST_CLOCK": "TestClock",
                "POWERTOOLS_METRICS_NAMESPACE": "Scrip",
                "POWERTOOLS_LOG_LEVEL": "INFO",
                # There are none; else every cold start reads every package's metadata to see.
                "PYDANTIC_DISABLE_PLUGINS": "__all__",
            }
        },
    }


def test_a_variable_of_a_function_alone_is_what_its_name_says() -> None:
    """A secret, a queue, a table or its stream, a provider's address, or a number of the parameters."""
    shared = set(template()["Globals"]["Function"]["Environment"]["Variables"]) | {"POWERTOOLS_SERVICE_NAME"}
    dodo = {"Fn::FindInMap": ["Dodo", "Environment", "BaseUrl"]}
    fixed: dict[str, Any] = {
        "SCRIP_DODO_BASE_URL": {"Fn::If": ["HasDodoBaseUrl", "DodoBaseUrl", dodo]},
        "SCRIP_STRIPE_BASE_URL": "StripeBaseUrl",
        "SCRIP_RECONCILIATION_DAYS": "ReconciliationDays",
        "SCRIP_DELIVERY_RETENTION_DAYS": "DeliveryRetentionDays",
        "SCRIP_DELIVERIES_TABLE": "DeliveriesTable",
        "SCRIP_LEDGER_STREAM_ARN": "LedgerTable.StreamArn",
        "SCRIP_SHARED_PROVIDERS": "SharedProviders",
        "SCRIP_COMMIT": "Commit",
        "SCRIP_EVENT_BUS": "EventBus",
        "SCRIP_STACK": "AWS::StackName",
        "SCRIP_BURN_EVENTS": "BurnEvents",
        "SCRIP_JWT_ISSUER": "JwtIssuer",
        "SCRIP_JWT_AUDIENCE": "JwtAudience",
        "SCRIP_NOTIFICATIONS_TABLE": "NotificationsTable",
        "SCRIP_ENDPOINTS_KEY_ID": "EndpointsKmsKey",
        "SCRIP_STATEMENTS_KEY_ID": "StatementsKmsKey",
        "SCRIP_EMAIL_FROM": "EmailFrom",
        "SCRIP_ARCHIVE_BUCKET": "ArchiveBucket",
        "SCRIP_PUBLIC_URL": {"Fn::If": ["HasPublicUrl", "PublicUrl", OUTPUTS["ApiUrl"]]},
    }
    seen = set()
    for name, function in functions().items():
        for variable, value in environment(function).items():
            if variable in shared or variable.endswith("_OURS"):
                continue
            seen.add(variable)
            words = "".join(word.capitalize() for word in variable.split("_")[1:])
            expected = fixed.get(variable)
            if words.endswith("SecretId"):
                expected = f"{words.removesuffix('Id')}.Id"
            if words.endswith("QueueUrl"):
                expected = words.removesuffix("Url")
            assert said(value) == expected, (name, variable)
    assert len(seen) == len(fixed) + 8 + 12


@pytest.mark.parametrize("name", sorted(QUEUES))
def test_a_queue_is_set_to_this(name: str) -> None:
    assert stated("AWS::SQS::Queue")[name] == QUEUES[name]


def test_there_is_no_other_queue_nor_source() -> None:
    assert set(stated("AWS::SQS::Queue")) == set(QUEUES)
    assert stated("AWS::Lambda::EventSourceMapping") == SOURCES


def woken_by(rule: str) -> list[dict[str, Any]]:
    """The permissions that a rule has."""
    permissions = stated("AWS::Lambda::Permission").values()
    return [permission for permission in permissions if permission["SourceArn"] == f"{rule}.Arn"]


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_wakes_one_function_which_nobody_else_may_wake_in_its_name(name: str) -> None:
    """Each permission's source is the rule that targets the function; else EventBridge could not call it at all."""
    rule = stated("AWS::Events::Rule")[name]
    schedule, function, fallen = RULES[name]
    assert set(rule) == {"ScheduleExpression", "Targets"}, "no State: it is on"
    assert rule["ScheduleExpression"] == schedule
    assert len({one["Id"] for one in rule["Targets"]}) == len(rule["Targets"])
    for one in rule["Targets"]:
        assert set(one) == {"Id", "Arn", "InputTransformer", "DeadLetterConfig"}
        assert one["Arn"] == f"{function}.Arn"
        assert one["InputTransformer"]["InputPathsMap"] == {"time": "$.time"}
        assert '"time": <time>' in one["InputTransformer"]["InputTemplate"]
        assert one["DeadLetterConfig"] == {"Arn": f"{fallen}.Arn"}
    (permission,) = woken_by(name)
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
        "FunctionName": function,
        "SourceArn": f"{name}.Arn",
    }


def test_there_is_no_other_rule_and_no_target_has_a_name_that_tells_nothing() -> None:
    rules = stated("AWS::Events::Rule")
    assert set(rules) == {*RULES, "EventsRule", "MailRule", "UsageRule"}
    assert {name: [one["Id"] for one in rule["Targets"]] for name, rule in rules.items()} == {
        "ParkedRule": ["parked"],
        "ReconciliationRule": ["reconciliation"],
        "VerificationRule": ["share-1", "share-2", "share-3", "share-4"],
        "DunningRule": ["dunning"],
        "OutboxRule": ["look"],
        "ReportsRule": ["days"],
        "RunOutRule": ["shares-00-03", "shares-04-07", "shares-08-11", "shares-12-15"],
        "ExpiryRule": ["shards-00-15", "shards-16-31", "shards-32-47", "shards-48-63"],
        "NotificationsRule": ["due"],
        "AutoTopupsRule": ["auto-topups"],
        "EventsRule": ["notifications"],
        "MailRule": ["mail"],
        "UsageRule": ["usage"],
    }


def test_every_event_of_ours_is_held_against_the_endpoints() -> None:
    """By way of a queue: nothing is lost while nobody looks."""
    assert stated("AWS::Events::Rule")["EventsRule"] == {
        "EventBusName": "EventBus",
        "EventPattern": {"source": ["scrip"]},
        "Targets": [
            {
                "Id": "notifications",
                "Arn": "EventsQueue.Arn",
                "DeadLetterConfig": {"Arn": "EventsDeadLetterQueue.Arn"},
            }
        ],
    }


def test_usage_that_anybody_put_onto_the_bus_is_queued_whoever_says_it() -> None:
    """Who may put it there is for the bus's own rights to say."""
    assert stated("AWS::Events::Rule")["UsageRule"] == {
        "EventBusName": "EventBus",
        "EventPattern": {"detail-type": ["UsageRecorded"]},
        "Targets": [
            {"Id": "usage", "Arn": "UsageQueue.Arn", "DeadLetterConfig": {"Arn": "UsageDeadLetterQueue.Arn"}}
        ],
    }


def test_customers_are_written_to_where_there_is_an_address_to_write_from_and_else_nobody_is_woken() -> None:
    assert stated("AWS::Events::Rule")["MailRule"] == {
        "EventBusName": "EventBus",
        "State": {"Fn::If": ["HasEmailFrom", "ENABLED", "DISABLED"]},
        "EventPattern": {"source": ["scrip"], "detail-type": sorted(EVENTS)},
        "Targets": [
            {"Id": "mail", "Arn": "MailQueue.Arn", "DeadLetterConfig": {"Arn": "MailDeadLetterQueue.Arn"}}
        ],
    }


def test_letters_are_sent_from_the_one_address_and_no_other() -> None:
    (right,) = [
        one
        for policy in functions()["MailFunction"]["Policies"]
        for one in policy["Statement"]
        if one["Action"] == ["ses:SendEmail"]
    ]
    assert said(right["Condition"]) == {"StringEqualsIfExists": {"ses:FromAddress": "EmailFrom"}}


def test_nobody_but_the_sender_decrypts_with_the_key_of_secrets_whatever_else_allows_it() -> None:
    key = stated("AWS::KMS::Key")["EndpointsKmsKey"]
    assert key["EnableKeyRotation"] is True
    allowed, denied = key["KeyPolicy"]["Statement"]
    root = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
    assert (allowed["Effect"], allowed["Principal"], allowed["Action"]) == ("Allow", {"AWS": root}, ["kms:*"])
    assert (denied["Effect"], denied["Principal"]) == ("Deny", {"AWS": "*"})
    assert denied["Action"] == ["kms:Decrypt", "kms:ReEncryptFrom"]
    sender = [
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*SenderFunctionRole*",
        "arn:${AWS::Partition}:sts::${AWS::AccountId}:assumed-role/*SenderFunctionRole*",
    ]
    assert denied["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": sender}}


def test_nobody_but_the_function_of_statements_signs_with_their_key_whatever_else_allows_it() -> None:
    key = stated("AWS::KMS::Key")["StatementsKmsKey"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    allowed, denied = key["KeyPolicy"]["Statement"]
    root = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
    assert (allowed["Effect"], allowed["Principal"], allowed["Action"]) == ("Allow", {"AWS": root}, ["kms:*"])
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", {"AWS": "*"}, ["kms:Sign"])
    signer = [
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*StatementsFunctionRole*",
        "arn:${AWS::Partition}:sts::${AWS::AccountId}:assumed-role/*StatementsFunctionRole*",
    ]
    assert denied["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": signer}}


def test_a_queue_takes_what_fell_from_each_rule_that_names_it_and_from_nobody_else() -> None:
    senders: dict[str, list[str]] = {}
    for name, (_, _, queue) in RULES.items():
        senders.setdefault(queue, []).append(f"{name}.Arn")
    for name in ("Events", "Mail", "Usage"):
        for queue in (f"{name}Queue", f"{name}DeadLetterQueue"):
            senders[queue] = [f"{name}Rule.Arn"]
    policies = stated("AWS::SQS::QueuePolicy")
    assert set(policies) == {f"{queue}Policy" for queue in senders}
    for queue, rules in senders.items():
        policy = policies[f"{queue}Policy"]
        assert policy["Queues"] == [queue]
        assert policy["PolicyDocument"]["Version"] == "2012-10-17"
        (statement,) = policy["PolicyDocument"]["Statement"]
        sources = statement.pop("Condition")
        assert set(sources) == {"ArnEquals"}
        found = sources["ArnEquals"]["aws:SourceArn"]
        assert sorted([found] if isinstance(found, str) else found) == sorted(rules)
        assert statement == {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": f"{queue}.Arn",
        }


@pytest.mark.parametrize("name", sorted(INVOKED))
def test_an_invocation_that_fails_is_tried_so_often_and_then_falls_into_a_queue(name: str) -> None:
    tries, seconds = INVOKED[name]
    function = name.replace("InvokeConfig", "Function")
    (queue,) = {fallen for _, called, fallen in RULES.values() if called == function}
    assert stated("AWS::Lambda::EventInvokeConfig")[name] == {
        "FunctionName": function,
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": tries,
        "MaximumEventAgeInSeconds": seconds,
        "DestinationConfig": {"OnFailure": {"Destination": f"{queue}.Arn"}},
    }


def test_every_function_that_a_rule_wakes_says_what_becomes_of_a_failure() -> None:
    assert set(stated("AWS::Lambda::EventInvokeConfig")) == set(INVOKED)
    assert len(INVOKED) == len(RULES)


def test_the_api_takes_so_much_and_the_routes_that_anybody_may_call_take_a_tenth_of_it() -> None:
    api = stated("AWS::ApiGatewayV2::Api")["Api"]
    assert set(api.pop("CorsConfiguration")) == {"Fn::If"}, "see test_parameters"
    assert api == {"Name": "AWS::StackName", "ProtocolType": "HTTP"}
    stage = stated("AWS::ApiGatewayV2::Stage")["ApiStage"]
    open_ = {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}
    assert stage.pop("AccessLogSettings")["DestinationArn"] == "ApiLogs.Arn"
    assert stage == {
        "ApiId": "Api",
        "StageName": "$default",
        "AutoDeploy": True,
        "DefaultRouteSettings": {
            "ThrottlingRateLimit": "ApiRateLimit",
            "ThrottlingBurstLimit": "ApiBurstLimit",
        },
        "RouteSettings": dict.fromkeys(
            (
                "POST /v1/webhooks/{provider}",
                "GET /v1/openapi.json",
                "GET /v1/version",
                "GET /v1/health",
                "GET /v1/statement-keys",
                "GET /v1/letters/{token}",
                "POST /v1/letters/{token}",
                "$default",
            ),
            open_,
        ),
    }


def test_the_authorizer_is_called_by_the_gateway_alone_with_what_names_the_key() -> None:
    assert stated("AWS::ApiGatewayV2::Authorizer")["KeyAuthorizer"] == {
        "ApiId": "Api",
        "Name": "key",
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": (
            "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
            "${AuthorizerFunction.Arn}/invocations"
        ),
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "IdentitySource": ["$request.header.Authorization"],
        "AuthorizerResultTtlInSeconds": 30,
    }


def test_a_route_leads_to_one_function_which_the_gateway_may_call_for_it_alone() -> None:
    integrations, permissions = stated("AWS::ApiGatewayV2::Integration"), stated("AWS::Lambda::Permission")
    woken = {name for name, one in permissions.items() if one["SourceArn"].endswith("Rule.Arn")}
    assert len(woken) == len(RULES)
    assert set(permissions) - woken - {"AuthorizerPermission"} == {
        name.replace("Integration", "Permission") for name in integrations
    }
    gateway = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}"
    sources = {"PublicPermission": "/*/*", "AuthorizerPermission": "/authorizers/${KeyAuthorizer}"}
    for name, permission in permissions.items():
        if name not in woken:
            assert permission == {
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
                "FunctionName": name.replace("Permission", "Function"),
                "SourceArn": gateway + sources.get(name, "/*/*/v1/*"),
            }
    for name, integration in integrations.items():
        assert integration == {
            "ApiId": "Api",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": f"{name.replace('Integration', 'Function')}.Arn",
            "PayloadFormatVersion": "2.0",
        }
    for name, route in stated("AWS::ApiGatewayV2::Route").items():
        keyed = {"AuthorizationType": "CUSTOM", "AuthorizerId": "KeyAuthorizer"}
        free = {"AuthorizationType": "NONE"}
        assert route == {
            "ApiId": "Api",
            "RouteKey": route["RouteKey"],
            "Target": route["Target"],
            **(free if name in FREE else keyed),
        }
        assert re.fullmatch(r"integrations/\$\{\w+Integration\}", route["Target"])


def test_what_outlives_its_stack_is_what_cannot_be_had_again() -> None:
    kept = {
        name: (node["DeletionPolicy"], node["UpdateReplacePolicy"])
        for name, node in template()["Resources"].items()
        if "DeletionPolicy" in node or "UpdateReplacePolicy" in node
    }
    assert kept == OUTLIVING


def test_secrets_are_made_empty_and_the_one_that_must_never_change_is_made_at_random() -> None:
    assert stated("AWS::SecretsManager::Secret") == SECRETS


def test_tables_have_these_attributes_and_nothing_beside_what_is_tested_elsewhere() -> None:
    tables = stated("AWS::DynamoDB::Table")
    defined = {
        name: [f"{one['AttributeName']} {one['AttributeType']}" for one in table["AttributeDefinitions"]]
        for name, table in tables.items()
    }
    keys = ["pk S", "sk S"]
    assert defined == {
        "WalletsTable": [*keys, "shard S", "sweep_at N"],
        "LedgerTable": [*keys, "tl S"],
        "DeliveriesTable": [*keys, "unapplied S", "received_at N"],
        "KeysTable": keys,
        "NotificationsTable": [*keys, "waits S", "next_attempt_at N"],
    }
    encrypted = {name: table["SSESpecification"] for name, table in tables.items()}
    aws = {"SSEEnabled": True}
    assert encrypted == {
        "WalletsTable": aws,
        "LedgerTable": aws,
        "DeliveriesTable": {**aws, "SSEType": "KMS"},
        "KeysTable": aws,
        "NotificationsTable": {**aws, "SSEType": "KMS"},
    }
    policy = tables["LedgerTable"]["ResourcePolicy"]["PolicyDocument"]
    assert policy["Version"] == "2012-10-17"
    assert [(one["Sid"], one["Resource"]) for one in policy["Statement"]] == [
        ("NeverChangedNorDeleted", "*"),
        ("PutOnlyInATransaction", "*"),
    ]


def test_layers_are_built_for_the_processor_and_python_that_functions_run_on() -> None:
    layers = resources("AWS::Serverless::LayerVersion")
    assert set(layers) == {"ScripLayer", "ProvidersLayer", "TokensLayer", "MailLayer", "ReportsLayer"}
    for name in layers:
        assert template()["Resources"][name]["Metadata"] == {
            "BuildMethod": "makefile",
            "BuildArchitecture": "arm64",
        }
        assert said(layers[name]) == {
            "ContentUri": "layers/",
            "CompatibleRuntimes": ["python3.13"],
            "CompatibleArchitectures": ["arm64"],
            # A function holds the version it runs on; old ones would only be paid for.
            "RetentionPolicy": "Delete",
        }


def test_each_function_and_the_gateway_write_logs_under_the_stacks_own_name() -> None:
    groups = stated("AWS::Logs::LogGroup")
    assert groups == {
        f"{name}Logs": {
            "LogGroupName": f"/scrip/${{AWS::StackName}}/{folder_of(name)}",
            "RetentionInDays": "LogRetentionDays",
        }
        for name in ["Api", *(function.removesuffix("Function") for function in functions())]
    }


def test_an_address_that_is_given_is_written_to_and_the_topic_is_alarms_own() -> None:
    assert stated("AWS::SNS::Topic") == {"AlarmTopic": {}}
    subscription = template()["Resources"]["AlarmSubscription"]
    assert subscription["Condition"] == "HasAlarmEmail"
    assert said(subscription["Properties"]) == {
        "TopicArn": "AlarmTopic",
        "Protocol": "email",
        "Endpoint": "AlarmEmail",
    }
    policy = stated("AWS::SNS::TopicPolicy")["AlarmTopicPolicy"]["PolicyDocument"]
    assert policy["Version"] == "2012-10-17"
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"aws:SourceAccount": "AWS::AccountId"}}


def test_outputs_are_these() -> None:
    assert {name: said(output["Value"]) for name, output in template()["Outputs"].items()} == OUTPUTS


def test_the_template_is_read_by_the_transform_that_knows_its_types() -> None:
    assert template()["AWSTemplateFormatVersion"] == "2010-09-09"
    assert template()["Transform"] == "AWS::Serverless-2016-10-31"
    assert (ROOT / "layers" / "Makefile").is_file()


def test_the_stack_has_no_more_resources_than_cloudformation_takes() -> None:
    """500, with the role that SAM makes for each function."""
    assert len(template()["Resources"]) + len(functions()) <= 500


def test_the_archive_is_encrypted_versioned_and_open_to_nobody() -> None:
    """Entries are asked for less after a quarter, exports are gone after a week, and what was deleted after a month."""
    (bucket,) = stated("AWS::S3::Bucket").values()
    lifecycle = {rule.pop("Id"): rule for rule in bucket.pop("LifecycleConfiguration")["Rules"]}
    retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": "ArchiveLockDays"}}
    locked = {"ObjectLockEnabled": "Enabled", "Rule": retention}
    encrypted = {"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    assert bucket == {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encrypted]},
        "PublicAccessBlockConfiguration": dict.fromkeys(
            ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"], True
        ),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "VersioningConfiguration": {"Status": "Enabled"},
        "ObjectLockEnabled": {"Fn::If": ["IsArchiveLocked", True, "AWS::NoValue"]},
        "ObjectLockConfiguration": {"Fn::If": ["IsArchiveLocked", locked, "AWS::NoValue"]},
    }
    assert {rule.pop("Status") for rule in lifecycle.values()} == {"Enabled"}
    assert lifecycle == {
        "what-was-deleted": {
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "ExpiredObjectDeleteMarker": True,
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        "old-entries": {
            "Prefix": "entries/",
            "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 90}],
        },
        "exports": {"Prefix": "exports/", "ExpirationInDays": 7},
    }
