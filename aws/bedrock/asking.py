"""One request to a model: how it is put in each way, and how its stream is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aws.bedrock.failures import ModelFailure, NothingMoreError, PassingFailure
from aws.bedrock.prompt import AS_TEXT, AS_TOOL, SYSTEM
from aws.bedrock.schema import ABOUT, NAME, SCHEMA
from aws.bedrock.settings import Model, Way

#: Letters a token, for a stream that broke off before it told its usage: rather too few.
LETTERS_A_TOKEN = 3
#: Why a model stopped where its answer has an end that was cut off.
_CUT = {"max_tokens", "model_context_window_exceeded"}
_DECLINED = {"refusal", "content_filtered", "guardrail_intervened"}


@dataclass(slots=True)
class Answer:
    """What a model wrote, as far as it has come.

    Attributes
    ----------
    text, tool_input
        Text blocks, and what the tool was called with, both as JSON in text.
    thoughts
        Letters of reasoning: paid for, and never read.
    stop
        Why it stopped; empty: the stream ended too early.
    input_tokens, output_tokens
        ``None`` until Bedrock tells them.
    """

    text: str = ""
    tool_input: str = ""
    thoughts: int = 0
    stop: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    _tools: set[int] = field(default_factory=set)

    @property
    def written(self) -> str:
        """The JSON: the tool's input where it was called."""
        return self.tool_input or self.text

    @property
    def is_cut(self) -> bool:
        """Whether the model was stopped before its end."""
        return self.stop in _CUT

    def take(self, event: dict[str, Any]) -> None:
        """Take one event of a stream; blocks go by their type, not by their order."""
        if "contentBlockDelta" in event:
            delta = event["contentBlockDelta"].get("delta", {})
            self.text += delta.get("text", "")
            self.tool_input += delta.get("toolUse", {}).get("input", "")
            self.thoughts += len(delta.get("reasoningContent", {}).get("text", ""))
        elif "messageStop" in event:
            self.stop = event["messageStop"].get("stopReason", "")
        elif "metadata" in event:
            usage = event["metadata"].get("usage", {})
            cached = usage.get("cacheReadInputTokens", 0) + usage.get("cacheWriteInputTokens", 0)
            self.input_tokens = usage.get("inputTokens", 0) + cached
            self.output_tokens = usage.get("outputTokens", 0)

    def check(self, model_id: str) -> None:
        """Check how it ended.

        Raises
        ------
        Failure
            If it did not end, or the model declined.
        """
        if not self.stop:
            raise PassingFailure(f"the answer of {model_id} broke off")
        if self.stop in _DECLINED:
            raise NothingMoreError(f"{model_id} declined to write about this alert ({self.stop})")
        if self.is_cut and not self.written:
            raise ModelFailure(f"{model_id} came to no answer within its limit of words")


def request(model: Model, way: Way, asked: str, *, is_quiet: bool) -> dict[str, Any]:
    """Return the parameters of Converse; none of sampling, which Claude 5 refuses."""
    rules = {"text": [AS_TEXT], "schema": []}.get(way, [AS_TOOL])
    told: dict[str, Any] = {
        "modelId": model.model_id,
        "system": [{"text": text} for text in (SYSTEM, *rules)],
        "messages": [{"role": "user", "content": [{"text": asked}]}],
        # Bedrock reserves as much of the quota; without it, all that the model could write.
        "inferenceConfig": {"maxTokens": model.max_tokens},
    }
    if is_quiet:
        told["additionalModelRequestFields"] = {"thinking": {"type": "disabled"}}
    if way == "schema":
        schema = {"name": NAME, "description": ABOUT, "schema": json.dumps(SCHEMA)}
        structure = {"jsonSchema": schema}
        told["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": structure}}
    elif way in ("tool", "offer"):
        spec = {"name": NAME, "description": ABOUT, "strict": True, "inputSchema": {"json": SCHEMA}}
        choice: dict[str, Any] = {"tool": {"name": NAME}} if way == "tool" else {"auto": {}}
        told["toolConfig"] = {"tools": [{"toolSpec": spec}], "toolChoice": choice}
    return told


def stream(
    client: Any, parameters: dict[str, Any], answer: Answer,
    on_written: Callable[[str], None], is_late: Callable[[], bool],
) -> None:  # fmt: skip
    """Send a request and fill the answer as it comes.

    Raises
    ------
    Failure, or any of ``failures.RAISED``
        If it ends badly; ``answer`` has what came before.
    """
    events = client.converse_stream(**parameters)["stream"]
    try:
        for event in events:
            before = answer.written
            answer.take(event)
            if answer.written != before:
                on_written(answer.written)
            if is_late():
                raise NothingMoreError(f"{parameters['modelId']} took too long")
    finally:
        events.close()
    answer.check(parameters["modelId"])
