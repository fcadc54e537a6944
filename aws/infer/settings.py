"""Settings of real-time scoring, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass

from aws import names
from engine.errors import InputError

#: Risk from which a transaction is told to the topic; default 0.8.
ALERT_RISK = "RINGLEADER_ALERT_RISK"
#: Where it is set, requests on this machine need it: ``Authorization: Bearer <token>``.
TOKEN = "RINGLEADER_INFER_TOKEN"
_DEFAULT_ALERT_RISK = 0.8


@dataclass(frozen=True, slots=True)
class Settings:
    """What real-time scoring is told.

    Attributes
    ----------
    profiles, lake
        Addresses of the store of profiles and of the lake with the scorers.
    topic
        ARN of the topic of alerts; empty: none are sent.
    bedrock_model
        Model or inference profile that writes explanations; empty: a template does.
    """

    profiles: str
    lake: str
    topic: str = ""
    alert_risk: float = _DEFAULT_ALERT_RISK
    bedrock_model: str = ""

    @classmethod
    def load(cls) -> Settings:
        """Read the environment.

        Raises
        ------
        InputError
            If something is missing or is not what it must be.
        """
        missing = [name for name in (names.PROFILES, names.LAKE) if not os.environ.get(name)]
        if missing:
            raise InputError(f"real-time scoring needs {' and '.join(missing)}")
        given = os.environ.get(ALERT_RISK) or _DEFAULT_ALERT_RISK
        try:
            risk = float(given)
        except ValueError as error:
            raise InputError(f"{ALERT_RISK} is {given!r}, not a number") from error
        if not 0 <= risk <= 1:
            raise InputError(f"{ALERT_RISK} is {given}; it must lie between 0 and 1")
        return cls(
            os.environ[names.PROFILES], os.environ[names.LAKE],
            os.environ.get(names.TOPIC, ""), risk, os.environ.get(names.BEDROCK_MODEL, ""),
        )  # fmt: skip
