"""Scoring one transaction: read both profiles, score, alert, and record it once."""

from __future__ import annotations

import hashlib
import json
import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from aws.infer.alert import Alerts
from aws.infer.models import (
    FieldProblem,
    InferAnswer,
    InferRequest,
    ReasonOut,
    RingOut,
    Scores,
    moment_of,
)
from aws.infer.settings import Settings
from engine.errors import EngineError, RunError
from engine.realtime.coding import decode, encode
from engine.realtime.profile import EMPTY, Profile, record
from engine.realtime.reasons import reasons_of
from engine.realtime.scorer import Scored, Scorer
from engine.realtime.scorer_file import read_scorer, version_of
from engine.realtime.store import Answered, Change, Pointer, ProfileStore, Reading, open_profiles
from engine.realtime.transaction import Transaction
from engine.risk_bands import band_of
from engine.storage import is_address, open_store

#: The pointer to the scorer is read again after so many seconds.
_RECHECK = 60.0
#: A commit that somebody else forestalled is tried again so often.
_ATTEMPTS = 6
_DAY = 86_400
_log = logging.getLogger("ringleader.infer")


class NoModelError(EngineError):
    """No run has been published yet."""


class RepeatedError(EngineError):
    """A transaction id came again with another content."""


class FieldError(EngineError):
    """A field cannot be accepted, for a reason that only the scorer knows."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.problem = FieldProblem(field=name, message=message)


@dataclass
class Service:
    """Scores transactions against a store of profiles and the scorer in use.

    Attributes
    ----------
    read_file
        Returns a file of the lake by its key, None where there is none.
    clock
        Seconds since 1970.
    """

    store: ProfileStore
    read_file: Callable[[str], bytes | None]
    alerts: Alerts
    clock: Callable[[], float] = time.time
    _pointer: Pointer | None = None
    _scorer: Scorer | None = None
    _checked: float = field(default=float("-inf"))

    @classmethod
    def of(cls, settings: Settings) -> Service:
        """Make the service that settings describe."""
        store = open_profiles(settings.profiles)
        alerts = Alerts(store, settings.topic, settings.alert_risk)
        return cls(store, file_reader(settings.lake), alerts)

    def in_use(self, *, look_up: bool = False) -> tuple[Scorer, Pointer]:
        """Return the scorer in use; which one that is, is looked up once a minute.

        Parameters
        ----------
        look_up
            Look it up now.

        Raises
        ------
        NoModelError
            If no run was published.
        RunError
            If the scorer's file is gone or is another one.
        """
        if look_up or self._scorer is None or time.monotonic() - self._checked > _RECHECK:
            pointer = self.store.pointer()
            if pointer is None:
                raise NoModelError("no run has been published for real-time scoring yet")
            if self._scorer is None or pointer != self._pointer:
                self._switch(pointer)
            self._checked = time.monotonic()
        assert self._scorer is not None
        assert self._pointer is not None
        return self._scorer, self._pointer

    def infer(self, request: InferRequest) -> InferAnswer:
        """Score a transaction and record it, once for each transaction id.

        Raises
        ------
        RepeatedError
            If the id came before with another content.
        FieldError
            If its time lies in the future.
        """
        scorer, _ = self.in_use()
        now = self.clock()
        transaction = self._transaction(request, scorer, now)
        known_id = request.transaction_id or ""
        alert = None
        for attempt in range(_ATTEMPTS):
            reading = self._read(transaction, known_id, now)
            if reading.answer is not None:
                return _same_answer(reading.answer, request)
            profiles = {a: decode(stored.body) for a, stored in reading.profiles.items()}
            scored = _score(scorer, profiles, transaction)
            answer = _answer(scorer, scored, transaction, request)
            if not request.record:
                return answer
            if alert is None or alert == "below":
                alert = self.alerts.tell(answer, transaction, int(now))
            answer = answer.model_copy(update={"alert": alert, "recorded": True})
            if self._commit(reading, profiles, transaction, scorer, request, answer, now):
                return answer
            time.sleep(random.uniform(0, 0.005 * 2**attempt))
        # Its accounts are too busy just now: the score stands, and sent again it can be recorded.
        return answer.model_copy(update={"recorded": False})

    def score_only(self, request: InferRequest) -> tuple[InferAnswer, Scored]:
        """Score a transaction and remember nothing."""
        scorer, _ = self.in_use()
        now = self.clock()
        transaction = self._transaction(request, scorer, now)
        profiles = {a: decode(s.body) for a, s in self._read(transaction, "", now).profiles.items()}
        scored = _score(scorer, profiles, transaction)
        return _answer(scorer, scored, transaction, request), scored

    def _switch(self, pointer: Pointer) -> None:
        """Use another scorer; where it cannot be read, the one in use stays in use."""
        try:
            self._scorer, self._pointer = self._load(pointer), pointer
        except EngineError as error:
            if self._scorer is None:
                raise
            _log.error("run %s cannot be used: %s", pointer.run_id, error)

    def _load(self, pointer: Pointer) -> Scorer:
        content = self.read_file(pointer.key)
        if content is None or version_of(content) != pointer.version:
            raise RunError(
                f"the scorer of run {pointer.run_id} is not in the lake any more; publish a run"
            )
        return read_scorer(content)

    def _transaction(self, request: InferRequest, scorer: Scorer, now: float) -> Transaction:
        seconds = int(now)
        if request.time is not None:
            seconds = int(moment_of(request.time).timestamp() // 1)
            # A wrong clock must not end the memory of an account: profiles go by the latest time.
            if seconds > max(now, scorer.last_time) + _DAY:
                raise FieldError("time", "lies more than a day in the future")
        return Transaction(
            request.sender, request.receiver, request.amount, seconds, request.type,
            request.sender_balance, request.receiver_balance,
        )  # fmt: skip

    def _read(self, transaction: Transaction, known_id: str, now: float) -> Reading:
        accounts = list({transaction.sender: None, transaction.receiver: None})
        return self.store.read(accounts, known_id, int(now))

    def _commit(
        self,
        reading: Reading,
        profiles: dict[str, Profile],
        transaction: Transaction,
        scorer: Scorer,
        request: InferRequest,
        answer: InferAnswer,
        now: float,
    ) -> bool:
        after = record(profiles, transaction, scorer.spec.keep_seconds)
        seen = {account: stored.version for account, stored in reading.profiles.items()}
        changes = {a: Change(encode(new), seen.get(a, 0)) for a, new in after.items()}
        answered = None
        if request.transaction_id:
            told = {"asked": _fingerprint(request), "answer": answer.model_dump()}
            answered = Answered(request.transaction_id, json.dumps(told).encode(), int(now) + _DAY)
        return self.store.commit(changes, answered)


def file_reader(lake: str) -> Callable[[str], bytes | None]:
    """Return the function that reads small files of a lake, a folder or an address."""
    if is_address(lake):
        return open_store(lake).read

    def read(key: str) -> bytes | None:
        path = Path(lake) / key
        return path.read_bytes() if path.exists() else None

    return read


def _score(scorer: Scorer, profiles: dict[str, Profile], transaction: Transaction) -> Scored:
    sender = profiles.get(transaction.sender, EMPTY)
    return scorer.score(sender, profiles.get(transaction.receiver, EMPTY), transaction)


def _answer(
    scorer: Scorer, scored: Scored, transaction: Transaction, request: InferRequest
) -> InferAnswer:
    """Return the answer of a transaction that is not recorded."""
    risk = min(max(scored.risk, 0.0), 1.0)
    return InferAnswer(
        transaction_id=request.transaction_id or uuid.uuid4().hex,
        risk=risk,
        base_risk=min(max(scored.base_risk, 0.0), 1.0),
        band=band_of(risk),
        scores=Scores(
            rule=scored.rule, anomaly=scored.anomaly, fraud_probability=scored.probability
        ),
        reasons=[
            ReasonOut(code=one.code, text=one.text, value=one.value, threshold=one.threshold,
                      contribution=one.contribution)
            for one in reasons_of(scorer, scored, transaction)
        ],
        rings=[
            RingOut(ring_id=one.ring_id, typology=one.typology, role=one.role, score=one.score,
                    side=one.side)
            for one in scored.links
        ],
        alert="off",
        recorded=False,
        model_version=scorer.version,
        run_id=scorer.run_id,
    )  # fmt: skip


def _same_answer(stored: bytes, request: InferRequest) -> InferAnswer:
    told = json.loads(stored)
    if told["asked"] != _fingerprint(request):
        raise RepeatedError(
            f"transaction_id {request.transaction_id!r} was used within a day for another "
            "transaction"
        )
    return InferAnswer.model_validate(told["answer"])


def _fingerprint(request: InferRequest) -> str:
    """Return what tells two requests apart, save whether they are to be recorded."""
    return hashlib.sha256(request.model_dump_json(exclude={"record"}).encode()).hexdigest()
