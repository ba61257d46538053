"""Each function's own role, tried on everything that is deployed: it may do what the table of rights gives it
(tests/template/test_rights.py), and nothing besides (law 4: least of all change an entry).

The role itself is assumed, and the local AWS holds it to its policies. That each function can do its work with it, the
other tests here show, on the same stack. Nothing is harmed by what is allowed: such an attempt is one that AWS refuses
for another reason, or that changes nothing.

The local AWS knows no resource policy of a table (the one that asks for ``dynamodb:EnclosingOperation``), does not look
at ``dynamodb:LeadingKeys``, calls PartiQL ``ExecuteStatement``, where AWS has ``PartiQLUpdate`` and others, and gives
nobody a right to a stream by the stream's name: those are read as text in tests/template/test_rights.py. What the
managed policies for logs and traces give, every function has: it may write logs and traces, and read neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from local.stack import REGION, stack_name
from tests.stack.conftest import App
from tests.template.reading import functions, resources
from tests.template.test_rights import RIGHTS

DENIED: Final = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
NOBODY: Final = {"pk": {"S": "nobody"}, "sk": {"S": "nothing"}}
THERE: Final = "attribute_exists(pk)"
"""A condition that ``NOBODY`` does not meet."""

Attempts = dict[str, tuple[str, Mapping[str, Any]]]
"""Action → the client's method, and its parameters."""


def _table(name: str) -> Attempts:
    place = {"TableName": name, "Key": NOBODY, "ConditionExpression": THERE}
    deleting = {name: [{"DeleteRequest": {"Key": NOBODY}}]}
    partiql = f"UPDATE \"{name}\" SET a = 1 WHERE pk = 'nobody' AND sk = 'nothing'"  # noqa: S608 - not SQL, and refused
    dynamodb: Attempts = {
        "GetItem": ("get_item", {"TableName": name, "Key": NOBODY}),
        "BatchGetItem": ("batch_get_item", {"RequestItems": {name: {"Keys": [NOBODY]}}}),
        "Query": ("query", _of_nobody(name)),
        "Scan": ("scan", {"TableName": name, "Limit": 1}),
        "PutItem": ("put_item", {"TableName": name, "Item": NOBODY, "ConditionExpression": THERE}),
        "UpdateItem": ("update_item", place | {"UpdateExpression": "REMOVE a"}),
        "DeleteItem": ("delete_item", place),
        "ConditionCheckItem": ("transact_write_items", {"TransactItems": [{"ConditionCheck": place}]}),
        "BatchWriteItem": ("batch_write_item", {"RequestItems": deleting}),
        "ExecuteStatement": ("execute_statement", {"Statement": partiql}),
        "UpdateTable": ("update_table", {"TableName": name}),
        "UpdateTimeToLive": (
            "update_time_to_live",
            {"TableName": name, "TimeToLiveSpecification": {"Enabled": False, "AttributeName": "nothing"}},
        ),
        "PutResourcePolicy": ("put_resource_policy", {"ResourceArn": _arn(name), "Policy": "{}"}),
        "DeleteResourcePolicy": ("delete_resource_policy", {"ResourceArn": _arn(name)}),
    }
    in_transaction: Attempts = {
        f"{verb}Item": ("transact_write_items", {"TransactItems": [{verb: what}]})
        for verb, what in {
            "Put": {"TableName": name, "Item": NOBODY, "ConditionExpression": THERE},
            "Update": place | {"UpdateExpression": "REMOVE a"},
            "Delete": place,
        }.items()
    }
    return _of("dynamodb", dynamodb) | {
        f"{action} in a transaction": attempt for action, attempt in _of("dynamodb", in_transaction).items()
    }


def _index(table: str, index: str) -> Attempts:
    own = {**_of_nobody(table), "IndexName": index}
    own["ExpressionAttributeNames"] = {"#pk": "shard" if index == "due" else "pk"}
    return _of(
        "dynamodb",
        {
            "Query": ("query", own),
            "Scan": ("scan", {"TableName": table, "IndexName": index, "Limit": 1}),
        },
    )


def _of_nobody(table: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "KeyConditionExpression": "#pk = :nobody",
        "ExpressionAttributeNames": {"#pk": "pk"},
        "ExpressionAttributeValues": {":nobody": {"S": "nobody"}},
    }


