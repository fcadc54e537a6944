"""Prices of AWS: from one dated file, and the spot price from AWS itself where it answers."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws import names
from aws.clients import client
from engine.errors import InputError

_FILE = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of a queue, and what an hour of it costs.

    Attributes
    ----------
    usd_per_hour
        Spot price and the disk and address that belong to the machine.
    start_seconds
        Seconds that are paid for beside the job's own: boot, image, idle time at the end.
    source
        Where the spot price comes from, with its date.
    """

    name: str
    usd_per_hour: float
    start_seconds: float
    source: str


@cache
def prices() -> dict[str, Any]:
    """Return the price file as it is."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def machine(kind: names.Kind, *, ask: bool = False) -> Machine:
    """Return the machine of a queue with its price.

    Parameters
    ----------
    ask
        Ask EC2 for the latest spot price; where it does not answer the file's price serves, and
        ``source`` says so.
    """
    told = prices()
    own = told["machines"][kind]
    spot, source = float(own["spot_usd_per_hour"]), f"price list of {told['date']}"
    if ask and "ec2" in own:
        latest = _latest_spot_price(own["ec2"])
        if latest is None:
            source += " (EC2 told no spot price)"
        else:
            spot, source = latest, f"EC2 spot price of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    address = float(told["machines"]["all"]["address_usd_per_hour"])
    return Machine(
        own["name"], spot + float(own["disk_usd_per_hour"]) + address,
        60.0 * own["start_minutes"], source,
    )  # fmt: skip


def _latest_spot_price(instance: str) -> float | None:
    try:
        answer = client("ec2").describe_spot_price_history(
            InstanceTypes=[instance], ProductDescriptions=["Linux/UNIX"], MaxResults=20,
            StartTime=datetime.now(UTC),
        )  # fmt: skip
    except (ClientError, BotoCoreError, InputError):
        return None
    found = [float(row["SpotPrice"]) for row in answer.get("SpotPriceHistory", ())]
    # Batch takes the zone with the best price and capacity; the dearest is the honest estimate.
    return max(found, default=None)
