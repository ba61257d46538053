"""Source of the TypeScript client: a method for each operation, and the types of what it takes and gives.

Owns how an operation becomes a method, and with whose tool the types are made. Does not own what a method does: see
clients/typescript/src/scrip.ts.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path
from typing import Any, Final

from openapi.document import FILE, ROOT
from openapi.repetition import is_repeatable

Json = dict[str, Any]

PACKAGE: Final = ROOT / "clients" / "typescript"
OPERATIONS: Final = PACKAGE / "src" / "operations.ts"
SCHEMA: Final = PACKAGE / "src" / "schema.ts"
PROGRAMS: Final = ("node", "npm")
INSTALLS: Final = ("package.json", "package-lock.json", ".npmrc")
SECONDS: Final = 300
"""What installing packages may take, with an empty cache."""
_WIDTH: Final = 118

EVERYWHERE: Final = {
    *("invalid_request", "unauthenticated", "forbidden", "body_too_large"),
    *("unsupported_media_type", "throttled", "unavailable"),
}
"""Codes that any operation may be refused with."""

_HEAD: Final = """\
// Written by `make openapi` from docs/openapi.json.
import {{ type Answered, Call, Listing, Report, Table }} from "./answers.js";
import type {{ CallOptions, KeyedOptions, More, Sent }} from "./request.js";
import type {{
  {names},
}} from "./schema.js";

/** What an operation may be asked for. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]["parameters"]["query"]>;

/** Every operation of Scrip's API. */
export abstract class Operations {{
  /** Sends a request and gives what was answered. */
  protected abstract perform<Body>(sent: Sent, more: More): Promise<Answered<Body>>;
"""


def missing() -> str | None:
    """Returns the name of a program that the package is made with and that is not here; None where all are."""
    return next((name for name in PROGRAMS if shutil.which(name) is None), None)


def node_modules() -> Path:
    """Installs the packages of package-lock.json, once for each lock, and returns their directory.

    Raises:
        subprocess.CalledProcessError: npm could not.
    """
    lock = (PACKAGE / "package-lock.json").read_bytes()
    there = ROOT / ".local" / "clients" / hashlib.sha256(lock).hexdigest()[:16]
    there.parent.mkdir(parents=True, exist_ok=True)
    with (there.parent / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another process may want the same
        if not there.exists():
            fresh = there.with_suffix(f".{os.getpid()}")
            fresh.mkdir()
            for name in INSTALLS:
                shutil.copy(PACKAGE / name, fresh)
            subprocess.run(
                (str(shutil.which("npm")), "ci"), cwd=fresh, check=True, capture_output=True, timeout=SECONDS
            )
            fresh.rename(there)
    return there / "node_modules"


def is_current(document: str) -> bool:
    """Tells whether the types are those of a document: their first line has its digest."""
    return SCHEMA.is_file() and SCHEMA.read_text(encoding="utf-8").startswith(_first_line(document))


def schema(document: str) -> str:
    """Returns the types of a document, as openapi-typescript makes them.

