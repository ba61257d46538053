"""Imports point inward: functions → http → services → store and providers → domain. A module's test has its name."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scrip.providers import clients, webhooks

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "scrip" / "scrip"

MAY_IMPORT = {
    "domain": {"domain"},
    "providers": {"providers", "domain"},
    "store": {"store", "domain"},
    "services": {"services", "store", "providers", "domain"},
    "http": {"http", "services", "providers", "domain", "runtime", "invocation"},
    "runtime": {"services", "providers", "store", "domain", "invocation"},
    "invocation": set(),
    "functions": {"runtime", "invocation", "http", "services", "providers", "domain"},
}
"""By layer, the layers that it may import."""


def imports(path: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer_of(path: Path) -> str:
    """Returns the layer that a file is in."""
    if path.is_relative_to(PACKAGE):
        return path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "functions"


FILES = sorted(
    path
    for path in (*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("app.py"))
    if path != PACKAGE / "__init__.py"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_layer_imports_only_the_layers_inside_it(path: Path) -> None:
    taken = {name.split(".")[1] for name in imports(path) if name.startswith("scrip.")}
    assert taken <= MAY_IMPORT[layer_of(path)]


KNOWS_NO_OTHER = {
    "services/wallets": ("scrip.services.", {"scrip.services.wallets", "scrip.services.engine"}),
    "services/engine": ("scrip.services.", {"scrip.services.engine"}),
    "domain/wallets": ("scrip.domain.", {"scrip.domain.wallets", "scrip.domain.credits"}),
}
"""A package, the layer it is in, and the packages of that layer that it may import."""


@pytest.mark.parametrize("package", KNOWS_NO_OTHER)
def test_wallets_and_the_engine_know_no_other_topic(package: str) -> None:
    layer, known = KNOWS_NO_OTHER[package]
    taken = {
        ".".join(name.split(".")[:3])
        for path in (PACKAGE / package).rglob("*.py")
        for name in imports(path)
        if name.startswith(layer)
    }
    assert taken <= known


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "domain").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_domain_is_standard_library_only(path: Path) -> None:
    """And tables of a standard that the standard library has only an older edition of: idna has them, and no more."""
    outside = {name.split(".")[0] for name in imports(path)} - {"scrip", "idna"}
    assert outside <= set(sys.stdlib_module_names)


def test_only_the_store_knows_botocore_and_an_attribute_of_a_table() -> None:
    knows = {
        layer_of(path)
        for path in FILES
        if any(name.startswith(("botocore.exceptions", "mypy_boto3_dynamodb")) for name in imports(path))
    }
    expected = {"store", "invocation"}
    assert knows == expected, "who reads its errors, and who ends a call with one"


def test_http_knows_of_providers_only_which_there_are() -> None:
    taken = {name for path in FILES if layer_of(path) == "http" for name in imports(path)}
    assert {name for name in taken if name.startswith("scrip.providers")} == {"scrip.providers.having"}


def test_a_burn_imports_nothing_of_providers() -> None:
    """Not even their names: a cold start would look for their packages."""
    code = (
        "import sys; sys.path.insert(0, 'functions/burns'); import app\n"
        "print([name for name in sys.modules if name.startswith('scrip.providers')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


NAMES_A_PROVIDER = {
    "layers/scrip/scrip/http/payments/topups.py": "a top-up that names no provider is paid at this one",
    "layers/scrip/scrip/http/usage/meter_events.py": "meter events are read as its SDK sends them",
    "layers/scrip/scrip/http/wallets/explanations.py": "an order of burning has this name",
    "layers/scrip/scrip/domain/credits/lots.py": "an order of burning has this name",
    "layers/scrip/scrip/domain/credits/units.py": "an order of burning has this name",
}
"""Where else a provider's name is in the code, and why. `standard` is a word of its own and is not looked for."""


