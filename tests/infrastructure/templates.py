"""Templates as the tests read them: resources of all stacks together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk.assertions import Template

Resource = dict[str, Any]


@dataclass(frozen=True)
class Templates:
    """The templates of one synthesis.

    Attributes
    ----------
    folder
        Where they lie.
    """

    folder: Path

    @cached_property
    def stacks(self) -> dict[str, dict[str, Any]]:
        """Template by stack, without the prefix ``Ringleader``."""
        return {
            path.name.removeprefix("Ringleader").removesuffix(".template.json"): json.loads(
                path.read_text(encoding="utf-8")
            )
            for path in sorted(self.folder.glob("*.template.json"))
        }

    def of(self, stack: str) -> Template:
        """Return a stack's template for CDK's assertions."""
        return Template.from_json(self.stacks[stack])

    def all(self, kind: str = "") -> Iterator[tuple[str, Resource]]:
        """Yield ``stack/id`` and resource of every resource of a type, or of all."""
        for stack, template in self.stacks.items():
            for name, resource in template["Resources"].items():
                if kind in ("", resource["Type"]):
                    yield f"{stack}/{name}", resource

    def properties(self, kind: str) -> dict[str, Any]:
        """Return the properties of every resource of a type."""
        found = {name: resource.get("Properties", {}) for name, resource in self.all(kind)}
        assert found, f"there is no {kind}"
        return found

    def role(self, name: str) -> list[dict[str, Any]]:
        """Return the statements of the one role whose ``stack/id`` begins so."""
        (found,) = [role for id_, role in self.all("AWS::IAM::Role") if id_.startswith(name)]
        return statements(found)


def statements(role: Resource) -> list[dict[str, Any]]:
    """Return the statements of a role's own policies."""
    policies = role["Properties"].get("Policies", [])
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    """Return a list: CloudFormation writes a list of one as that one."""
    return value if isinstance(value, list) else [value]


def actions(granted: list[dict[str, Any]]) -> set[str]:
    """Return all actions of some statements."""
    return {action for statement in granted for action in listed(statement["Action"])}


def resources(granted: list[dict[str, Any]], action: str) -> set[str]:
    """Return on what an action is allowed, as text."""
    return {
        text(resource)
        for statement in granted
        if action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def text(value: Any) -> str:
    """Return a value as text, with what is only known at deployment in pointed brackets."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(text(part) for part in argument[1])
    if function == "Fn::GetAtt":
        return f"<{'.'.join(argument)}>"
    return str(argument) if function in ("Fn::ImportValue", "Fn::Sub") else f"<{argument}>"
