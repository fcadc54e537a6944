"""What a check of a draft against its ledger found, and the narrative that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.narrative.draft import Advice, Role, Sentence

#: Who wrote a line: a model at once, a model when it was told what was wrong, or the template.
Origin = Literal["model", "repair", "template"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence with what is wrong with it: nothing, where it is verified.

    Attributes
    ----------
    problems
        Each in words, e.g. ``₹9,90,000 stands in none of the cited facts``.
    """

    sentence: Sentence
    problems: tuple[str, ...]

    @property
    def is_verified(self) -> bool:
        """Whether every number, moment, and account in it stands in a fact that it cites."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it is shown: verified, always. ``origin`` tells who wrote it."""

    text: str
    fact_ids: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one role."""

    role: Role
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A sentence that was not verified: shown to reviewers, struck through, never as text."""

    role: Role
    text: str
    problems: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model took.

    Attributes
    ----------
    cost_usd
        ``None`` where the model's price is not known.
    rung
        How it was asked: ``schema``, ``tool``, ``text``.
    """

    model: str
    rung: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    seconds: float
    calls: int


@dataclass(frozen=True, slots=True)
class Narrative:
    """A narrative in which every line is verified.

    Attributes
    ----------
    source
        ``template``: the program alone wrote it; ``model``: at least one line is a model's.
    ledger_sha256
        The ledger that it was verified against.
    coverage
        Share of the ledger's key facts that it cites.
    n_checked
        Numbers, moments, and accounts that were looked for in cited facts, all of them found.
    rejected
        Sentences of the model that were replaced.
    why_template
        Why no model wrote it, for who reads it; ``None`` where one did, or none was asked.
    """

    source: Literal["template", "model"]
    parts: tuple[Part, ...]
    ledger_sha256: str
    coverage: float
    n_checked: int
    rejected: tuple[Rejected, ...] = ()
    advice: Advice | None = None
    usage: Usage | None = None
    why_template: str | None = None

    def text(self) -> str:
        """Return the narrative as plain paragraphs, one a part."""
        return "\n\n".join(" ".join(line.text for line in part.lines) for part in self.parts)
