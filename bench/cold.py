"""Cold starts: fresh processes that see the standard library, one function and its layers, and nothing else.

What is timed is processor time, from the interpreter's first line to a function that is ready: imported, its client and
operations made. Beside it ``boto3.client("dynamodb")`` of a boto3 as pip installs it; and the usual way's imports.
Neither sees a network. Byte code is there for all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from bench.stage import median
from local.stack import ROOT

BARE: Final = 'import boto3\nboto3.client("dynamodb")'
READY: Final = "import app\nfrom scrip import runtime\nruntime.executor()"
SIGNED_BY_HAND: Final = """
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import EnvProvider
signer = SigV4Auth(EnvProvider().load(), "dynamodb", "us-east-1")
pool = urllib3.PoolManager()
"""
USUAL: Final = """
import boto3, pydantic
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
logger, metrics, app = Logger(), Metrics(), APIGatewayHttpResolver(enable_validation=True)
client = boto3.client("dynamodb")
"""
FIRST: Final = """
import io, json
from botocore.awsrequest import AWSResponse
class Raw(io.BytesIO):
    def stream(self, **_):
        yield self.read()
def answered(request, **_):
    empty = {"Responses": {"wallets": []}} if b"BatchGet" in request.headers["X-Amz-Target"] else {}
    return AWSResponse(request.url, 200, {}, Raw(json.dumps(empty).encode()))
import app
from scrip import runtime
runtime.client("dynamodb").meta.events.register("before-send.dynamodb", answered)
event = json.loads(open(sys.argv[1]).read())
event["body"] = json.dumps({"amount": "1", "mode": "up_to"})
reply = app.handler(event, None)
assert reply["statusCode"] == 201, reply
"""
"""And the first burn, of an empty wallet, against canned answers."""
ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_EC2_METADATA_DISABLED": "true",
    "BOTO_DISABLE_CRT": "true",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "SCRIP_WALLETS_TABLE": "wallets",
    "SCRIP_LEDGER_TABLE": "ledger",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "POWERTOOLS_METRICS_NAMESPACE": "Scrip",
    "POWERTOOLS_TRACE_DISABLED": "true",
}
SITE: Final = Path(sysconfig.get_path("purelib"))
"""boto3 as pip installs it: of the same version as the layer's, with every service's description."""
ROUNDS: Final = 5
ROUNDS_OTHERS: Final = 2


def milliseconds(code: str, paths: Sequence[Path], argument: str = "") -> float:
    """Processor time of a fresh interpreter for ``code``, with the standard library and ``paths`` to import from."""
    return said(f"{code}\nimport time\nprint(time.process_time() * 1000, file=sys.stderr)", paths, argument)


def said(code: str, paths: Sequence[Path], *arguments: str) -> float:
    """Runs ``code`` in a fresh interpreter, as ``milliseconds`` does, and returns the number that it says last on its
    standard error."""
    found = [str(path) for path in paths]
    told = f"import sys\nsys.path[:0] = {found!r}\n{code}"
    command = [sys.executable, "-I", "-S", "-c", told, *arguments]
    environment = {**ENVIRONMENT, "PATH": os.environ.get("PATH", "")}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stderr.split()[-1])


def compared(
    contestants: Mapping[str, tuple[str, Sequence[Path], str]], rounds: int
) -> dict[str, dict[str, float]]:
    """Of each, the median milliseconds; the median ratio to the bare client of the same round; and the ratio of the
    fastest of each, since what else a machine does only ever adds."""
    everyone = {"boto3.client": (BARE, [SITE], ""), **contestants}
    times: dict[str, list[float]] = {name: [] for name in everyone}
    milliseconds(BARE, [SITE])  # writes byte code, if it is not there
    # Two at a time, where there are processors for it: what is timed is each one's own.
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for _ in range(rounds):
            taken = pool.map(lambda one: milliseconds(*one), everyone.values())
            for name, ms in zip(everyone, taken, strict=True):
                times[name].append(ms)
    bare = times["boto3.client"]
    return {
        name: {
            "ms": round(median(of), 1),
            "to_bare": round(median([one / base for one, base in zip(of, bare, strict=True)]), 3),
            "fastest_to_bare": round(min(of) / min(bare), 3),
        }
        for name, of in times.items()
    }


def run(layer: Path, providers: Path, *, rounds: int = ROUNDS, others: int = ROUNDS_OTHERS) -> dict[str, Any]:
    """``layer`` and ``providers``: the layers' directories as ``sam build`` makes them."""
    functions = ROOT / "functions"
    burns = [functions / "burns", layer]
    event = str(ROOT / "events" / "http" / "post_burn.json")
    first = compared(
        {
            "burns": (READY, burns, ""),
            "burns, with its first burn": (FIRST, burns, event),
            "the layer's own boto3.client": (BARE, [layer], ""),
            "a signer and a pool, no client": (SIGNED_BY_HAND, [layer], ""),
            "the usual way": (USUAL, [SITE], ""),
        },
        rounds,
    )
    names = sorted(path.parent.name for path in functions.glob("*/app.py") if path.parent.name != "burns")
    rest = compared(
        {
            name: (READY, [functions / name, layer, *([providers] if name == "topups" else [])], "")
            for name in names
        },
        others,
    )
    del rest["boto3.client"]
    return {"rows": [{"function": name, **row} for name, row in {**first, **rest}.items()]}
