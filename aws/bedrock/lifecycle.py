"""How long the models that write narratives will be there, and in which regions they run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws.bedrock.settings import Model, Settings
from aws.clients import client, translated
from engine.errors import InputError

#: Days before a model's end from which another one is to be chosen.
_WARNING_DAYS = 60


@dataclass(frozen=True, slots=True)
class Health:
    """What Bedrock says of a model.

    Attributes
    ----------
    words
        A line for people, e.g. ``active until 2027-10-07 at least; runs in us-east-1, us-west-2``.
    is_right
        Whether it can be used, and for some time yet.
    until
        Its end as announced; ``None``: none is.
    regions
        Where a request may be answered: the profile's, or none that are known.
    """

    model_id: str
    words: str
    is_right: bool
    until: date | None = None
    regions: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The line with the model's id in front."""
        return f"{self.model_id}: {self.words}"


def health(settings: Settings | None = None, today: date | None = None) -> tuple[Health, ...]:
    """Ask Bedrock about the configured models, in their order; none where none is set up.

    Notes
    -----
    Two requests a model: keep the answer for an hour.
    """
    chosen = settings or Settings.read()
    day = today or datetime.now(UTC).date()
    return tuple(_of(model, day) for model in chosen.models)


def _of(model: Model, today: date) -> Health:
    try:
        bedrock = client("bedrock", 2, 5.0)
        foundation, regions = _behind(bedrock, model.model_id)
        details = bedrock.get_foundation_model(modelIdentifier=foundation)["modelDetails"]
    except (ClientError, BotoCoreError, InputError) as error:
        return Health(model.model_id, str(translated(error, "Bedrock does not tell")), False)
    return _told(model.model_id, details.get("modelLifecycle", {}), regions, today)


def _behind(bedrock: Any, model_id: str) -> tuple[str, tuple[str, ...]]:
    """Return the model that an id leads to, and the regions of its inference profile."""
    is_profile = model_id.startswith("arn:") or model_id.split(".")[0] != "anthropic"
    if not is_profile:
        return model_id, ()
    profile = bedrock.get_inference_profile(inferenceProfileIdentifier=model_id)
    arns = [str(one["modelArn"]) for one in profile["models"]]
    regions = dict.fromkeys(arn.split(":")[3] for arn in arns)
    return arns[0].rsplit("/", 1)[1], tuple(region for region in regions if region)


def _told(
    model_id: str, lifecycle: dict[str, Any], regions: tuple[str, ...], today: date
) -> Health:
    end = lifecycle.get("endOfLifeTime")
    until: date | None = end.date() if end else None
    is_active = lifecycle.get("status") == "ACTIVE"
    where = f"; runs in {', '.join(regions)}" if regions else ""
    if until is not None and until <= today:
        return Health(model_id, f"ended on {until}: choose another model", False, until, regions)
    if until is not None:
        left = (until - today).days
        state = "active" if is_active else "being retired: active only"
        end_words = f"{state} until {until}" + (" at least" if is_active else "")
        soon = f", in {left} days: choose another model" if left < _WARNING_DAYS else ""
        return Health(model_id, end_words + soon + where, is_active and not soon, until, regions)
    state = "active; no end is announced" if is_active else "being retired: choose another model"
    return Health(model_id, state + where, is_active, None, regions)
