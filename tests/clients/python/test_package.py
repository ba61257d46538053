"""The package: what is generated is as it would be now, and what is built is all that a program needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from openapi.document import FILE
from openapi.python.files import PACKAGE, files
from openapi.python.names import refusal
from scrip_client import refusals
from tests.aws import ROOT
from tests.clients import page

HOME: Final = ROOT / "clients" / "python"
README: Final = (HOME / "README.md").read_text(encoding="utf-8")
PROJECT: Final = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SECONDS: Final = 120


def run(*command: str, environment: Mapping[str, str] | None = None, cwd: Path = HOME) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=cwd,
        env=environment and dict(environment),
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_what_is_generated_is_of_the_present_document() -> None:
    """``make openapi`` writes it again."""
    for path, text in files(json.loads(FILE.read_text(encoding="utf-8"))).items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_every_problem_is_an_exception_by_its_code() -> None:
    schemas = json.loads(FILE.read_text(encoding="utf-8"))["components"]["schemas"]
    codes = schemas["Problem"]["discriminator"]["mapping"]
    assert {code: kind.__name__ for code, kind in refusals.REFUSALS.items()} == {
        code: refusal(reference.rpartition("/")[2]) for code, reference in codes.items()
    }


def test_its_version_is_scrips() -> None:
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert PROJECT["version"] == whole["version"]
    assert [name.split(">")[0] for name in PROJECT["dependencies"]] == ["httpx", "pydantic"]


def test_its_docstring_lists_its_modules() -> None:
    listed = re.findall(
        r"^    (\w+) ", (PACKAGE / "__init__.py").read_text(encoding="utf-8").split('"""')[1], re.M
    )
    assert sorted(listed) == sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes an environment with the built package, and beside it what it depends on: nothing of Scrip's own."""
    place = tmp_path_factory.mktemp("client")
    pip = (sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check")
    source = place / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "scrip_client"):
        run("cp", "-R", str(HOME / name), str(source))
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(place), str(source))
    (wheel,) = place.glob("scrip_client-*-py3-none-any.whl")
    run(sys.executable, "-m", "venv", "--without-pip", str(place / "venv"))
    made = place / "venv" / "bin" / "python"
    run(*pip, "--python", str(made), "install", "--no-deps", "--no-compile", str(wheel))
    site = run(str(made), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A path that is listed brings the packages of that directory, and none that they list themselves.
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return made


def environment(url: str, key: str) -> dict[str, str]:
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SCRIP_", "PYTHON"))
    }
    return {**own, "NO_PROXY": "127.0.0.1", "SCRIP_URL": url, "SCRIP_API_KEY": key}


def test_what_is_built_has_its_types_and_is_by_itself(python: Path) -> None:
    """Not what stands here, but what was installed; and it says that it has types."""
    said = run(
        str(python),
        "-I",
        "-c",
        "import scrip_client, sys; print(scrip_client.__file__, 'boto3' in sys.modules)",
    )
    installed, aws = said.split()
    assert Path(installed).is_relative_to(python.parents[1])
    assert aws == "False"
    assert (Path(installed).parent / "py.typed").is_file()


def test_the_readme_does_what_it_shows(python: Path, url: str, key: str, tmp_path: Path) -> None:
    """Its blocks, one after the other, are one program; what it prints is what is shown."""
    blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    shown = re.findall(r"^```text\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert (len(blocks), len(shown)) == (8, 6)
    program = tmp_path / "readme.py"
    program.write_text("".join(blocks), encoding="utf-8")
    assert run(str(python), str(program), environment=environment(url, key), cwd=tmp_path) == "".join(shown)


@pytest.mark.parametrize(
    "text", [README, page.PAGE.read_text(encoding="utf-8")], ids=["README", "clients.md"]
)
def test_the_pages_programs_are_of_the_right_types(text: str, tmp_path: Path) -> None:
    """Strictly, with the package as its user has it."""
    program = tmp_path / "program.py"
    program.write_text("".join(re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)), encoding="utf-8")
    run(
        sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent",
        f"--cache-dir={ROOT / '.mypy_cache' / 'clients'}", str(program),
        environment={**os.environ, "MYPYPATH": str(HOME)},
    )  # fmt: skip


def test_the_page_of_clients_does_what_it_shows(python: Path, url: str, key: str, tmp_path: Path) -> None:
    section = page.section("Python")
    (tmp_path / "call.py").write_text(section.files["call.py"], encoding="utf-8")
    assert run(str(python), str(tmp_path / "call.py"), environment=environment(url, key)) == page.printed()
