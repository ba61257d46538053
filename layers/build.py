"""Builds one layer of Lambda: ``python build.py <scrip|providers|tokens|mail|reports> <directory>``.

Installs the layer's pinned requirements into the directory, for the Python and the processor of the template
whatever machine this is; with ``SCRIP_LAYER_TARGET=local`` for this interpreter, so that the same template
runs on one machine. Then adds the package, takes away what no function needs, and compiles byte code.

``SCRIP_LAYER_CACHE`` names a directory that keeps what was installed, so that a second build of the same
requirements takes no time; ``python build.py`` alone only fills it. Standard library and pip only.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent

RUNTIME: Final = "3.13"
"""The template's Python; its processor is arm64. A test holds both together."""

FOR_AWS: Final = [
    *("--platform", "manylinux2014_aarch64", "--platform", "manylinux_2_28_aarch64"),
    *("--implementation", "cp", "--python-version", RUNTIME, "--only-binary=:all:"),
]

AWS_SERVICES: Final = frozenset(
    {"dynamodb", "dynamodbstreams", "events", "kms", "s3", "secretsmanager", "sesv2", "sqs", "sts"}
)
"""What functions call. botocore describes some 400 more services in 25 MB, all unpacked in every cold start."""


LANGUAGES: Final = frozenset({"root", "de", "en", "es", "fr"})
"""What letters are written in, and what each of them follows. Babel knows a thousand locales, in 30 MB."""


def build(layer: str, target: Path, local: bool) -> None:
    """Fills ``target``, the ``python`` directory of the layer, with its requirements and its own package."""
    source = HERE / layer
    version = this_version() if local else RUNTIME
    install(source / "requirements.txt", target, version, local)
    if (source / layer).is_dir():
        shutil.copytree(source / layer, target / layer, ignore=shutil.ignore_patterns("__pycache__"))
        compile_all(target / layer, target, version)


def install(requirements: Path, target: Path, version: str, local: bool) -> None:
    """Copies the requirements into the layer, trimmed and compiled: from the cache if one is named, else by pip."""
    cache = os.environ.get("SCRIP_LAYER_CACHE")
    if cache is None:
        fetch(requirements, target, version, local)
    else:
        shutil.copytree(cached(Path(cache), requirements, version, local), target, dirs_exist_ok=True)


def cached(cache: Path, requirements: Path, version: str, local: bool) -> Path:
    """Returns the cache's directory of these requirements, and fills it first where there is none."""
    purpose = f"{sys.implementation.cache_tag}-{platform.machine()}" if local else "aws"
    made_by = requirements.read_bytes() + Path(__file__).read_bytes()
    kept = cache / f"{hashlib.sha256(made_by).hexdigest()[:16]}-{purpose}"
    if not kept.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            fresh = Path(scratch) / "python"
            fetch(requirements, fresh, version, local)
            try:
                fresh.rename(kept)
            except OSError:
                if not kept.is_dir():  # else another build was faster
                    raise
    return kept


def fetch(requirements: Path, target: Path, version: str, local: bool) -> None:
    """Installs the requirements by pip, then trims and compiles them."""
    pip(requirements, target, local)
    trim(target)
    compile_all(target, target, version)


def pip(requirements: Path, target: Path, local: bool) -> None:
    """Runs pip without dependencies, since the requirements pin every package."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    options = ["--no-deps", "--no-compile", "--target", str(target), "--requirement", str(requirements)]
    subprocess.run([*command, *([] if local else FOR_AWS), *options], check=True, stdin=subprocess.DEVNULL)


def trim(target: Path) -> None:
    """Removes what no function needs.

    These are descriptions of services that are not called, documentation in the others, console scripts and tests.
    """
    for data in (target / "botocore" / "data", target / "boto3" / "data"):
        for entry in data.iterdir() if data.is_dir() else ():
            if entry.is_dir() and entry.name not in AWS_SERVICES:
                shutil.rmtree(entry)
    trim_descriptions(target / "botocore" / "data")
    for locale in (target / "babel" / "locale-data").glob("*.dat"):
        if locale.stem.partition("_")[0] not in LANGUAGES:
            locale.unlink()
    for name in ("bin", "boto3/examples"):
        shutil.rmtree(target / name, ignore_errors=True)


def trim_descriptions(data: Path) -> None:
    """Removes endpoints of other services, and documentation, from botocore's data.

    Every client that is made parses ``endpoints.json``, where each of 400 services has its endpoints in each
    partition (1.2 MB, 6 to 8 % of a cold start), and its service's model, half of which is documentation.
    """
    endpoints = data / "endpoints.json"
    if not endpoints.is_file():
        return  # a layer without botocore
    document = json.loads(endpoints.read_bytes())
    for partition in document["partitions"]:
        partition["services"] = {
            name: service for name, service in partition["services"].items() if name in AWS_SERVICES
        }
    endpoints.write_text(json.dumps(document, separators=(",", ":")))
    for path in data.glob("*/*/service-2.json.gz"):
        model = json.loads(gzip.decompress(path.read_bytes()), object_hook=undocumented)
        for parameter in model.get("clientContextParams", {}).values():
            parameter["documentation"] = ""  # botocore reads it
        path.write_bytes(gzip.compress(json.dumps(model, separators=(",", ":")).encode(), mtime=0))


def undocumented(node: dict[str, Any]) -> dict[str, Any]:
    """Returns a part of a service's model without its documentation. A member of that name has a shape, not a text."""
    return {name: part for name, part in node.items() if name != "documentation" or not isinstance(part, str)}


def compile_all(where: Path, root: Path, version: str) -> None:
    """Compiles to byte code, without which every cold start compiles all that it imports again (+ 700 ms).

    Only Python ``version`` can make it for itself. It is never checked against its source: nothing changes in a
    layer, and modification times do not survive every way of packing.
    """
    python = sys.executable if version == this_version() else find_python(version)
    if python is None:
        print(
            f"warning: no Python {version} here to compile {where}: cold starts take 0.7 s more",
            file=sys.stderr,
        )
        return
    options = ["-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(root), str(where)]
    subprocess.run([python, "-m", "compileall", *options], check=True, stdin=subprocess.DEVNULL)


def find_python(version: str) -> str | None:
    """Returns a working interpreter of exactly this version; None where there is none."""
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode:
        return None
    return python


def this_version() -> str:
    """Returns major and minor version of the Python that runs this."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def main(arguments: list[str]) -> None:
    local = os.environ.get("SCRIP_LAYER_TARGET") == "local"
    if arguments:
        layer, target = arguments
        build(layer, Path(target), local)
        return
    cache = Path(os.environ["SCRIP_LAYER_CACHE"])
    for requirements in sorted(HERE.glob("*/requirements.txt")):
        cached(cache, requirements, this_version() if local else RUNTIME, local)


if __name__ == "__main__":
    main(sys.argv[1:])
