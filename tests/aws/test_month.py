"""What a deployment costs in a month: within its limits, and with all that grows with use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aws.month import ALL_IN_REAL_TIME, DEVELOPMENT, PRODUCTION, Use, month, table
from aws.prices import prices


def bill(use: Use) -> dict[str, float]:
    """Return the lines of a month by what they are for."""
    return {line.what: line.usd for line in month(use)}


@pytest.mark.parametrize(("use", "most"), [(DEVELOPMENT, 500.0), (PRODUCTION, 3_000.0)])
def test_a_month_costs_less_than_its_limit(use: Use, most: float) -> None:
    assert use.limit_inr == most
    assert sum(bill(use).values()) * prices()["inr_per_usd"] < most


def test_logs_grow_with_calls() -> None:
    # A million calls write 1.1 GB, at 0.50 to take in and 0.03 to keep.
    more = replace(PRODUCTION, calls=PRODUCTION.calls + 1_000_000)
    assert bill(more)["Logs"] - bill(PRODUCTION)["Logs"] == pytest.approx(1.1 * 0.53)


def test_every_run_on_fargate_pays_for_two_starts() -> None:
    told = prices()["machines"]
    on = told["cpu"]["spot_usd_per_hour"] + told["cpu"]["disk_usd_per_hour"]
    starts = 2 * told["cpu"]["start_minutes"] / 60 * (on + told["all"]["address_usd_per_hour"])
    assert bill(PRODUCTION)["AWS Batch"] > PRODUCTION.files * starts


def test_the_table_names_every_line_whole_and_adds_up() -> None:
    uses = (DEVELOPMENT, PRODUCTION, ALL_IN_REAL_TIME)
    rows = [
        [cell.strip(" *") for cell in line.strip("|").split("|")]
        for line in table(uses).splitlines()
        if line.startswith("|")
    ]
    lines = {what: cells for what, *cells in rows[2:]}
    assert set(lines) == {*bill(DEVELOPMENT), "together", "limit"}
    for number, use in enumerate(uses):
        assert lines["together"][number].startswith(f"{sum(bill(use).values()):.2f} / ")
