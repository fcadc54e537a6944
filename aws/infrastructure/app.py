"""The CDK app: ``python -m aws.infrastructure.app [--output DIR] [-c KEY=VALUE ...]``.

It needs neither network nor account. The CDK command line runs it too, and gives folder and context
in its own way.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from aws import names
from aws.infrastructure.alerts import Alerts
from aws.infrastructure.compute import Compute
from aws.infrastructure.ingestion import Ingestion
from aws.infrastructure.operations import Operations
from aws.infrastructure.permissions import Places
from aws.infrastructure.realtime import Realtime
from aws.infrastructure.settings import Settings
from aws.infrastructure.storage import Storage
from aws.infrastructure.web import Web


def make_app(context: Mapping[str, Any] | None = None, output: str | None = None) -> cdk.App:
    """Make the app with all its stacks.

    Parameters
    ----------
    context
        See :class:`aws.infrastructure.settings.Settings`.
    output
        Folder for the templates; by default the CDK command line's, or a temporary one.

    Raises
    ------
    ValueError
        If a value of the context cannot be meant.
    """
    flags = json.loads(Path(__file__).with_name("cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context={**flags, **(context or {})}, outdir=output)
    settings = Settings.read(app.node)

    def stack(name: str, about: str) -> dict[str, Any]:
        # The rule asks for a parameter that bootstrapping leaves; the emulator is not bootstrapped.
        synthesizer = cdk.DefaultStackSynthesizer(
            generate_bootstrap_version_rule=not settings.emulated
        )
        return {
            "scope": app, "construct_id": f"Ringleader{name}", "settings": settings,
            "description": f"Ringleader: {about}", "synthesizer": synthesizer,
        }  # fmt: skip

    storage = Storage(**stack("Storage", "lake, inbox and profiles"))
    alerts = Alerts(**stack("Alerts", "topics of rings and of operations"))
    places = Places(
        lake=storage.lake.bucket_arn, topic=alerts.topic.topic_arn, key=alerts.key.key_arn,
        table=storage.profiles.table_arn, inbox=storage.inbox.queue_arn,
        put_aside=storage.put_aside.queue_arn,
    )  # fmt: skip
    environment = {
        names.LAKE: storage.lake_address,
        names.BUCKET: storage.lake.bucket_name,
        names.TOPIC: alerts.topic.topic_arn,
        names.PROFILES: storage.profiles_address,
    }
    shared: dict[str, Any] = {"places": places, "environment": environment}
    compute = Compute(**stack("Compute", "jobs on spot machines"), **shared)
    ingestion = Ingestion(**stack("Ingestion", "new files"), storage=storage, **shared)
    realtime = Realtime(**stack("Realtime", "POST /infer"), **shared)
    if settings.has_web:
        Web(
            **stack("Web", "the app behind HTTPS"),
            storage=storage, compute=compute, realtime=realtime, **shared,
        )  # fmt: skip
    Operations(
        **stack("Operations", "alarms, dashboard and budget"),
        storage=storage, alerts=alerts, compute=compute, ingestion=ingestion, realtime=realtime,
    )  # fmt: skip
    cdk.Tags.of(app).add("project", "ringleader")
    return app


def main(argv: Sequence[str] | None = None) -> None:
    """Write the templates."""
    parser = argparse.ArgumentParser(prog="python -m aws.infrastructure.app", description=__doc__)
    parser.add_argument("--output", metavar="DIR", help="folder for the templates")
    parser.add_argument(
        "-c", "--context", metavar="KEY=VALUE", action="append", default=[],
        help="as with the CDK command line; the keys stand in settings.py",
    )  # fmt: skip
    arguments = parser.parse_args(argv)
    context = dict(pair.split("=", 1) for pair in arguments.context)
    try:
        app = make_app(context, arguments.output)
    except ValueError as error:
        parser.error(str(error))
    app.synth()


if __name__ == "__main__":
    main()
