"""Credentials of a role, as AWS's services get them: without being one of those it trusts."""

from __future__ import annotations

import hashlib

from ministack import app as ministack
from ministack.services import sts


def credentials_of(role: str, session: str) -> dict[str, str]:
    """Return the variables of a session of the role, as ECS gives them to a container."""
    if not ministack.AUTH:
        return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    account, name = role.split(":")[4], role.rpartition("/")[2]
    digest = hashlib.sha256(f"{role}:{session}".encode()).hexdigest()
    key = f"ASIA{digest[:16].upper()}"
    secret, token = (hashlib.sha256(f"{w}:{digest}".encode()).hexdigest() for w in "st")
    sts.register_session(key, {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "UserId": f"{name}:{session}", "SecretAccessKey": secret, "SessionToken": token,
    })  # fmt: skip
    return {
        "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token,
    }  # fmt: skip
