"""A model that writes: asked in the best way it takes, again where that helps, and not for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aws.bedrock import prompt
from aws.bedrock.asking import LETTERS_A_TOKEN, Answer, request, stream
from aws.bedrock.breaker import Breaker
from aws.bedrock.cost import cost_usd
from aws.bedrock.failures import (
    RAISED,
    Failure,
    ModelFailure,
    NothingMoreError,
    PassingFailure,
    WayRefusedError,
    understood,
)
from aws.bedrock.prose import prose
from aws.bedrock.schema import read_draft
from aws.bedrock.settings import Model, Settings, Way
from aws.bedrock.store import Spend
from aws.clients import client
from engine.narrative.draft import Draft
from engine.narrative.verdict import Usage

#: Tries of one request, and the longest pause before the second one, which doubles.
_TRIES, _PAUSE, _LONGEST_PAUSE = 4, 0.5, 8.0


@dataclass(slots=True)
class Memory:
    """What this process has learnt of models: who fails, and what each of them refuses."""

    breaker: Breaker = field(default_factory=Breaker)
    refused_ways: set[tuple[str, Way]] = field(default_factory=set)
    not_quiet: set[str] = field(default_factory=set)


MEMORY = Memory()


@dataclass(slots=True)
class Author:
    """The asking for one narrative: its time, its money, and what was used of both.

    Attributes
    ----------
    pause
        Waits for so many seconds.
    """

    settings: Settings
    spend: Spend | None = None
    memory: Memory = field(default_factory=lambda: MEMORY)
    pause: Callable[[float], None] = time.sleep
    began: float = field(default_factory=time.monotonic)
    model_id: str = ""
    way: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    calls: int = 0

    def usage(self) -> Usage:
        """Return what was used so far."""
        seconds = time.monotonic() - self.began
        return Usage(
            self.model_id, self.way, self.input_tokens, self.output_tokens, self.cost, seconds,
            self.calls,
        )  # fmt: skip

    def write(
        self, model: Model, asked: str, on_text: Callable[[str], None] | None = None
    ) -> Draft:
        """Have a model answer a question.

        Raises
        ------
        Failure
            If it gave no draft; :class:`NothingMoreError` where no other model is to be asked.
        """
        rest = self.memory.breaker.rest(model.model_id)
        if rest > 0:
            raise ModelFailure(
                f"{model.model_id} has failed and is left alone for {rest:.0f} seconds more"
            )
        try:
            draft = self._in_some_way(model, asked, on_text)
        except NothingMoreError:
            raise
        except Failure as failure:
            is_unusable = isinstance(failure, ModelFailure)
            self.memory.breaker.failed(model.model_id, is_unusable=is_unusable)
            raise
        self.memory.breaker.succeeded(model.model_id)
        return draft

    def _in_some_way(
        self, model: Model, asked: str, on_text: Callable[[str], None] | None
    ) -> Draft:
        refused: Failure = ModelFailure(f"{model.model_id} refuses every kind of request")
        for way in model.ways:
            if (model.model_id, way) in self.memory.refused_ways:
                continue
            try:
                return self._readable(model, way, asked, on_text)
            except WayRefusedError as failure:
                self.memory.refused_ways.add((model.model_id, way))
                refused = failure
        raise ModelFailure(str(refused))

    def _readable(
        self, model: Model, way: Way, asked: str, on_text: Callable[[str], None] | None
    ) -> Draft:
        """Return a draft; an answer that cannot be read is asked for once more."""
        answer = self._patiently(model, way, asked, on_text)
        try:
            return read_draft(answer.written, is_cut=answer.is_cut)
        except ValueError as error:
            again = prompt.form_question(asked, str(error))
        answer = self._patiently(model, way, again, on_text)
        try:
            return read_draft(answer.written, is_cut=answer.is_cut)
        except ValueError as error:
            raise ModelFailure(
                f"{model.model_id} answered twice in a form that cannot be read"
            ) from error

    def _patiently(
        self, model: Model, way: Way, asked: str, on_text: Callable[[str], None] | None
    ) -> Answer:
        """Return an answer; what fails in passing is tried again after longer and longer pauses."""
        for failures in range(_TRIES):
            try:
                return self._once(model, way, asked, on_text)
            except PassingFailure as failure:
                # A random part of it, so that many who were refused do not come back at once.
                pause = random.uniform(0, min(_PAUSE * 2**failures, _LONGEST_PAUSE))
                if failures == _TRIES - 1 or self._left() < pause + 1:
                    raise
                last = failure
                self.pause(pause)
        raise last

    def _once(
        self, model: Model, way: Way, asked: str, on_text: Callable[[str], None] | None
    ) -> Answer:
        self._afford(model, asked)
        is_quiet = model.is_quiet and model.model_id not in self.memory.not_quiet
        answer = Answer()
        self.model_id, self.way = model.model_id, way
        self.calls += 1
        shown = on_text or (lambda text: None)
        try:
            runtime = client(
                "bedrock-runtime", 1, min(self.settings.silence, self.settings.seconds)
            )
            stream(
                runtime, request(model, way, asked, is_quiet=is_quiet), answer,
                lambda written: shown(prose(written)), lambda: self._left() < 0,
            )  # fmt: skip
        except RAISED as error:
            failure = understood(error, model.model_id)
            if is_quiet and isinstance(failure, WayRefusedError) and "thinking" in str(failure):
                self.memory.not_quiet.add(model.model_id)
                failure = PassingFailure(str(failure))
            raise failure from error
        finally:
            self._account(model, asked, answer)
        return answer

    def _left(self) -> float:
        return self.settings.seconds - (time.monotonic() - self.began)

    def _afford(self, model: Model, asked: str) -> None:
        """Refuse what would cost more than is left for today, or nobody knows how much."""
        if self._left() < 0:
            raise NothingMoreError("the language model took too long")
        if self.spend is None:
            return
        most = cost_usd(model.model_id, _tokens(prompt.SYSTEM + asked), model.max_tokens)
        if most is None:
            raise ModelFailure(
                f"the price of {model.model_id} is not known, so today's limit cannot be kept; "
                "add it to aws/prices.toml"
            )
        spent, cap = self.spend.spent_today() + (self.cost or 0.0), self.spend.daily_cap()
        if spent + most > cap:
            raise NothingMoreError(
                f"today's limit for language models is reached: {spent:.2f} of {cap:.2f} US "
                "dollars are spent"
            )

    def _account(self, model: Model, asked: str, answer: Answer) -> None:
        """Add what a request used: estimated where its stream broke off, nothing if none began."""
        came = answer.text or answer.tool_input or answer.thoughts or answer.stop
        if answer.input_tokens is None and not came:
            return
        tokens_in = answer.input_tokens
        if tokens_in is None:
            tokens_in = _tokens(prompt.SYSTEM + asked)
        tokens_out = answer.output_tokens
        if tokens_out is None:
            written = len(answer.text) + len(answer.tool_input) + answer.thoughts
            tokens_out = written // LETTERS_A_TOKEN + 1
        self.input_tokens += tokens_in
        self.output_tokens += tokens_out
        price = cost_usd(model.model_id, tokens_in, tokens_out)
        self.cost = None if price is None or self.cost is None else self.cost + price


def _tokens(text: str) -> int:
    return len(text) // LETTERS_A_TOKEN + 1
