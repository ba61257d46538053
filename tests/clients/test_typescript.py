"""The client in TypeScript: made of the document, and a package for Node, browsers and the edge."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from openapi import typescript
from openapi.document import FILE
from openapi.typescript import PACKAGE
from tests.aws import Deployment
from tests.clients import page
from tests.clients.curl import CURL, followed
from tests.clients.programs import Program, programs
from tests.clients.project import OPERATIONS, Project

DOCUMENT: Final = json.loads(FILE.read_text(encoding="utf-8"))
METHOD: Final = re.compile(r"^  (\w+)\((?:[^)]|\n)*\): \w+<[^{]*> \{$", re.MULTILINE)

BROWSER: Final = """\
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const web = { fetch, Request, Response, Headers, URL, URLSearchParams, AbortSignal, FormData, crypto };
const page = createContext({ ...web, setTimeout, clearTimeout });
page.globalThis = page;
runInContext(readFileSync("page.js", "utf-8"), page);
const scrip = new page.Scrip({ url: process.env.SCRIP_URL, key: process.env.SCRIP_API_KEY });
console.log((await scrip.grant("acme", { amount: "5" })).balance.available);
"""
"""Runs a bundle where there is what browsers have and nothing of Node's."""


def test_every_operation_is_a_method() -> None:
    """``make openapi`` writes them."""
    written = typescript.OPERATIONS.read_text(encoding="utf-8")
    assert written == typescript.operations(DOCUMENT)
    ids = [
        operation["operationId"] for methods in DOCUMENT["paths"].values() for operation in methods.values()
    ]
    assert METHOD.findall(written) == [typescript.name_of(one) for one in ids]
    assert len(ids) == OPERATIONS


def test_no_type_has_the_name_of_one_of_the_languages_own() -> None:
    """It would stand for it in the whole file: ``Record<string, never>`` is written for objects without members."""
    own = {
        "Array",
        "Date",
        "Error",
        "Event",
        "Exclude",
        "Extract",
        "Map",
        "NonNullable",
        "Object",
        "Omit",
        "Partial",
    }
    own |= {
        "Pick",
        "Promise",
        "Readonly",
        "Record",
        "Request",
        "Required",
        "Response",
        "Set",
        "String",
        "Symbol",
    }
    assert not own & DOCUMENT["components"]["schemas"].keys()


def test_the_types_are_those_of_the_document() -> None:
    """``make openapi`` makes them again where Node is installed."""
    assert typescript.is_current(FILE.read_text(encoding="utf-8"))


def test_the_types_are_as_the_tool_makes_them(node_modules: Path) -> None:
    assert typescript.SCHEMA.read_text(encoding="utf-8") == typescript.schema(
        FILE.read_text(encoding="utf-8")
    )


def test_it_does_as_its_own_tests_say(package: Path) -> None:
    """What is sent again, under which key; pages; CSV; errors: clients/typescript/test."""
    said = Project.new(package, {}).run("sh", "-c", "node --test dist-test/*.test.js")
    counts = dict(re.findall(r"^# (\w+) (\d+)$", said, re.MULTILINE))
    assert counts["fail"] == counts["skipped"] == counts["todo"] == "0"
    assert int(counts["pass"]) > 25


def test_its_coalescer_and_its_lease_do_as_they_say(project: Project, in_memory: None, package: Path) -> None:
    """Over HTTP, with answers that are lost: clients/typescript/test/hot.ts."""
    said = project.run("node", "--test", str(package / "dist-test" / "hot.js"))
    counts = dict(re.findall(r"^# (\w+) (\d+)$", said, re.MULTILINE))
    assert counts["fail"] == counts["cancelled"] == counts["skipped"] == "0"
    assert int(counts["pass"]) >= 10


def test_the_package_has_what_it_says_and_no_more(package: Path) -> None:
    (tarball,) = package.glob("*.tgz")
    with tarfile.open(tarball) as packed:
        names = {name.removeprefix("package/") for name in packed.getnames()}
    modules = {path.stem for path in (PACKAGE / "src").glob("*.ts")}
    assert names == {
        *("package.json", "README.md"),
        *(f"dist/{module}{end}" for module in modules for end in (".js", ".d.ts")),
    }