def _arn(table: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:000000000000:table/{table}"


def _secret(arn: str) -> Attempts:
    return _of(
        "secretsmanager",
        {
            "GetSecretValue": ("get_secret_value", {"SecretId": arn}),
            "PutSecretValue": (
                "put_secret_value",
                {"SecretId": arn, "SecretString": "-", "VersionStages": ["tried"]},
            ),
        },
    )


def _queue(url: str) -> Attempts:
    taken = {"QueueUrl": url, "ReceiptHandle": "none"}
    return _of(
        "sqs",
        {
            "SendMessage": ("send_message", {"QueueUrl": url, "MessageBody": ""}),
            "ReceiveMessage": ("receive_message", {"QueueUrl": url, "MaxNumberOfMessages": 11}),
            "DeleteMessage": ("delete_message", taken),
            "ChangeMessageVisibility": ("change_message_visibility", taken | {"VisibilityTimeout": 0}),
            "GetQueueAttributes": ("get_queue_attributes", {"QueueUrl": url, "AttributeNames": ["QueueArn"]}),
            "SetQueueAttributes": ("set_queue_attributes", {"QueueUrl": url, "Attributes": {}}),
            "PurgeQueue": ("purge_queue", {"QueueUrl": url}),
        },
    )


def _topic(arn: str) -> Attempts:
    return _of(
        "sns",
        {
            "Publish": ("publish", {"TopicArn": arn, "Message": "-"}),
            "Subscribe": ("subscribe", {"TopicArn": arn, "Protocol": "email", "Endpoint": "a@b.test"}),
        },
    )


def _function(name: str) -> Attempts:
    return _of(
        "lambda",
        {
            "InvokeFunction": ("invoke", {"FunctionName": name, "InvocationType": "DryRun"}),
            "UpdateFunctionCode": (
                "update_function_code",
                {"FunctionName": name, "ZipFile": b"-", "DryRun": True},
            ),
        },
    )


def _role(name: str) -> Attempts:
    more = {"RoleName": name, "PolicyName": "tried", "PolicyDocument": "-"}
    return _of("iam", {"PutRolePolicy": ("put_role_policy", more)})


def _rule(name: str) -> Attempts:
    return _of("events", {"EnableRule": ("enable_rule", {"Name": name.rpartition("/")[2]})})


def _log(name: str) -> Attempts:
    return _of("logs", {"FilterLogEvents": ("filter_log_events", {"logGroupName": name, "limit": 1})})


def _of(service: str, attempts: Attempts) -> Attempts:
    return {
        f"{service}:{action}": (f"{service} {method}", more) for action, (method, more) in attempts.items()
    }


KINDS: Final[Mapping[str, Callable[[str], Attempts]]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Topic": _topic,
    "AWS::Serverless::Function": _function,
    "AWS::Events::Rule": _rule,
    "AWS::Logs::LogGroup": _log,
}
"""What a function could do something to."""

INDEXES: Final = [
    f"{table}/index/{index['IndexName']}"
    for table, properties in resources("AWS::DynamoDB::Table").items()
    for index in properties.get("GlobalSecondaryIndexes", [])
]
ROLES: Final = [f"{function}Role" for function in functions()]
THINGS: Final = [*(name for kind in KINDS for name in resources(kind)), *INDEXES, *ROLES]
ROWS: Final = [(function, thing) for function in functions() for thing in THINGS]


@pytest.fixture(scope="module")
def attempts(stack: App) -> Mapping[str, Attempts]:
    """Thing → all that is tried on it, by the names it has on this stack."""
    answer = stack.stack.client("cloudformation").describe_stack_resources(StackName=stack_name())
    names = {row["LogicalResourceId"]: row["PhysicalResourceId"] for row in answer["StackResources"]}
    made = {name: attempt(names[name]) for kind, attempt in KINDS.items() for name in resources(kind)}
    made |= {role: _role(names[role]) for role in ROLES}
    for index in INDEXES:
        table, _, name = index.partition("/index/")
        made[index] = _index(names[table], name)
    return made


class Actor:
    """Clients of the local AWS that act as one role after another."""

    def __init__(self, stack: App) -> None:
        self._stack = stack
        session = Session()
        session.set_credentials("-", "-", "-")
        credentials = session.get_credentials()
        assert credentials
        self._credentials = credentials
        settings = Config(proxies={}, retries={"total_max_attempts": 1}, parameter_validation=False)

        @cache
        def client(service: str) -> Any:
            return session.create_client(
                service, region_name=REGION, endpoint_url=stack.stack.endpoint_url, config=settings
            )

        self._client = client
        self._function = self._name = ""

    def _assume(self, function: str) -> Mapping[str, str]:
        answer = self._stack.stack.client("cloudformation").describe_stack_resource(
            StackName=stack_name(), LogicalResourceId=f"{function}Role"
        )
        role = answer["StackResourceDetail"]["PhysicalResourceId"]
        taken: Mapping[str, str] = self._stack.stack.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::000000000000:role/{role}", RoleSessionName="tests"
        )["Credentials"]
        return taken

    def become(self, function: str) -> str:
        """Who the caller is from now on, as AWS says it."""
        if function != self._function:
            taken = self._assume(function)
            self._credentials.access_key = taken["AccessKeyId"]
            self._credentials.secret_key = taken["SecretAccessKey"]
            self._credentials.token = taken["SessionToken"]
            self._function, self._name = function, self._client("sts").get_caller_identity()["Arn"]
        return self._name

    def tries(self, method: str, parameters: Mapping[str, Any]) -> str:
        """What AWS says to the present role; empty where it does as it is told."""
        service, _, name = method.partition(" ")
        try:
            getattr(self._client(service), name)(**parameters)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""


@pytest.fixture(scope="module")
def actor(stack: App) -> Actor:
    return Actor(stack)


@pytest.mark.parametrize(("function", "thing"), ROWS, ids=[f"{name}-{thing}" for name, thing in ROWS])
def test_a_function_may_do_what_the_table_of_rights_says_and_nothing_else(
    actor: Actor, attempts: Mapping[str, Attempts], function: str, thing: str
) -> None:
    assert f"{function}Role" in actor.become(function)
    given = {
        right if ":" in right else f"dynamodb:{right}" for right in RIGHTS[function].get(thing, "").split()
    }
    said = {action: actor.tries(*attempt) for action, attempt in attempts[thing].items()}
    allowed = {action for action, code in said.items() if code not in DENIED}
    assert allowed == {action for action in said if action.removesuffix(" in a transaction") in given}, said
