"""boto3 clients, made once and shared, and what their errors mean."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from engine.errors import EngineError, InputError, RunError

_SETUP = (NoCredentialsError, NoRegionError, ProfileNotFound)
_DENIED = ("AccessDenied", "AccessDeniedException", "403", "InvalidAccessKeyId")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException")
#: Throttling, 5xx answers and broken connections are tried again, with longer and longer waits.
_TRIES = 6
_SILENCE = 60.0
_CONFIG = Config(connect_timeout=5, max_pool_connections=16)


@cache
def client(service: str, tries: int = _TRIES, silence: float = _SILENCE) -> Any:
    """Return the client of an AWS service; clients may be shared by threads.

    Parameters
    ----------
    tries
        How often a request is sent at most; 1 where sending it twice would do it twice.
    silence
        Seconds without an answer, or more of it, after which a try has failed.

    Raises
    ------
    InputError
        If the profile or the region that is set up cannot be used.
    """
    try:
        retries = {"mode": "standard", "total_max_attempts": tries}
        own = Config(retries=retries, read_timeout=silence)
        return boto3.client(service, config=_CONFIG.merge(own))
    except BotoCoreError as error:
        raise InputError(f"AWS {service}: {_text(error)}") from error


def translated(error: Exception, where: str) -> EngineError:
    """Return an error of boto3 as one of ours: what, where, and how to mend it."""
    is_denied = isinstance(error, ClientError) and error_code(error) in (*_DENIED, *_EXPIRED)
    kind = InputError if is_denied or isinstance(error, _SETUP) else RunError
    return kind(f"{where}: {_text(error)}")


def error_code(error: ClientError) -> str:
    """Return the code that AWS gives an error, e.g. ``NoSuchKey``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _text(error: Exception) -> str:
    if isinstance(error, NoCredentialsError):
        return "no AWS credentials were found; run `aws configure`, or set AWS_PROFILE"
    if isinstance(error, ProfileNotFound):
        return f"{error}; set AWS_PROFILE to one that `aws configure list-profiles` names"
    if isinstance(error, NoRegionError):
        return "no AWS region is set; run `aws configure`, or set AWS_DEFAULT_REGION"
    if isinstance(error, EndpointConnectionError):
        return f"{error}; check the network and AWS_ENDPOINT_URL"
    if isinstance(error, ClientError):
        told_by_aws = error.response.get("Error", {})
        code, message = error_code(error), told_by_aws.get("Message", "")
        if code in _EXPIRED:
            return "the AWS session has expired; sign in again"
        if code in _DENIED:
            return f"access denied ({message}); the role or user lacks a permission for this"
        return f"{code}: {message}" if message else str(error)
    return str(error)