@pytest.mark.parametrize(
    "program", [one for one in programs("ts") if "recipes" not in one.page], ids=lambda one: one.name
)
def test_a_program_of_a_page_prints_what_it_says(program: Program, project: Project, package: Path) -> None:
    """Those of the recipes need a provider: tests/stack runs them."""
    assert project.run("node", str(package / "user" / "pages" / f"{program.name}.mjs")) == program.printed


@pytest.fixture
def relay(project: Project, package: Path) -> Iterator[str]:
    """Takes what is meant for Scrip and has the client carry it out."""
    node = subprocess.Popen(
        (str(shutil.which("node")), str(package / "dist-test" / "relay.js")),
        env=project.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert node.stdout is not None
    try:
        yield node.stdout.readline().strip()
    finally:
        node.kill()
        node.communicate()


@pytest.mark.parametrize("page", CURL, ids=CURL)
def test_it_does_what_a_page_does_with_curl(page: str, relay: str, tmp_path: Path) -> None:
    """Every section's requests, each by its operation's method; what is answered is what the page shows."""
    assert followed(page, relay, tmp_path) == []


def test_it_is_of_scrips_version() -> None:
    declared = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    assert declared["version"] == DOCUMENT["info"]["version"]


def test_it_is_bundled_for_browsers_and_the_edge(project: Project, package: Path) -> None:
    """Nothing of Node's is in it, and it does its work where there is nothing but the web's own."""
    (project.directory / "node_modules").symlink_to(package / "user" / "node_modules")
    program = 'import { Scrip } from "scrip-client";\nglobalThis.Scrip = Scrip;\n'
    (project.directory / "page.ts").write_text(program, encoding="utf-8")
    bundle = ("node_modules/.bin/esbuild", "page.ts", "--bundle", "--minify", "--outfile=page.js")
    project.run(*bundle, "--platform=browser", "--target=es2022")
    bundled = (project.directory / "page.js").read_text(encoding="utf-8")
    # A method for each operation, and what calls, pages and leases need.
    assert len(bundled) < 25_000 + 150 * OPERATIONS
    assert not re.search(r"\brequire\(|\bnode:|\bBuffer\b", bundled)
    (project.directory / "browser.mjs").write_text(BROWSER, encoding="utf-8")
    assert project.run("node", "browser.mjs") == "5\n"


def test_it_does_as_the_page_says(project: Project, package: Path, deployment: Deployment) -> None:
    section = page.section("TypeScript")
    project.write(section)
    (project.directory / "node_modules").symlink_to(package / "user" / "node_modules")
    *_, check, bundle, call = section.commands
    project.run("sh", "-c", check)
    project.run("sh", "-c", bundle)
    assert project.run("sh", "-c", call) == page.printed()
    key = deployment.post("/v1/keys", {"scope": "read"}).body["key"]
    reader = Project(project.directory, {**project.environment, "SCRIP_API_KEY": key})
    assert reader.run("sh", "-c", call).splitlines() == ["403 forbidden"] * 4 + ["401 unauthenticated"]


def test_the_page_builds_it_as_these_tests_do(package: Path) -> None:
    build = ["npm ci", "npm run build", "npm pack"]
    assert page.section("TypeScript").commands[: len(build)] == build
    (tarball,) = package.glob("*.tgz")
    assert f"npm install ./{tarball.name}" in page.PAGE.read_text(encoding="utf-8")


def test_the_page_names_the_versions_that_are_tried() -> None:
    declared = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    named = page.installed("npm")
    assert named
    assert named == {name: declared[name] for name in named}


def test_the_lock_names_no_registry() -> None:
    """The one that is set up is used. ``make lock`` writes the lock so."""
    assert "://" not in (PACKAGE / "package-lock.json").read_text(encoding="utf-8")