def provider_names(path: Path) -> set[str]:
    """Providers named in a file's code: in an import, in a name, or in a text that is no docstring."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
    # Made from the tree again, code has no comments.
    providers = "|".join((webhooks.names() | clients.names()) - {"standard"})
    return set(re.findall(f"(?<![a-z])(?:{providers})(?![a-z])", ast.unparse(tree).lower()))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_only_webhooks_and_clients_know_a_provider() -> None:
    """So that one more is one more package (docs/payments.md, "Add a provider")."""
    theirs = (PACKAGE / "providers",)
    others = [path for path in FILES if not any(path.is_relative_to(each) for each in theirs)]
    named = {str(path.relative_to(ROOT)) for path in others if provider_names(path)}
    assert named == set(NAMES_A_PROVIDER)


COMMANDS = ROOT / "command_line"


@pytest.mark.parametrize(
    "init",
    sorted((*PACKAGE.rglob("__init__.py"), *COMMANDS.rglob("__init__.py"))),
    ids=lambda path: str(path.parent.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else ROOT)),
)
def test_a_package_lists_all_of_its_modules(init: Path) -> None:
    """The first thing that somebody reads of a package says where to look."""
    said = ast.get_docstring(ast.parse(init.read_text())) or ""
    there = {
        path.stem
        for path in init.parent.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert {
        name for name in there - {"__init__"} if not re.search(rf"^\s*(\w+, )*{name}\b", said, re.M)
    } == set()


TESTED_ELSEWHERE: dict[str, str] = {
    "command_line/__main__": "runs the command of `command_line`, whose tests start it",
    "domain/credits/limits": "has numbers alone: each is tried at its bound where it holds",
    "domain/finance/accounts": "has names alone, which the tests of postings say",
    "domain/finance/formats/layout": "is tried with the other layouts, in test_layouts",
    "domain/finance/formats/netsuite": "is tried with the other layouts, in test_layouts",
    "domain/finance/formats/quickbooks": "is tried with the other layouts, in test_layouts",
    "domain/finance/formats/xero": "is tried with the other layouts, in test_layouts",
    "domain/verification/discrepancies": "has a type alone, which every check gives and whose members tests compare",
    "http/edge/forms": "has types alone, which only `make openapi` runs: tests/contract tries the document of them",
}
"""Modules that have no test of their name, and why."""
MODULES = sorted(
    path.relative_to(root).with_suffix("").as_posix()
    for root, package in ((PACKAGE, PACKAGE), (ROOT, COMMANDS))
    for path in package.rglob("*.py")
    if path.name != "__init__.py"
)


def files_named(module: str) -> list[str]:
    """Returns where the test of a module may be, of which files there are."""
    package, _, name = module.rpartition("/")
    layer, _, topic = package.partition("/")
    places = [Path(package)]
    if layer in ("services", "http"):
        places.append(Path("http") / topic)
    found = {place / f"test_{name}.py" for place in places}
    return sorted(each.as_posix() for each in found if (ROOT / "tests" / each).is_file())


@pytest.mark.parametrize("module", MODULES)
def test_the_test_of_a_module_has_its_name(module: str) -> None:
    """`domain/wallets/holds` is tested in `tests/domain/wallets/test_holds.py`; what `http` and `services` do is tested
    there, or over the routes in `tests/http/<topic>`."""
    assert bool(files_named(module)) != (module in TESTED_ELSEWHERE)


def test_who_asks_over_http_needs_nothing_of_aws_or_of_the_layers() -> None:
    """Those may be missing where the command is installed: only the operator's modules name them."""
    outside = {"boto3", "botocore", "scrip"}
    named = {
        path.relative_to(ROOT).as_posix()
        for path in COMMANDS.rglob("*.py")
        if {name.split(".")[0] for name in imports(path)} & outside
    }
    theirs = {path for path in named if path.startswith("command_line/operator/")}
    assert named - theirs == {"command_line/stacks.py"}, "which asks for a stack, and then alone"
    code = (
        "import sys, command_line.application\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore', 'scrip')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_every_module_without_a_test_of_its_name_is_there() -> None:
    assert set(TESTED_ELSEWHERE) <= set(MODULES)


def test_a_type_of_one_name_has_one_home() -> None:
    """One word has one meaning: only what each provider has of its own may be named alike."""
    homes: dict[str, list[str]] = {}
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    shared = {name: paths for name, paths in homes.items() if len(paths) > 1}

    assert [name for name, paths in shared.items() if not all("/providers/" in path for path in paths)] == []
