"""What came to the double, and what the real service would refuse of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

#: JSON Schema that Bedrock compiles; everything else is refused at once.
_KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "description",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A request.

    Attributes
    ----------
    number
        Of this one among all, from 0.
    """

    operation: str
    model: str
    request: dict[str, Any]
    number: int

    @property
    def way(self) -> str:
        """How it asks for JSON."""
        if "outputConfig" in self.request:
            return "schema"
        if "toolConfig" in self.request:
            return "tool" if "tool" in self.request["toolConfig"]["toolChoice"] else "offer"
        return "text"

    @property
    def asked(self) -> str:
        """The question."""
        return str(self.request["messages"][-1]["content"][0]["text"])

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The facts in it."""
        told = json.JSONDecoder().raw_decode(self.asked, self.asked.index("{"))[0]
        return list(told["facts"])

    @property
    def rejected(self) -> list[dict[str, Any]]:
        """Sentences to be put right, if it asks for that."""
        if "were rejected" not in self.asked:
            return []
        return list(json.JSONDecoder().raw_decode(self.asked, self.asked.index("\n[") + 1)[0])

    def fault(self) -> str:
        """Return why every model of Bedrock refuses it, if so."""
        sampling = {"temperature", "topP", "topK"} & set(self.request.get("inferenceConfig", {}))
        if sampling:
            return f"`{min(sampling)}` is deprecated for this model."
        if "maxTokens" not in self.request.get("inferenceConfig", {}):
            return "the double demands maxTokens: without it the quota is used up"
        if self.way == "schema":
            structure = self.request["outputConfig"]["textFormat"]["structure"]
            return schema_fault(json.loads(structure["jsonSchema"]["schema"]))
        if self.way != "text":
            spec = self.request["toolConfig"]["tools"][0]["toolSpec"]
            return schema_fault(spec["inputSchema"]["json"])
        return ""


def schema_fault(schema: dict[str, Any]) -> str:
    """Return why a schema is refused, if so."""
    strange = set(schema) - _KEYWORDS
    if strange:
        return f"output_config.format.schema: For '{schema['type']}' type, property " + (
            f"'{min(strange)}' is not supported"
        )
    if schema["type"] == "object" and schema.get("additionalProperties") is not False:
        return "output_config.format.schema: 'additionalProperties' must be explicitly false"
    parts = [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]
    return next(filter(None, map(schema_fault, parts)), "")
