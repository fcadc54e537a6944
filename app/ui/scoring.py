"""Real-time scoring as the Score page sees it: the deployed API, or the same service in-process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from pydantic import ValidationError

from app.ui import account_ids, cache, desk, pseudonyms
from aws import names
from aws.infer.alert import Alerts
from aws.infer.explain import explained
from aws.infer.models import ExplainAnswer, FieldProblem, InferAnswer, InferRequest, Problem
from aws.infer.remote import ask
from aws.infer.service import FieldError, RepeatedError, Service, file_reader
from aws.infer.settings import ALERT_RISK, Settings
from engine.errors import InputError, RunError
from engine.lake import Lake
from engine.progress import Progress
from engine.realtime.publish import publish
from engine.realtime.store import Pointer, open_profiles
from engine.workbench.masked import masked_errors
from engine.workbench.run_orders import check_scoring, order_publishing, order_recorded_scoring

Answer = TypeVar("Answer", InferAnswer, ExplainAnswer)


class RefusedError(InputError):
    """The service refuses a transaction; ``fields`` say what is wrong with which."""

    def __init__(self, message: str, fields: list[FieldProblem]) -> None:
        super().__init__(message)
        self.fields = fields


@dataclass(frozen=True, slots=True)
class InUse:
    """What scores: the run, its model's version, and when it was finished (ISO 8601)."""

    run_id: str
    version: str
    finished: str


def deployed_url() -> str:
    """Return the address of the deployed ``POST /infer``; empty where this machine scores."""
    return os.environ.get(names.INFER_URL, "")


def in_use() -> InUse | None:
    """Return what scores, ``None`` where no run was published.

    Raises
    ------
    EngineError
        If the deployed service does not answer.
    """
    if deployed_url():
        status, told = ask(deployed_url(), "/health")
        if status == 503 and told.get("error") == "no_model":
            return None
        _accept(status, told)
        return InUse(told["run_id"], told["model_version"], told["finished"])
    pointer: Pointer | None = open_profiles(_profiles(cache.lake())).pointer()
    return None if pointer is None else InUse(pointer.run_id, pointer.version, pointer.finished)


def publish_run(run_id: str, progress: Progress) -> None:
    """Let a run score on this machine; its history goes into the accounts' profiles.

    Raises
    ------
    EngineError
        If the run cannot score.
    """
    lake = cache.lake()
    desk.write(order_publishing, run_id)
    publish(lake.run(run_id), open_profiles(_profiles(lake)), progress=progress)
    _service.clear()


def score(body: dict[str, Any]) -> InferAnswer:
    """Score a transaction; ``body`` is that of ``POST /infer``.

    Raises
    ------
    RefusedError
        If a field cannot be accepted.
    EngineError
        If nothing can be scored just now.
    """
    with _asking(body) as asked:
        request = None if deployed_url() else _request(asked)
        _order(asked)
        if request is None:
            status, told = ask(deployed_url(), "/infer", asked)
            return _shown(InferAnswer.model_validate(_accept(status, told)), asked)
        return _shown(_own().infer(request), asked)


def explain(body: dict[str, Any]) -> ExplainAnswer:
    """Score a transaction without remembering it, and say why in a few sentences.

    Raises
    ------
    RefusedError
        If a field cannot be accepted.
    EngineError
        If nothing can be scored just now.
    """
    with _asking(body) as asked:
        desk.read(check_scoring)
        if deployed_url():
            status, told = ask(deployed_url(), "/explain", asked)
            return _shown(ExplainAnswer.model_validate(_accept(status, told)), asked)
        request = _request(asked)
        answer, _ = _own().score_only(request)
        told_of = explained(answer, request, os.environ.get(names.BEDROCK_MODEL, ""))
        return _shown(told_of, asked)


def _shown(answer: Answer, asked: dict[str, Any]) -> Answer:
    """Return an answer as it may be shown: its texts name both accounts."""
    accounts = [str(asked[end]) for end in ("sender", "receiver") if asked.get(end)]
    return answer.model_validate(account_ids.shown(answer.model_dump(), accounts))


def _order(asked: dict[str, Any]) -> None:
    """Record what will be remembered; what is only tried out has to be permitted."""
    if not asked.get("record"):
        desk.read(check_scoring)
        return
    sender, receiver = str(asked.get("sender") or ""), str(asked.get("receiver") or "")
    desk.write(order_recorded_scoring, sender, receiver, asked.get("amount"))


@contextmanager
def _asking(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give what is asked for with the accounts that have pseudonyms; no error then names these."""
    by = desk.masker()
    asked = pseudonyms.original(body, by)
    with masked_errors(by, asked.accounts):
        try:
            with _refusing():
                yield asked.kwargs
        except RefusedError as error:
            if by is not None:
                error.fields = [
                    one.model_copy(update={"message": by.text(one.message, asked.accounts)})
                    for one in error.fields
                ]
            raise


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the service refuses into one kind of error, as the deployed API's answers are."""
    try:
        yield
    except FieldError as error:
        raise RefusedError(str(error), [error.problem]) from error
    except RepeatedError as error:
        raise RefusedError(str(error), []) from error


def _own() -> Service:
    lake = cache.lake()
    return _service(_profiles(lake), str(lake.root))


@st.cache_resource(max_entries=2, show_spinner=False)
def _service(profiles: str, lake: str) -> Service:
    settings = Settings(profiles, lake, os.environ.get(names.TOPIC, ""))
    risk = float(os.environ.get(ALERT_RISK) or settings.alert_risk)
    store = open_profiles(profiles)
    return Service(store, file_reader(lake), Alerts(store, settings.topic, risk))


def _profiles(lake: Lake) -> str:
    return f"sqlite:///{lake.root.resolve() / 'profiles.sqlite'}"


def _request(body: dict[str, Any]) -> InferRequest:
    try:
        return InferRequest.model_validate(body)
    except ValidationError as error:
        problems = [
            FieldProblem(
                field=".".join(map(str, one["loc"])),
                message=one["msg"].removeprefix("Value error, "),
            )
            for one in error.errors()
        ]
        raise RefusedError("some fields cannot be accepted", problems) from error


def _accept(status: int, told: dict[str, Any]) -> dict[str, Any]:
    """Return the body of an answer that is a success.

    Raises
    ------
    RefusedError, EngineError
        If it is none.
    """
    if status == 200:
        return told
    problem = Problem.model_validate({"error": "", "message": f"HTTP status {status}", **told})
    if status in (409, 422):
        raise RefusedError(problem.message, problem.fields)
    raise RunError(f"{deployed_url()}: {problem.message}")
