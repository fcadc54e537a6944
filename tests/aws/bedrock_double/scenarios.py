"""How the double behaves: a name, and what becomes of each request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.aws.bedrock_double import writer
from tests.aws.bedrock_double.requests import Call


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered.

    Attributes
    ----------
    text
        The answer's JSON, or what the model writes instead.
    stop
        Why the model stops; ``tool_use`` is put where a tool is called.
    error, message, status
        An error instead of the answer.
    breaks_after
        Pieces of the stream after which the error comes, or the connection ends if there is none.
    is_corrupt
        Whether the piece there has a wrong checksum instead.
    seconds, piece_seconds
        Before the answer, and between its pieces.
    thoughts
        Of a block of reasoning in front.
    """

    text: str = ""
    stop: str = "end_turn"
    error: str = ""
    message: str = "injected"
    status: int = 400
    breaks_after: int | None = None
    is_corrupt: bool = False
    seconds: float = 0.0
    piece_seconds: float = 0.0
    thoughts: str = ""


Scenario = Callable[[Call], Reply]

_THROTTLED = Reply(error="ThrottlingException", message="Too many requests", status=429)
_SLOW = 600.0


def good(call: Call) -> Reply:
    """Answer well."""
    if call.rejected:
        return _json(writer.repaired(call.facts, call.rejected))
    return _json(writer.good(call.facts))


def wrong_numbers(call: Call) -> Reply:
    """Have wrong numbers, and put them right when told."""
    return good(call) if call.rejected else stubborn(call)


def stubborn(call: Call) -> Reply:
    """Have wrong numbers always."""
    return _json(writer.with_wrong_numbers(json.loads(good(call).text)))


def strange_accounts(call: Call) -> Reply:
    """Have made-up accounts always."""
    return _json(writer.with_strange_accounts(json.loads(good(call).text)))


def injection(call: Call) -> Reply:
    """Echo instructions that data may have had."""
    return _json(writer.with_injections(json.loads(good(call).text)))


def malformed(call: Call) -> Reply:
    """Answer with no JSON first."""
    return Reply("Sure! Here is the narrative: {sections: [") if call.number == 0 else good(call)


def cut_short(call: Call) -> Reply:
    """Come to the end of its tokens amid a sentence."""
    text = good(call).text
    return Reply(text[: 2 * len(text) // 3], stop="max_tokens")


def thinking(call: Call) -> Reply:
    """Think first, in a block of its own."""
    return replace(good(call), thoughts="The facts say that money moved in 3 steps. ")


def no_schema(call: Call) -> Reply:
    """Know no native schema."""
    refusal = "output_config.format: Extra inputs are not permitted"
    return Reply(error="ValidationException", message=refusal) if call.way == "schema" else good(
        call
    )  # fmt: skip


def no_forced_tool(call: Call) -> Reply:
    """Know neither a native schema nor a tool that must be called."""
    refusal = "tool_choice: forced tool use is not supported by this model"
    return Reply(error="ValidationException", message=refusal) if call.way == "tool" else no_schema(
        call
    )  # fmt: skip


def text_only(call: Call) -> Reply:
    """Know neither a native schema nor tools."""
    refusal = "tools.0.strict: Extra inputs are not permitted"
    return Reply(error="ValidationException", message=refusal) if call.way == "offer" else (
        no_forced_tool(call)
    )  # fmt: skip


def always_thinking(call: Call) -> Reply:
    """Refuse to have its thinking turned off."""
    if "additionalModelRequestFields" in call.request:
        refusal = "thinking.type: 'disabled' is not supported by this model"
        return Reply(error="ValidationException", message=refusal)
    return thinking(call)


def first_model_ended(call: Call) -> Reply:
    """Have its Haiku at the end of its life; other models answer."""
    ended = "This model version has reached the end of its life."
    gone = Reply(error="ResourceNotFoundException", message=ended, status=404)
    return gone if "haiku" in call.model else good(call)


def _json(answer: writer.Answer) -> Reply:
    return Reply(json.dumps(answer, ensure_ascii=False))


def _always(reply: Reply) -> Scenario:
    return lambda call: reply


def _at_first(times: int, reply: Reply) -> Scenario:
    return lambda call: reply if call.number < times else good(call)


def _spoilt(**how: object) -> Scenario:
    return lambda call: replace(good(call), **how)  # type: ignore[arg-type]


def _first_spoilt(**how: object) -> Scenario:
    return lambda call: good(call) if call.number else _spoilt(**how)(call)


SCENARIOS: dict[str, Scenario] = {
    "good": good,
    "wrong-numbers": wrong_numbers,
    "stubborn": stubborn,
    "strange-accounts": strange_accounts,
    "injection": injection,
    "malformed": malformed,
    "malformed-always": _always(Reply("I cannot write JSON today.")),
    "throttled": _at_first(2, _THROTTLED),
    "throttled-always": _always(_THROTTLED),
    "outage": _always(Reply(error="ServiceUnavailableException", status=503)),
    "mid-stream": _first_spoilt(error="throttlingException", breaks_after=6),
    "mid-stream-always": _spoilt(error="modelStreamErrorException", breaks_after=6),
    "cut": _first_spoilt(breaks_after=6),
    "corrupt": _first_spoilt(breaks_after=6, is_corrupt=True),
    "cut-always": _spoilt(breaks_after=6),
    "slow": _spoilt(seconds=_SLOW),
    "trickle": _spoilt(piece_seconds=0.2),
    "refusal": _always(Reply("I", stop="refusal")),
    "guardrail": _always(Reply("Blocked.", stop="guardrail_intervened")),
    "max-tokens": cut_short,
    "thinking": thinking,
    "always-thinking": always_thinking,
    "no-schema": no_schema,
    "no-forced-tool": no_forced_tool,
    "text-only": text_only,
    "denied": _always(Reply(error="AccessDeniedException", message="not allowed", status=403)),
    "ended": first_model_ended,
}
