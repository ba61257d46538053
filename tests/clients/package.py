"""clients/typescript as its users have it: built, packed, and unpacked beside what it needs."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from openapi import typescript
from openapi.typescript import PACKAGE
from tests.aws import ROOT
from tests.clients.programs import programs
from tests.clients.project import Project

SOURCES: Final = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "README.md", "src", "test")


def sources() -> list[Path]:
    """The files that the package, and its tests, are made of."""
    given = [PACKAGE / name for name in SOURCES]
    return sorted(
        path for one in given for path in (one.rglob("*") if one.is_dir() else [one]) if path.is_file()
    )


def built() -> Path:
    """Builds and packs a copy of the package, compiles its tests, and gives the copy's directory: once for each state
    of its sources, whoever asks.

    In it are ``dist``, ``dist-test``, the tarball that ``npm pack`` makes, and ``node_modules``: what the package needs
    and was developed with. ``user/node_modules`` is what a user of the tarball has: the package, and the same beside
    it. ``user/pages`` has the pages' programs, compiled.
    """
    digest = hashlib.sha256(repr(programs("ts")).encode())
    for path in sources():
        digest.update(f"{path.relative_to(PACKAGE)}\0".encode() + path.read_bytes() + b"\0")
    there = ROOT / ".local" / "clients" / f"built-{digest.hexdigest()[:16]}"
    there.parent.mkdir(parents=True, exist_ok=True)
    with (there.parent / "built.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another worker may want the same
        if not there.exists():
            with TemporaryDirectory(dir=there.parent, prefix="building-") as fresh:
                _build(Path(fresh) / there.name)
                (Path(fresh) / there.name).rename(there)
    return there


def _build(there: Path) -> None:
    for path in sources():
        copy = there / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    modules = typescript.node_modules()
    (there / "node_modules").symlink_to(modules)
    project = Project.new(there, {})
    project.run("npm", "run", "build")
    project.run("npm", "pack")
    project.run("node_modules/.bin/tsc", "--project", "test")
    for module in modules.iterdir():
        beside = there / "user" / "node_modules" / module.name
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.symlink_to(module)
    (tarball,) = there.glob("*.tgz")
    with tarfile.open(tarball) as packed:
        packed.extractall(there / "user" / "node_modules", filter="data")
    (there / "user" / "node_modules" / "package").rename(there / "user" / "node_modules" / "scrip-client")
    pages = there / "user" / "pages"
    pages.mkdir()
    for program in programs("ts"):
        (pages / f"{program.name}.mts").write_text(program.text, encoding="utf-8")
    settings = ("--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", "node")
    project.run("node_modules/.bin/tsc", *settings, *map(str, sorted(pages.glob("*.mts"))))
