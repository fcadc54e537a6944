"""Asking the deployed API: requests signed with the credentials that boto3 finds."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.httpsession import URLLib3Session

from engine.errors import InputError, RunError

_SECONDS = 10.0


def ask(
    infer_url: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """Send a signed request; return the status and the JSON object that came back.

    Parameters
    ----------
    infer_url
        Address of ``POST /infer``.
    path
        ``/infer``, ``/explain`` or ``/health``; the last takes no body.

    Raises
    ------
    InputError
        If there are no credentials or no region.
    RunError
        If nothing answers, or what does is not the API.
    """
    address = infer_url.removesuffix("/infer") + path
    data = None if body is None else json.dumps(body).encode()
    request = AWSRequest(
        "GET" if data is None else "POST", address, data=data,
        headers={"Content-Type": "application/json", "Host": urlsplit(address).netloc},
    )  # fmt: skip
    session = boto3.Session()
    try:
        credentials = session.get_credentials()
        if credentials is None or session.region_name is None:
            raise InputError(
                f"{address}: no AWS credentials or no region; run `aws configure`, or set "
                "AWS_PROFILE"
            )
        SigV4Auth(credentials, "execute-api", session.region_name).add_auth(request)
        answer = _http().send(request.prepare())
    except (BotoCoreError, HTTPClientError) as error:
        raise RunError(f"{address}: {error}") from error
    try:
        told = json.loads(answer.content)
    except ValueError as error:
        raise RunError(f"{address}: status {answer.status_code}, and no JSON") from error
    return int(answer.status_code), told if isinstance(told, dict) else {"message": str(told)}


@cache
def _http() -> URLLib3Session:
    return URLLib3Session(timeout=_SECONDS)
