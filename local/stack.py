"""The whole of Scrip on this machine: the real template, deployed by the real ``sam`` onto a local AWS.

``Stack.start`` runs a local AWS of its own (ministack, one process, on 127.0.0.1), builds and deploys
``template.yaml`` there as ``samconfig.toml`` says, gives it secrets, a stand-in for the payment provider and an
admin key. Everything it makes lies in the directory it is given and every port is its own, so any number of
them run side by side. State is in memory and gone after ``stop``.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from samcli.yamlhelper import yaml_parse

from command_line.stacks import StackInfo
from local.standins import dodo, paddle, stripe
from local.standins.serving import Standin

ROOT: Final = Path(__file__).resolve().parent.parent
REGION: Final = "us-east-1"

PROVIDERS: Final = ("dodo", "stripe", "standard", "paddle")
"""Whose webhooks are taken. Those of ``standard`` are signed by whoever tries it."""

STANDINS: Final[Mapping[str, Callable[[int, str, str, str], Standin]]] = {
    "dodo": dodo.start,
    "stripe": stripe.start,
}
"""What starts the stand-in of a provider whose API is called: port, where webhooks go, their secret, the API key."""

OF_APPS: Final[Mapping[str, Callable[[int, str, str, str], Standin]]] = {"paddle": paddle.start}
"""The same for a provider whose API only the app calls that sells."""

READY_SECONDS: Final = 30
"""A local AWS is ready in 1 s; on a machine with much else to do it may take longer, but not this long."""

STOP_SECONDS: Final = 10
"""How long a process may take to stop before it is killed."""

NOT_INHERITED: Final = ("AWS_", "SAM_", "SCRIP_", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
"""What of the caller's environment must not reach the children: real credentials or another deployment's tables
above all. ``PYTHONPATH`` would show functions what their layer lacks."""


class StackError(Exception):
    """The local stack did not come up; the message says what to look at."""


def _quiet(_step: str) -> None:
    """Says nothing of a step."""


@dataclass(slots=True)
class Stack:
    """A running deployment. Use ``with Stack.start(...)``, or call ``stop``."""

    endpoint_url: str
    """The local AWS."""
    workdir: Path
    webhook_secrets: dict[str, str]
    """What each provider's webhooks are signed with."""
    api_keys: dict[str, str]
    """Of each provider whose API is called."""
    environment: dict[str, str]
    """What a child process needs to reach this stack and no other: AWS variables and the names of its
    tables and queues."""
    outputs: dict[str, str] = field(default_factory=dict)
    """The stack's outputs."""
    settings: dict[str, str] = field(default_factory=dict)
    """What the operator's command ``scrip`` needs of them, by variable."""
    tell: Callable[[str], None] = _quiet
    """Told each step as it begins."""
    admin_key: str = ""
    standins: dict[str, Standin] = field(default_factory=dict)
    """The stand-ins that run, by provider."""
    _aws: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        workdir: Path,
        *,
        port: int = 0,
        auth: bool = False,
        base_urls: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        tell: Callable[[str], None] = _quiet,
    ) -> Self:
        """Everything, from nothing. Raises ``StackError``; nothing is left running then.

        ``tell`` is called with what is done next.

        ``auth`` makes the local AWS enforce IAM, each function with its own role. ``base_urls`` name, by
        provider, another API than the stand-in's. ``parameters`` are the template's, over those of samconfig.toml.
        """
        workdir.mkdir(parents=True, exist_ok=True)
        port = port or free_port()
        stack = cls(
            endpoint_url=f"http://127.0.0.1:{port}",
            workdir=workdir,
            webhook_secrets={name: webhook_secret() for name in PROVIDERS},
            api_keys={name: f"{name}_test_" + secrets.token_urlsafe(24) for name in STANDINS},
            environment=_environment(port, workdir),
            tell=tell,
        )
        try:
            tell("starting a local AWS, in memory")
            stack._start_aws(port, auth)
            tell("building the functions and their layers (sam build)")
            stack._build()
            stack._wait_until_ready()
            tell("starting stand-ins for the payment providers")
            urls = dict(base_urls or {})
            for name in STANDINS.keys() - urls.keys():
                standin = STANDINS[name](0, "", stack.webhook_secrets[name], stack.api_keys[name])
                stack.standins[name], urls[name] = standin, standin.url
            for name, start in OF_APPS.items():
                stack.standins[name] = start(0, "", stack.webhook_secrets[name], f"{name}_app")
            told = {f"{name.capitalize()}BaseUrl": url for name, url in urls.items()}
            tell("deploying template.yaml (sam deploy)")
            stack._deploy({**told, **(parameters or {})})
            if auth:
                stack._allow_streams()
                stack._allow_batches()
                stack._allow_plain_http()
            for standin in stack.standins.values():
                standin.scrip_url = stack.url
            tell("putting secrets in, and making an admin key")
            stack._put_secrets()
            stack.admin_key = stack.bootstrap()
        except BaseException:
            stack.stop()
            raise
        return stack

    @classmethod
    def bare(cls, workdir: Path) -> Self:
        """A local AWS with nothing in it. Raises ``StackError``."""
        workdir.mkdir(parents=True, exist_ok=True)
        port = free_port()
        stack = cls(f"http://127.0.0.1:{port}", workdir, {}, {}, _environment(port, workdir))
        try:
            stack._start_aws(port, auth=False)
            stack._wait_until_ready()
        except BaseException:
            stack.stop()
            raise
        return stack

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the API is. Its stage is ``$default``, which may be left out, and is: shells would expand it."""
        return f"{self.endpoint_url}/_aws/execute-api/{self.outputs['ApiId']}"

    def client(self, service: str) -> Any:
        """A boto3 client of the local AWS, whatever this process's own environment says."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(proxies={}),
        )

    def bootstrap(self) -> str:
        """A new admin key, made as an operator makes the first one."""
        made: dict[str, str] = json.loads(self.scrip("key", "bootstrap"))
        return made["key"]

    def scrip(self, *arguments: str) -> str:
        """What the operator's command ``scrip`` prints."""
        return self._run([sys.executable, "-m", "command_line", *arguments], "scrip")

    def function_logs(self) -> str:
        """What the local AWS said so far, functions' errors included."""
        return (self.workdir / "aws.log").read_text(errors="replace")

    def wait(self) -> int:
        """Wait until the local AWS ends, which it does not do by itself: its return code, 1 for a clean end."""
        return (self._aws.wait() if self._aws is not None else 0) or 1

    def stop(self) -> None:
        """Stop what was started, by its own handle. May be called twice."""
        while self.standins:
            self.standins.popitem()[1].stop()
        if self._aws is not None:
            self._aws.send_signal(signal.SIGTERM)
            try:
                self._aws.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._aws.kill()
                self._aws.wait()
            self._aws = None

    def _start_aws(self, port: int, auth: bool) -> None:
        temporary = self.workdir / "tmp"
        temporary.mkdir(exist_ok=True)
        environment = self.environment | {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AUTH": "true" if auth else "false",
            "LOG_LEVEL": "WARNING",
            "STATE_DIR": str(self.workdir / "state"),
            "S3_DATA_DIR": str(self.workdir / "s3"),
            # Functions keep objects of the archive there, which another stack has under the same keys.
            "TMPDIR": str(temporary),
        }
        with (self.workdir / "aws.log").open("wb") as log:
            # A session of its own: Ctrl-C is for us, and we stop it when everything that uses it has stopped.
            self._aws = subprocess.Popen(
                # With nothing of this directory in the way of what it imports.
                [sys.executable, "-P", str(Path(__file__).with_name("aws.py"))],
                cwd=self.workdir,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            if self._aws is None or self._aws.poll() is not None:
                break
            url = f"{self.endpoint_url}/_ministack/ready"
            with contextlib.suppress(OSError), opener.open(url, timeout=1):
                return
            time.sleep(0.05)
        raise StackError(f"the local AWS did not start:\n{self.function_logs()[-4000:]}")

    def _build(self) -> None:
        template = str(ROOT / "template.yaml")
        self._sam("build", "--parallel", "--template-file", template, "--build-dir", str(self.build_dir))

    @property
    def build_dir(self) -> Path:
        """What ``sam build`` made: the functions and layers as they are deployed."""
        return self.workdir / "aws-sam" / "build"

    def _deploy(self, parameters: Mapping[str, str]) -> None:
        """As ``samconfig.toml`` says for dev, with these parameters over its own."""
        every = {**samconfig_parameters(), **parameters}
        overrides = [f"{name}={value}" for name, value in every.items()]
        template = str(self.build_dir / "template.yaml")
        self._sam("deploy", "--template-file", template, "--parameter-overrides", *overrides)
        answer = self.client("cloudformation").describe_stacks(StackName=stack_name())
        self.outputs = {row["OutputKey"]: row["OutputValue"] for row in answer["Stacks"][0]["Outputs"]}
        self._let_browsers_in(every.get("CorsOrigins", ""))
        self.settings = operator_settings(self.outputs, every)
        self.environment.update(self.settings)

    def _allow_streams(self) -> None:
        """Lets the reader of the ledger's stream call it: the local AWS, where it holds roles to their policies, does
        not know a stream by its name, and so takes no right to one that names it."""
        calls = ("DescribeStream", "GetShardIterator", "GetRecords")
        self._allow("OutboxFunctionRole", "streams", [f"dynamodb:{call}" for call in calls], "*")

    def _allow_batches(self) -> None:
        """Lets who queues usage events send several messages by one call: on AWS whoever may send one may do that, and
        the local AWS asks for a right of its own."""
        arn = self.outputs["UsageDeadLetterQueueArn"].rpartition(":")[0]
        queue = f"{arn}:{self.outputs['UsageQueueUrl'].rpartition('/')[2]}"
        self._allow("UsageFunctionRole", "batches", ["sqs:SendMessageBatch"], queue)

    def _allow_plain_http(self) -> None:
        """Lets functions reach the archive's bucket: its policy denies whoever comes without TLS, which the local AWS
        does not speak."""
        self.client("s3").delete_bucket_policy(Bucket=self.outputs["ArchiveBucketName"])

    def _allow(self, role: str, name: str, actions: list[str], resource: str) -> None:
        """Gives a role, by its logical id, a right more than the template says."""
        answer = self.client("cloudformation").describe_stack_resource(
            StackName=stack_name(), LogicalResourceId=role
        )
        allowed = {"Effect": "Allow", "Action": actions, "Resource": resource}
        self.client("iam").put_role_policy(
            RoleName=answer["StackResourceDetail"]["PhysicalResourceId"],
            PolicyName=name,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
        )

    def _let_browsers_in(self, origins: str) -> None:
        """Says again what the template says of browsers: CloudFormation of the local AWS keeps it under names that its
        gateway does not read."""
        if not origins:
            return
        document = yaml_parse((self.build_dir / "template.yaml").read_text())
        _, said, _ = document["Resources"]["Api"]["Properties"]["CorsConfiguration"]["Fn::If"]
        configuration = {**said, "AllowOrigins": origins.split(",")}
        client = self.client("apigatewayv2")
        client.update_api(ApiId=self.outputs["ApiId"], CorsConfiguration=configuration)

    def _put_secrets(self) -> None:
        client = self.client("secretsmanager")
        values: dict[str, Any] = {
            f"{name.capitalize()}WebhookSecretArn": {"webhook_secrets": [secret]}
            for name, secret in self.webhook_secrets.items()
        }
        for name, key in self.api_keys.items():
            values[f"{name.capitalize()}ApiKeySecretArn"] = {"api_key": key}
        for output, value in values.items():
            client.put_secret_value(SecretId=self.outputs[output], SecretString=json.dumps(value))

    def _sam(self, command: str, *arguments: str) -> None:
        config = ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", "default"]
        self._run([sys.executable, "-m", "samcli", command, *config, *arguments], f"sam {command}")

    def _run(self, command: list[str], name: str) -> str:
        """Run a child to its end. Raises ``StackError`` with everything it said if it fails."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"{name} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


def operator_settings(outputs: Mapping[str, str], parameters: Mapping[str, str]) -> dict[str, str]:
    """What every command of ``scrip`` needs to find this stack, by variable: as ``scrip --stack`` finds it."""
    return StackInfo(outputs, parameters, stack_name()).settings()


def webhook_secret() -> str:
    """A new secret that every provider's scheme can sign with."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def samconfig_parameters() -> dict[str, str]:
    """The template's parameters as samconfig.toml sets them for dev."""
    rows: list[str] = _samconfig()["deploy"]["parameters"]["parameter_overrides"]
    return dict(row.split("=", 1) for row in rows)


def stack_name() -> str:
    name: str = _samconfig()["global"]["parameters"]["stack_name"]
    return name


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _samconfig() -> dict[str, Any]:
    config: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]
    return config


def _environment(port: int, workdir: Path) -> dict[str, str]:
    """The children's environment: the caller's without what is not theirs, and only the local AWS in sight."""
    scratch = workdir / "tmp"
    scratch.mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return inherited | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.3",
        "__SAM_CLI_APP_DIR": str(workdir / "sam"),
        "SCRIP_LAYER_TARGET": "local",
        "SCRIP_LAYER_CACHE": str(ROOT / ".local" / "layers"),
        "SCRIP_PYTHON": sys.executable,
        # No proxy stands between this machine and itself.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "TMPDIR": str(scratch),
    }
