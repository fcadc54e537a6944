"""The syntheses that the tests look at, each made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest

from aws.infrastructure.app import make_app
from tests.infrastructure.templates import Templates

#: What a deployment with the hosted app is given.
WEB = {
    "certificate": "arn:aws:acm:us-east-1:111111111111:certificate/abc",
    "app_host": "rings.example.com",
    "web_cidr": "203.0.113.0/24",
}
Synthesis = Callable[..., tuple[cdk.App, Templates]]


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """Return a function that makes an app and its templates from a context."""

    def make(**context: Any) -> tuple[cdk.App, Templates]:
        folder = tmp_path_factory.mktemp("cdk.out")
        app = make_app(context, str(folder))
        app.synth()
        return app, Templates(folder)

    return make


@pytest.fixture(scope="session")
def whole(synthesis: Synthesis) -> tuple[cdk.App, Templates]:
    """All stacks, with the hosted app."""
    return synthesis(**WEB, email="me@example.com")


@pytest.fixture(scope="session")
def production(whole: tuple[cdk.App, Templates]) -> Templates:
    """Templates of all stacks, with the hosted app."""
    return whole[1]


@pytest.fixture(scope="session")
def plain(synthesis: Synthesis) -> Templates:
    """Templates of a deployment that is told nothing."""
    return synthesis()[1]


@pytest.fixture(scope="session")
def emulated(synthesis: Synthesis) -> Templates:
    """Templates for the emulator; a certificate changes nothing there."""
    return synthesis(**WEB, emulated="true", python="/opt/python", repository="/src")[1]
