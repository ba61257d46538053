"""``template.yaml`` as its tests read it: tags as plain mappings, Globals merged into the functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from samcli.yamlhelper import yaml_parse

ROOT: Final = Path(__file__).resolve().parents[2]

Node = dict[str, Any]


@cache
def template() -> Node:
    parsed: Node = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


def resources(kind: str) -> dict[str, Node]:
    """Logical id → properties of every resource of type ``kind``."""
    found = template()["Resources"].items()
    return {name: node.get("Properties", {}) for name, node in found if node["Type"] == kind}


def functions() -> dict[str, Node]:
    return resources("AWS::Serverless::Function")


def setting(function: Node, name: str) -> Any:
    """A function's own setting, or the one of all."""
    return function.get(name, template()["Globals"]["Function"].get(name))


def environment(function: Node) -> Node:
    """The variables a function sees."""
    shared: Node = template()["Globals"]["Function"]["Environment"]["Variables"]
    return {**shared, **function.get("Environment", {}).get("Variables", {})}


def statements(function: Node) -> Iterator[tuple[str, str, Any]]:
    """``(effect, action, resource)`` of everything a function's policies say, one action at a time."""
    for policy in function.get("Policies", []):
        for statement in policy["Statement"]:
            for action in statement["Action"]:
                yield statement["Effect"], action, statement["Resource"]


def target(node: Any) -> str:
    """The logical id that ``Ref``, ``Fn::GetAtt`` or ``Fn::Sub`` points at, with what follows it in the last; a table's
    stream is a thing of its own, and a text is itself."""
    if isinstance(node, str):
        return node
    if "Ref" in node:
        return str(node["Ref"])
    if "Fn::GetAtt" in node:
        name, attribute = node["Fn::GetAtt"]
        return f"{name}/stream" if attribute == "StreamArn" else str(name)
    text = str(node["Fn::Sub"])
    return text.replace("${", "").replace(".Arn}", "").replace("}", "")


def alarms(namespace: str, metric: str) -> set[str]:
    """What an alarm of this metric watches: logical ids, or the plain value of its dimension."""
    return {
        value if isinstance(value := alarm["Dimensions"][0]["Value"], str) else target(value)
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == namespace and alarm["MetricName"] == metric
    }


def folder_of(function: str) -> str:
    """The folder of a function, by its logical id: ``run_out`` of ``RunOutFunction``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", function.removesuffix("Function")).lower()
