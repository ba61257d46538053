"""The docs against the code: what they list is all there is, and what they link to is there."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, Final

import pytest

from bench import dollars
from bench.meter import PRICES
from openapi import problems as refusals
from scrip.domain.credits import errors, limits, rate_cards, rates
from scrip.domain.usage import rollups as sums
from scrip.http.catalogue import promotions
from scrip.http.catalogue import rates as rate_schemas
from scrip.http.edge import bodies, parameters, problems, request
from scrip.http.usage import records
from scrip.services.engine import attempts
from scrip.services.usage import rollups

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
BOUNDS: Final[dict[str, Any]] = {
    **{name: value for name, value in vars(limits).items() if name.isupper()},
    "BODY_BYTES": request.BODY_BYTES,
    "PAGE_BODY_BYTES": records.PAGE_BODY_BYTES,
    "LIST_LIMIT": parameters.LIST_LIMIT,
    "LIST_DEFAULT": parameters.LIST_DEFAULT,
    "MAX_MONEY": bodies.MAX_MONEY,
    "MAX_REDEMPTIONS": promotions.MAX_REDEMPTIONS,
    "LARGEST_QUANTITY": rates.LARGEST_QUANTITY,
    "TIERS": rate_schemas.TIERS,
    "COUNTERS": rate_schemas.COUNTERS,
    "TABLE_DEPTH": rates.TABLE_DEPTH,
    "TABLE_DIMENSIONS": rates.TABLE_DIMENSIONS,
    "DIMENSION": rate_schemas.DIMENSION,
    "TOLD": sums.TOLD,
    "NAMES": sums.NAMES,
    "EVERY": rollups.EVERY,
    "RATE_BYTES": rate_cards.RATE_BYTES,
    "RATE_VERSIONS": rate_cards.RATE_VERSIONS,
    "RATE_ITEM_BYTES": rate_cards.RATE_ITEM_BYTES,
    "RATE_KEPT_MS": rate_cards.RATE_KEPT_MS,
    "ATTEMPTS": attempts.ATTEMPTS,
}


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """The cells of every table row."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def prose(text: str) -> str:
    """A page without its code blocks."""
    return re.sub(r"^[ ]*```.*?^[ ]*```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made for a reader."""
    titles = re.findall(r"^#+ (.+)$", prose(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere_inside_the_project(page: Path) -> None:
    """Files exist, and so do the headings they are linked at. Nothing points outside."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text(encoding="utf-8"))):
        path, _, anchor = target.partition("#")
        assert not re.match(r"[a-z]+:", target), f"{target} lies outside"
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{target} does not exist"
        assert found.is_relative_to(ROOT), f"{target} lies outside"
        assert not anchor or anchor in anchors(found), f"{target}: no such heading"


def test_errors_lists_every_code_as_its_class_says() -> None:
    """In order of precedence. ``make openapi`` writes the table again."""
    assert refusals.PAGE.read_text(encoding="utf-8") == refusals.page()
    listed = [row[0].strip("`") for row in rows(read("docs/errors.md")) if row[1].isdigit()]
    assert listed == list(refusals.refusals())


def test_every_refusal_has_a_code_a_status_and_a_title_and_says_when_and_what_to_do() -> None:
    """A refusal of a refusal has its parent's."""
    assert len(refusals.refusals()) > 20
    for kind in refusals.refusals().values():
        assert {"code", "status", "title"} <= set(vars(kind)), kind
        when, _, remedy = (vars(kind)["__doc__"] or "").partition("What to do: ")
        assert when.strip(), kind
        assert remedy.strip(), kind


OUTSIDE_HTTP: Final = {"delivery_id"}
"""Facts of refusals that only the command line meets."""


def test_every_fact_that_code_gives_a_refusal_is_one_that_its_class_declares() -> None:
    kinds = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type)}
    looked_at = 0
    for path in sorted((ROOT / "layers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            kind = (
                kinds.get(ast.unparse(node.func).rpartition(".")[2]) if isinstance(node, ast.Call) else None
            )
            if kind and isinstance(node, ast.Call) and "__init__" not in vars(kind):
                given = {one.arg for one in node.keywords if one.arg} - OUTSIDE_HTTP
                assert given <= {name for name, _, _ in refusals.facts(kind)}, f"{path}:{node.lineno}"
                looked_at += 1
    assert looked_at > 100


def test_the_example_bodies_of_errors_are_what_a_problem_looks_like() -> None:
    """The examples are what the code makes of the same refusals."""
    shown = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", read("docs/errors.md"), re.DOTALL)]
    insufficient = errors.InsufficientCredits(required=71, available=70)
    insufficient.in_unit("credits", 0)
    invalid = errors.InvalidRequest([("amount", "must be more than zero")])
    assert shown == [json.loads(problems.problem(refusal)["body"]) for refusal in (insufficient, invalid)]


def test_operating_lists_every_limit_with_its_value() -> None:
    """Every constant of the limits module, and those of the edge that a caller can meet."""
    listed = {row[0].strip("`"): _number(row[1]) for row in rows(read("docs/operating.md")) if _is_limit(row)}
    assert listed == BOUNDS


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [("parameter", r"^  (\w+):\n    Type: (?:String|Number)\n"), ("alarm", r"^  (\w+Alarm): ")],
)
def test_operating_explains_every_parameter_and_alarm_of_the_template(kind: str, pattern: str) -> None:
    """And none that is not there."""
    there = re.findall(pattern, read("template.yaml"), re.MULTILINE)
    table = _table(read("docs/operating.md"), kind)
    assert there
    assert sorted(re.findall(r"`(\w+)`", " ".join(row[0] for row in table))) == sorted(there)


def test_operating_names_outputs_that_the_template_has() -> None:
    """What the docs tell an operator to look up can be looked up."""
    outputs = read("template.yaml").partition("\nOutputs:\n")[2]
    there = set(re.findall(r"^  (\w+):", outputs, re.MULTILINE))
    assert set(re.findall(r"<([A-Z]\w+)>|output `(\w+)`", read("docs/operating.md")))
    for placeholder, named in re.findall(r"<([A-Z]\w+)>|output `(\w+)`", read("docs/operating.md")):
        assert (placeholder or named) in there


def test_the_million_burns_add_up() -> None:
    """The table's sum is the sum of its lines, and the README rounds it."""
    table = _table(read("docs/operating.md"), "", "per burn", "price", "per million")
    column = [float(row[3].strip("*$")) for row in table]
    assert round(sum(column[:-1]), 2) == column[-1]
    assert f"USD {column[-1]:.1f}0" in read("README.md")


def test_what_scrip_costs_is_what_was_measured_and_what_the_template_declares() -> None:
    """The figures of the last ``make bench``, and those that need no measurement, as they are rounded."""
    bench = json.loads(read("docs/bench/bench.json"))["operations"]
    (burn,) = [row for row in bench["dollars"] if row["operation"] == "burn, warm"]
    (hold,) = [row for row in bench["dollars"] if row["operation"] == "hold and capture"]
    page = " ".join(read("docs/operating.md").split())
    idle = dollars.idle()
    assert f"| **together** | | | **${burn['at once']:.2f}** |" in page
    assert f"a year of a million is ${burn['storage, a year']:.2f}" in page
    assert f"and ${burn['PITR, a year']:.2f} of point-in-time recovery" in page
    assert f"with it a million comes to ${burn['together']:.2f}" in page
    assert f"a million holds with their captures ${hold['at once']:.0f}" in page
    assert bench["idle"] == idle
    for text in (page, " ".join(read("README.md").split())):
        assert re.search(rf"costs about (?:USD |\$){idle['together']:.1f}0 a month", text)
    assert f"{idle['alarms']} alarms at $0.10, eight secrets at $0.40" in page
    assert idle["secrets"] == 8


def test_one_wallet_takes_what_is_said_and_more() -> None:
    """What the pages say of a hot wallet is at most what the model of one sender came to, and at least two thirds."""
    sender = json.loads(read("docs/bench/bench.json"))["pages"]["modelled"][0]
    for page in ("README.md", "docs/operating.md"):
        told = re.search(r"up to (\d+ \d{3}) (?:times|burns) a second", " ".join(read(page).split()))
        assert told
        said = int(told[1].replace(" ", ""))
        assert said <= sender["burns_a_second"] <= said * 1.5


def test_what_the_tables_choices_cost_follows_from_the_list_prices() -> None:
    bench = json.loads(read("docs/bench/bench.json"))["operations"]
    (burn,) = [row for row in bench["dollars"] if row["operation"] == "burn, warm"]
    bytes_of_a_burn = burn["storage, a year"] / 12 / PRICES["table_byte_month"] / dollars.MILLION
    found = dollars.choices(bytes_of_a_burn)
    page = " ".join(read("docs/operating.md").split("## How the tables are paid for")[1].split())
    assert f"pays where {found['provisioned pays from']:.0%}".replace("%", " %") in page
    assert f"On demand as many cost ${found['an hour on demand']:.5f}." in page
    assert f"an hour costs ${found['an hour of the least']:.3f} with nobody calling" in page
    assert f"${found['a month of the least']:.0f} a month" in page
    assert f"${found['written']:.2f}, and ${found['written, infrequent']:.2f} in" in page
    kept, infrequent = found["kept a month"], found["kept a month, infrequent"]
    assert f"costs ${kept:.2f} a month, and ${infrequent:.2f} in that class" in page
    assert f"the burns of {found['infrequent pays from']:.1f} months or more" in page


def test_the_laws_are_ten_and_each_says_how_it_is_kept_and_what_guards_it() -> None:
    """Numbered without a gap: tests and code cite the number."""
    laws = re.split(r"^## ", read("docs/laws.md"), flags=re.MULTILINE)[1:]
    assert [int(law.partition(".")[0]) for law in laws] == list(range(1, 11))
    for law in laws:
        assert "- Kept by: " in law
        assert "- Guarded by: " in law


def test_decisions_are_numbered_each_once_and_complete() -> None:
    """Context, decision, consequences, and what was rejected."""
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len({path.name[:4] for path in decisions}) == len(decisions), "a number is given once"
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert titles == ["Context", "Decision", "Consequences", "Rejected"], path.name


def test_every_threat_is_tried_by_a_test_that_is_there() -> None:
    """Who, how, what stops it, and the file and function that try it."""
    table = _table(read("docs/threats.md"), "who", "how", "what stops it", "test")
    assert len(table) > 40
    for row in table:
        assert all(row), row
        path, name = re.fullmatch(r"\[[\w/]+\.py\]\(\.\./(tests/[\w/]+\.py)\)::(test_\w+)", row[3]).groups()  # type: ignore[union-attr]
        assert f"\ndef {name}(" in read(path), f"{path} has no {name}"


def test_the_picture_is_an_svg_that_describes_itself() -> None:
    """For readers who do not see it, and readable in both themes."""
    picture = ET.fromstring(read("docs/scrip.svg"))  # noqa: S314 - our own file
    namespace = {"svg": "http://www.w3.org/2000/svg"}
    assert picture.find("svg:title", namespace) is not None
    assert picture.find("svg:desc", namespace) is not None
    assert "prefers-color-scheme: dark" in read("docs/scrip.svg")


def test_the_changelog_knows_the_present_version() -> None:
    """The version of pyproject.toml has its section."""
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"## [{version}]" in read("CHANGELOG.md")


def _table(text: str, *columns: str) -> list[list[str]]:
    """The rows of the table whose first columns are named so."""
    found: list[list[str]] = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, _, *body = rows(block)
        if head[: len(columns)] == list(columns):
            found += body
    return found


def _is_limit(row: list[str]) -> bool:
    return re.fullmatch(r"`[A-Z_]+`", row[0]) is not None


def _number(text: str) -> int:
    base, _, power = text.replace(" ", "").partition("^")
    value: int = int(base) ** int(power or 1)
    return value


def test_the_architecture_lists_every_module_by_its_package() -> None:
    there: dict[str, str] = {}
    for package in (ROOT / "layers" / "scrip" / "scrip", ROOT / "command_line"):
        for init in package.rglob("__init__.py"):
            modules = sorted(path.stem for path in init.parent.glob("*.py") if not path.stem.startswith("__"))
            if modules:
                name = init.parent.relative_to(package.parent).as_posix().removeprefix("scrip/")
                there[name] = ", ".join(modules)
    said = {
        row[0].strip("`"): row[1] for row in rows(read("docs/architecture.md")) if row[0].strip("`") in there
    }

    assert said == there


def test_every_module_that_the_table_of_names_leads_to_is_there() -> None:
    table = read("docs/decisions/0027-the-house.md").partition("| word before |")[0]
    modules: list[str] = []
    for _, now, *_ in rows(table):
        for name in re.findall(r"`([^`]+)`", now):
            package, _, many = name.partition("{")
            modules += [f"{package}{one.strip()}" for one in many.rstrip("}").split(",")]
    package = ROOT / "layers" / "scrip" / "scrip"
    paths = {name: package / name.replace(".", "/") for name in modules}

    assert len(paths) > 80
    assert [
        name for name, path in paths.items() if not path.with_suffix(".py").is_file() and not path.is_dir()
    ] == []


OTHERS_NAMES: Final = frozenset(
    [
        "cost.amount",
        "custom_data.topup_id",
        "details.totals.total",
        "id.timestamp.body",
        "metadata.topup_id",
        "payment.failed",
        "payment.succeeded",
        "price.per_unit.credits",
        "provider_refs.dodo",
        "provider_refs.stripe",
        "radar.early_fraud_warning",
        "samconfig.toml",
        "template.yaml",
    ]
)
"""Dotted names that are not of our code: members of documents, types of events, files."""


def _known_names() -> dict[tuple[str, ...], set[str]]:
    """The names in each module, by every end of its path: ``store.keys`` and ``keys`` are both ``scrip.store.keys``."""
    known: dict[tuple[str, ...], set[str]] = {}
    for path in _python():
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names.update((one.asname or one.name) for one in node.names)
        parts = tuple(one for one in path.relative_to(ROOT).with_suffix("").parts if one != "__init__")
        for start in range(len(parts)):
            known.setdefault(parts[start:], set()).update(names)
    return known


def _python() -> list[Path]:
    folders = (
        "bench",
        "command_line",
        "functions",
        "layers/scrip/scrip",
        "local",
        "openapi",
        "simulation",
        "tests",
    )
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_every_dotted_name_between_backquotes_is_there() -> None:
    known = _known_names()
    lost: list[str] = []
    seen = 0
    for path in _python():
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r"``([a-z_]+(?:\.[A-Za-z_]+)+)(?:\(\))?``", text):
            name = found[1]
            *module, last = name.split(".")
            if name in OTHERS_NAMES or module[0] in sys.stdlib_module_names:
                continue
            seen += 1
            if (*module, last) not in known and last not in known.get(tuple(module), ()):
                lost.append(f"{path.relative_to(ROOT)}:{text[: found.start()].count(chr(10)) + 1} {name}")
    assert seen > 50
    assert lost == []
