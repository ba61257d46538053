"""The layers: pinned alike everywhere, complete by themselves, and made for the processor they run on."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from local.stack import ROOT
from tests.template.reading import functions, resources, setting, target, template

LAYERS = {
    "ScripLayer": "scrip",
    "ProvidersLayer": "providers",
    "TokensLayer": "tokens",
    "MailLayer": "mail",
    "ReportsLayer": "reports",
}
PROVIDERS, TOKENS, MAIL, REPORTS = "dodopayments httpcore httpx stripe", "jwt", "babel", "duckdb"
"""What is only in the layer of the one, and of the others."""

IMPORT_EVERYTHING = """
import importlib, importlib.util, pkgutil, sys
codes, layers, names = (words.splitlines() for words in sys.argv[1:])
sys.path[:0] = layers
import scrip
for found in pkgutil.walk_packages(scrip.__path__, "scrip."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
for code in codes:
    spec = importlib.util.spec_from_file_location(code, code + "app.py")
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    assert callable(app.handler)
for name in names:
    importlib.import_module(name)
outside = [m.__file__ for m in list(sys.modules.values()) if "site-packages" in (getattr(m, "__file__", "") or "")]
assert not outside, outside
"""
"""Imports functions and, imports made on first use included, all they could ever ask their layers for. Without
the layer of the providers they must do without their SDKs, and can: only `topups` and its like get so far. So it is
with JSON Web Tokens and the authorizer."""

ASK_FOR_A_ZONE = """
import sys, zoneinfo
sys.path.insert(0, sys.argv[1])
zoneinfo.reset_tzpath(to=())
from scrip.domain.credits.calendar import check_zone
check_zone("Australia/Lord_Howe")
"""


def pins(path: str) -> dict[str, str]:
    """``name → version`` of a requirements file."""
    rows = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / path).read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in rows}


@cache
def imports(path: Path) -> frozenset[str]:
    """Names of the modules that a file imports when it runs, wherever in it."""
    tree = ast.parse(path.read_text())
    nodes = list(ast.walk(tree))
    for_types = {
        inner
        for node in nodes
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = {node for node in nodes if node not in for_types}
    names = {alias.name for node in found if isinstance(node, ast.Import) for alias in node.names}
    taken = {node.module for node in found if isinstance(node, ast.ImportFrom) and not node.level}
    return frozenset(names | {name for name in taken if name})


def build(layer: str, directory: Path, target: str) -> Path:
    """What ``sam build`` makes of the layer, through the same cache as ``make run``."""
    variables = {"SCRIP_LAYER_TARGET": target, "SCRIP_LAYER_CACHE": str(ROOT / ".local" / "layers")}
    command = [sys.executable, str(ROOT / "layers" / "build.py"), layer, str(directory)]
    subprocess.run(command, check=True, env={**os.environ, **variables}, stdin=subprocess.DEVNULL)
    return directory


@pytest.fixture(scope="module")
def local_layers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("layers")
    return {name: build(layer, root / layer / "python", "local") for name, layer in LAYERS.items()}


@pytest.mark.parametrize("layer", LAYERS.values())
@pytest.mark.parametrize("locked", ["requirements/run.txt", "requirements/dev.txt"])
def test_a_layer_holds_the_versions_that_the_tests_ran_with(layer: str, locked: str) -> None:
    assert len(pins(f"layers/{layer}/requirements.txt")) >= 1
    for name, version in pins(f"layers/{layer}/requirements.txt").items():
        assert (name, version) == (name, pins(locked)[name])


def test_pyproject_names_what_the_layers_hold() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = dict(
        row.split("==")
        for part in (
            project["dependencies"],
            *map(project["optional-dependencies"].get, ("providers", "tokens", "mail", "reports")),
        )
        for row in part
    )
    held: dict[str, str] = {}
    for layer in LAYERS.values():
        held |= pins(f"layers/{layer}/requirements.txt")
    assert direct.items() <= held.items()


@pytest.mark.parametrize(
    ("own", "lacking"),
    [
        ((), f"{PROVIDERS} {TOKENS} {MAIL} {REPORTS}"),
        (("ProvidersLayer",), f"{TOKENS} {MAIL} {REPORTS}"),
        (("TokensLayer",), f"{PROVIDERS} {MAIL} {REPORTS}"),
        (("MailLayer",), f"{PROVIDERS} {TOKENS} {REPORTS}"),
        (("ReportsLayer",), f"{PROVIDERS} {TOKENS} {MAIL}"),
    ],
)
def test_functions_and_their_layers_are_complete_by_themselves(
    own: tuple[str, ...], lacking: str, local_layers: dict[str, Path]
) -> None:
    """Those with the same layers of their own. A local function also sees what the local AWS has installed; on AWS
    there is nothing else."""
    codes = [
        f"{ROOT / function['CodeUri']}/"
        for function in functions().values()
        if tuple(map(target, function.get("Layers", []))) == own
    ]
    assert len(codes) >= (3 if own in ((), ("ProvidersLayer",)) else 1)
    layers = [*map(target, template()["Globals"]["Function"]["Layers"]), *own]
    files = [*(ROOT / "layers" / "scrip" / "scrip").rglob("*.py"), *(Path(code, "app.py") for code in codes)]
    names = {name for path in files for name in imports(path) if name.split(".")[0] not in lacking.split()}
    words = [codes, [str(local_layers[layer]) for layer in layers], sorted(names)]
    command = [sys.executable, "-I", "-S", "-c", IMPORT_EVERYTHING, *map("\n".join, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr


CALL_EVERY_SERVICE = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import boto3
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="eu-west-1")
config = Config(retries={"max_attempts": 0}, connect_timeout=1)
for entry in (pathlib.Path(sys.argv[1]) / "botocore" / "data").iterdir():
    if entry.is_dir():
        client = session.client(entry.name, endpoint_url="http://127.0.0.1:9", config=config)
        needed = {"s3": ("put_object", {"Bucket": "b", "Key": "k", "Body": b""})}
        name, asked = needed.get(entry.name) or next(
            (method, {}) for method, operation in sorted(client.meta.method_to_api_mapping.items())
            if not (shape := client.meta.service_model.operation_model(operation).input_shape)
            or not shape.required_members
        )
        try:
            getattr(client, name)(**asked)
        except EndpointConnectionError:
            continue
        raise SystemExit(f"{entry.name} was not called")
"""
"""Calls each service of the layer where nobody listens: all that a call is made of is there."""


def test_every_service_can_be_called_with_what_is_left_of_its_description(
    local_layers: dict[str, Path],
) -> None:
    command = [sys.executable, "-I", "-S", "-c", CALL_EVERY_SERVICE, str(local_layers["ScripLayer"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr


ASK_THE_ENGINE = """
import socket, sys
def refuse(*_, **__):
    raise OSError("there is no network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from scrip.services.finance.workspaces import LINES, Workspace
folder = Path(sys.argv[3])
with Workspace(None, folder) as space:
    lines, parquet = space.file("x.json.gz"), folder / "x.parquet"
    assert space.write(["SELECT i AS a, (i * 10)::DECIMAL(38, 0) AS b FROM range(5) AS t(i)"], lines, LINES) == 5
    assert space.write([f"FROM read_json('{lines}', format = 'newline_delimited')"], parquet) == 5
    assert space.one([f"SELECT sum(b)::BIGINT FROM read_parquet('{parquet}')"]) == 100
"""
"""Writes and reads both forms of the archive by the layer alone, with no network and nothing fetched."""


def test_the_layer_of_reports_reads_and_writes_both_forms_without_a_network(
    local_layers: dict[str, Path], tmp_path: Path
) -> None:
    paths = [str(local_layers["ScripLayer"]), str(local_layers["ReportsLayer"]), str(tmp_path)]
    command = [sys.executable, "-I", "-S", "-c", ASK_THE_ENGINE, *paths]
    # Nothing that was fetched before is found either: the engine looks for extensions in its home.
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path / "home")}
    )
    assert done.returncode == 0, done.stderr


def test_the_layers_of_a_function_fit_together(tmp_path: Path) -> None:
    """Lambda unpacks 250 MB for one function, code and layers."""
    built = [build(layer, tmp_path / layer / "python", "aws") for layer in ("scrip", "reports")]
    size = sum(path.stat().st_size for one in built for path in one.rglob("*") if path.is_file())
    assert size < 250 * 10**6


def test_the_layer_brings_the_time_zones_that_the_runtime_may_lack(local_layers: dict[str, Path]) -> None:
    command = [sys.executable, "-I", "-S", "-c", ASK_FOR_A_ZONE, str(local_layers["ScripLayer"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr


def test_a_layer_is_compiled_and_holds_no_service_that_is_not_called(local_layers: dict[str, Path]) -> None:
    layer = local_layers["ScripLayer"]
    for package in ("scrip", "botocore", "pydantic"):
        assert any((layer / package / "__pycache__").glob("*.pyc"))
    services = {entry.name for entry in (layer / "botocore" / "data").iterdir() if entry.is_dir()}
    sources = [*(ROOT / "layers" / "scrip" / "scrip").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    called = {
        service
        for path in sources
        for service in re.findall(r"\bclient\(\"([a-z0-9]+)\"\)", path.read_text(encoding="utf-8"))
    }
    assert services == called | {"sts"}, "a role's credentials may come of that one"


@pytest.mark.parametrize("layer", LAYERS.values())
def test_a_layer_for_aws_has_wheels_for_its_python_and_processor_alone(layer: str, tmp_path: Path) -> None:
    built = build(layer, tmp_path / "python", "aws")
    # What only the providers need has no code for a processor, nor has what writes numbers.
    assert bool(list(built.rglob("*.so"))) == (layer not in ("providers", "mail"))
    for compiled in built.rglob("*.so"):
        assert "cpython-313-aarch64" in compiled.name or ".abi3." in compiled.name
        assert compiled.read_bytes()[18:20] == b"\xb7\x00", "EM_AARCH64"
    for code in built.rglob("*.pyc"):
        assert "cpython-313" in code.name


def test_the_template_names_the_runtime_that_layers_are_built_for() -> None:
    assert set(resources("AWS::Serverless::LayerVersion")) == set(LAYERS)
    for name, layer in resources("AWS::Serverless::LayerVersion").items():
        assert layer["CompatibleRuntimes"] == [setting({}, "Runtime")]
        assert layer["CompatibleArchitectures"] == setting({}, "Architectures")
        assert template()["Resources"][name]["Metadata"]["BuildMethod"] == "makefile"
    assert (
        f'RUNTIME: Final = "{setting({}, "Runtime").removeprefix("python")}"'
        in (ROOT / "layers/build.py").read_text()
    )
