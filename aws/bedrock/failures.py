"""What can go wrong with a model, and what is to be done then: wait, ask otherwise, or leave it."""

from __future__ import annotations

import re

from botocore.eventstream import ParserError
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

# botocore lets these of urllib3 through while it reads a stream, and does not wrap them.
from botocore.httpsession import ProtocolError
from botocore.httpsession import URLLib3ReadTimeoutError as StreamTimeoutError

from aws.clients import error_code, translated
from engine.errors import EngineError

_BROKEN = (ProtocolError, StreamTimeoutError, ParserError)
#: All that a request and its stream raise.
RAISED = (ClientError, BotoCoreError, EngineError, *_BROKEN)

#: What passes by itself. Lower case: exceptions inside a stream begin with a small letter.
_PASSING = {
    "throttlingexception", "serviceunavailableexception", "internalserverexception",
    "modelnotreadyexception", "modeltimeoutexception", "modelerrorexception",
    "modelstreamerrorexception", "toomanyrequestsexception",
}  # fmt: skip
#: A request that is not valid however its answer is asked for.
_OF_THE_MODEL = re.compile(
    r"model identifier|end of (its )?life|legacy|on-demand throughput|too long|use case", re.I
)


class Failure(Exception):
    """A model gave no answer; the message says why in plain words."""


class PassingFailure(Failure):
    """The same request may succeed a little later."""


class WayRefusedError(Failure):
    """The model does not take a request of this kind; another way may do."""


class ModelFailure(Failure):
    """This model will not answer now; another one may."""


class NothingMoreError(Failure):
    """No model is to be asked: the time or the money for it is used up, or one has declined."""


def understood(error: Exception, model_id: str) -> Failure:
    """Return what an error of the request means."""
    if isinstance(error, ClientError):
        return _told(error, model_id)
    if isinstance(error, ReadTimeoutError):
        return ModelFailure(f"{model_id} was silent for too long")
    if isinstance(error, _BROKEN):
        return PassingFailure(f"the connection to {model_id} broke off")
    if isinstance(error, EngineError):
        return NothingMoreError(str(error))
    kind = type(error).__name__
    if kind in (
        "NoCredentialsError",
        "NoRegionError",
        "ProfileNotFound",
        "PartialCredentialsError",
    ):
        return NothingMoreError(str(translated(error, "Amazon Bedrock")))
    return PassingFailure(f"{model_id} could not be reached ({kind})")


def _told(error: ClientError, model_id: str) -> Failure:
    code, message = error_code(error), str(error.response.get("Error", {}).get("Message", ""))
    if code.lower() in _PASSING:
        return PassingFailure(f"{model_id} is overloaded or out of order ({code})")
    if code.lower() == "validationexception" and not _OF_THE_MODEL.search(message):
        return WayRefusedError(f"{model_id} refuses the request: {message:.200}")
    return ModelFailure(f"{model_id} cannot be used: {code}: {message:.200}")