    Raises:
        subprocess.CalledProcessError: it could not.
    """
    program = node_modules() / ".bin" / "openapi-typescript"
    options = ("--root-types", "--root-types-no-schema-prefix")
    made = subprocess.run(
        (str(program), str(FILE), *options), check=True, capture_output=True, text=True, timeout=SECONDS
    )
    return _first_line(document) + made.stdout


def operations(document: Json) -> str:
    """Returns the class that has a method for each operation of a document."""
    methods = [
        _method(document, path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    body = "\n".join(methods)
    used = sorted(
        name for name in document["components"]["schemas"] if re.search(rf"\b{name}\b", _code(body))
    )
    return _HEAD.format(names=",\n  ".join([*used, "operations"])) + "\n" + body + "}\n"


def name_of(operation_id: str) -> str:
    """Returns the method's name: ``listEntries`` of ``list_entries``."""
    first, *others = operation_id.split("_")
    return first + "".join(part.capitalize() for part in others)


def _method(document: Json, path: str, method: str, operation: Json) -> str:
    parameters = [_parameter(document, one) for one in operation["parameters"]]
    in_path = [one["name"] for one in parameters if one["in"] == "path"]
    asked = [one for one in parameters if one["in"] == "query"]
    headers = {one["name"] for one in parameters if one["in"] == "header"}
    taken = [f"{name}: string" for name in in_path]
    sent = [f'method: "{method.upper()}"', f'path: "{path}"', f"parameters: {{ {', '.join(in_path)} }}"]
    if body := operation.get("requestBody"):
        kind = _name(body["content"]["application/json"]["schema"]) or "unknown"
        taken.append(f"body{'' if body['required'] else '?'}: {kind}")
        sent.append("body")
    if asked:
        needed = any(one.get("required") for one in asked)
        taken.append(f'query{"" if needed else "?"}: Query<"{operation["operationId"]}">')
        sent.append("query")
    keyed = "Idempotency-Key" in headers
    taken.append(f"options?: {'Keyed' if keyed else 'Call'}Options")
    once = not is_repeatable(method, operation, keyed)
    flags = {
        "keyed": keyed,
        "once": once,
        "clock": "Scrip-Test-Clock" in headers,
        "open": not operation["security"],
    }
    sent += ["options", *(f"{name}: true" for name, flag in flags.items() if flag)]
    kind, answer, member = _answer(document, operation, {one["name"] for one in asked})
    made = f"{kind}<{answer}>" if member in (None, "items") else f'{kind}<{answer}, "{member}">'
    request = f"{{ {', '.join(sent)} }}".replace("{  }", "{}")
    return "\n".join(
        (
            *_comment(document, operation),
            *_signature(name_of(operation["operationId"]), taken, made),
            f"    return new {kind}((more) =>",
            f"      this.perform({request}, more),",
            *([f'      "{member}",'] if member else []),
            "    );",
            "  }",
            "",
        )
    )


def _answer(document: Json, operation: Json, asked: set[str]) -> tuple[str, str, str | None]:
    """Returns what a method gives: the class that is awaited, the type of its body, and where a page has its items."""
    contents = [
        response.get("content", {})
        for status, response in operation["responses"].items()
        if status.startswith("2")
    ]
    schemas = [content["application/json"]["schema"] for content in contents if content]
    answer = " | ".join(dict.fromkeys(_name(one) or "Record<string, unknown>" for one in schemas)) or "void"
    csv = any("text/csv" in content for content in contents)
    if "cursor" not in asked:
        return "Report" if csv else "Call", answer, None
    # What is answered in the place of a page's file is no page: who lists does not ask for files.
    answer = answer.partition(" | ")[0]
    page = document["components"]["schemas"][answer]["properties"]
    return "Table" if csv else "Listing", answer, "items" if "items" in page else "entries"


def _parameter(document: Json, parameter: Json) -> Json:
    found: Json = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found


def _name(schema: Json) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _comment(document: Json, operation: Json) -> list[str]:
    refusals = [code for code in _refusals(document, operation) if code not in EVERYWHERE]
    texts = [f"{operation['summary']}.", operation.get("description", "")]
    if scope := operation.get("x-scope"):
        texts.append(f"Scope: `{scope}`.")
    if refusals:
        texts.append(
            "Besides what any request may be refused for: " + ", ".join(f"`{one}`" for one in refusals) + "."
        )
    lines: list[str] = []
    for text in filter(None, texts):
        lines += ["   *", *(f"   * {line}" for line in textwrap.wrap(text, _WIDTH - 5))]
    return ["  /**", *lines[1:], "   */"]


def _refusals(document: Json, operation: Json) -> list[str]:
    shared = document["components"]["responses"]
    found: list[str] = []
    for status, response in operation["responses"].items():
        whole = shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        if not status.startswith("2"):
            found += re.findall(r"^`(\w+)`:", whole["description"], re.MULTILINE)
    return found


def _signature(name: str, taken: list[str], made: str) -> list[str]:
    line = f"  {name}({', '.join(taken)}): {made} {{"
    return (
        [line]
        if len(line) <= _WIDTH
        else [f"  {name}(", *(f"    {one}," for one in taken), f"  ): {made} {{"]
    )


def _code(text: str) -> str:
    return re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL)


def _first_line(document: str) -> str:
    digest = hashlib.sha256(document.encode()).hexdigest()
    return f"// Written by `make openapi` from docs/openapi.json, sha256 {digest}.\n"
