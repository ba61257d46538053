"""What a cold start takes, in fresh processes that see the built layer and nothing else; and that what was taken out of
the layer is not missed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cold
from local.stack import ROOT
from tests.template.test_layers import build

ENDPOINTS = """
import sys
sys.path.insert(0, sys.argv[1])
from botocore.config import Config
from botocore.session import get_session
for service in ("dynamodb", "dynamodbstreams", "events", "secretsmanager", "sqs", "sts"):
    for region in ("us-east-1", "eu-west-1", "ap-southeast-4", "cn-north-1", "us-gov-west-1"):
        for dual in (False, True):
            client = get_session().create_client(service, region, config=Config(use_dualstack_endpoint=dual))
            print(service, region, client.meta.endpoint_url, client.meta.service_model.operation_names)
"""

COLLECTS = """
import gc, json, sys
sys.path[:0] = sys.argv[1:3]
import app
assert not gc.isenabled(), "looks for garbage while importing"
event = json.loads(open(sys.argv[3]).read())
event["requestContext"]["authorizer"]["lambda"]["scopes"] = "read"
reply = app.handler(event, None)
assert reply["statusCode"] == 403, reply
assert gc.isenabled(), "does not look for garbage any more"
assert gc.get_freeze_count() > 10_000
"""


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("scrip", tmp_path_factory.mktemp("layer") / "python", "local")


def said(code: str, *arguments: str) -> str:
    command = [sys.executable, "-I", "-S", "-c", code, *arguments]
    done = subprocess.run(
        command, env=cold.ENVIRONMENT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_burn_function_is_ready_in_nine_tenths_of_the_time_of_a_bare_boto3_client(layer: Path) -> None:
    """Processor time, the fastest of five rounds: a busy machine only ever adds. Measured 0.79 to 0.82."""
    function = [ROOT / "functions" / "burns", layer]
    found = cold.compared({"burns": (cold.READY, function, "")}, rounds=5)
    assert found["burns"]["fastest_to_bare"] <= 0.9, found


def test_a_burn_needs_neither_boto3_nor_powertools_nor_package_metadata(layer: Path) -> None:
    """They are most of what was cut: a line that imports one of them again is found here, not on a noisy clock."""
    check = "\nimport json\nprint(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    code = f"import sys\nsys.path[:0] = [{str(ROOT / 'functions' / 'burns')!r}, {str(layer)!r}]\n{cold.READY}{check}"
    loaded = set(json.loads(said(code)))
    assert not loaded & {"boto3", "s3transfer", "aws_lambda_powertools", "dodopayments", "httpx", "yaml"}
    assert {"botocore", "pydantic", "scrip"} <= loaded


def test_trimmed_descriptions_find_the_same_endpoints_and_operations_as_all_of_them(layer: Path) -> None:
    """Every service that is called, in all public partitions, dual-stack or not."""
    whole = said(ENDPOINTS, str(cold.SITE))
    assert said(ENDPOINTS, str(layer)) == whole
    assert "https://dynamodb.cn-north-1.amazonaws.com.cn" in whole
    assert (layer / "botocore" / "data" / "endpoints.json").stat().st_size < 100_000


def test_garbage_is_looked_for_from_the_first_answer_on_even_one_that_asks_nothing_of_aws(
    layer: Path,
) -> None:
    event = ROOT / "events" / "http" / "post_burn.json"
    said(COLLECTS, str(ROOT / "functions" / "burns"), str(layer), str(event))
