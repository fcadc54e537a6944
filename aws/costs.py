"""What AWS costs: a run on Batch before and after, and a month of a whole deployment.

``python -m aws.costs`` prints the month's table of the README.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aws import names
from aws.batch.status import Job
from aws.prices import Machine, machine, prices
from engine.processes import BATCH_JOB
from engine.router.throughput import throughput

#: Memory of the functions, in GB, and how long a call takes, in seconds.
_INGEST_GB, _INFER_GB = 3.0, 1.0
_INFER_SECONDS = 0.02
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run on Batch would take.

    Attributes
    ----------
    seconds
        From submission to the end: the start of a machine, and the run.
    usd
        What the machine costs for that time.
    basis
        Where time and price come from, for people.
    """

    seconds: float
    usd: float
    basis: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a month's bill, in USD."""

    what: str
    usd: float


@dataclass(frozen=True, slots=True)
class Use:
    """How a deployment is used in a month.

    Attributes
    ----------
    limit_inr
        The most it may cost, in rupees.
    files, rows
        Uploads, and transactions in all of them together.
    kind
        Machines of the jobs.
    calls
        Calls of ``/infer``.
    narratives
        Texts written by the language model.
    stored_gb
        Lake, on average over the month.
    """

    title: str
    limit_inr: float | None
    files: int
    rows: int
    kind: names.Kind
    calls: int
    narratives: int
    stored_gb: float


#: The original design's two cases and their limits, and what real-time scoring of all would add.
DEVELOPMENT = Use("Development", 500.0, 10, 1_000_000, "cpu", 10_000, 1_000, 5.0)
PRODUCTION = Use(
    "10 M transactions a month, 1 M of them scored in real time", 3_000.0, _DAYS, 10_000_000,
    "cpu", 1_000_000, 1_000, 20.0,
)  # fmt: skip
ALL_IN_REAL_TIME = replace(
    PRODUCTION, title="The same, all scored in real time", limit_inr=None, calls=10_000_000
)


def estimate(
    rows: int,
    schema: str,
    kind: names.Kind,
    on: Machine | None = None,
    manifests: Sequence[dict[str, Any]] = (),
) -> Estimate:
    """Estimate a run on Batch from measured run times: the lake's own on Batch, else the bench's.

    Where no run of the GPU queue was measured yet, it is taken to need what the CPU needs.
    """
    on = on or machine(kind)
    there = [run for run in manifests if str(run.get("machine", "")).startswith(BATCH_JOB)]
    known = throughput(kind, schema, there, "on AWS Batch") or throughput(
        "cpu", schema, there, "on AWS Batch"
    )
    if known is None:  # the CPU's figures are part of the program
        raise AssertionError("engine/router/measured.json lacks the CPU's figures")
    seconds = on.start_seconds + known.seconds(rows)
    is_measured = kind == "cpu" or any(run["engine"]["kind"] == "gpu" for run in there)
    unmeasured = "" if is_measured else ", no GPU run measured yet"
    return Estimate(
        seconds, seconds / 3600 * on.usd_per_hour,
        f"{known.basis}{unmeasured}; {on.instance}, {on.source}",
    )  # fmt: skip


def receipt(jobs: Sequence[Job], kind: names.Kind) -> tuple[float, float]:
    """Return the seconds that machines worked for the jobs, all attempts, and their price in USD.

    The bill also has the start and the idle end of the machines, which Batch does not tell; they
    are taken from the price file, once for each chain.
    """
    on = machine(kind)
    seconds = sum(job.seconds_run() for job in jobs)
    paid = seconds + on.start_seconds if seconds else 0.0
    return seconds, paid / 3600 * on.usd_per_hour


def month(use: Use) -> list[Line]:
    """Return the bill of a month, line by line, largest first."""
    told = prices()
    per_file = estimate(use.rows // use.files, "paysim", use.kind)
    rows_gb = use.rows * 100 / 1e9
    gb_seconds = use.files * 60 * _INGEST_GB + use.calls * _INFER_SECONDS * _INFER_GB
    bedrock = told["bedrock"]
    lines = [
        Line(f"AWS Batch, {use.files} runs on {machine(use.kind).instance} spot",
             per_file.usd * use.files),
        Line("Lambda", (use.files + use.calls) / 1e6 * told["lambda"]["usd_per_million"]
             + gb_seconds * told["lambda"]["usd_per_gb_second"]),
        Line("API Gateway", use.calls / 1e6 * told["api"]["usd_per_million"]),
        Line("S3", use.stored_gb * told["s3"]["usd_per_gb_month"]
             + use.files * 60 / 1e3 * told["s3"]["usd_per_thousand_puts"]),
        Line("DynamoDB", 14 * use.calls / 1e6 * told["dynamodb"]["usd_per_million_reads"]
             + 2 * use.rows / 1e6 * told["dynamodb"]["usd_per_million_writes"]
             + rows_gb * told["dynamodb"]["usd_per_gb_month"]),
        Line("Bedrock", use.narratives / 1e6 * (
            bedrock["tokens_in"] * bedrock["usd_per_million_in"]
            + bedrock["tokens_out"] * bedrock["usd_per_million_out"])),
        Line("Logs, images, alarms", 1.0 * told["logs"]["usd_per_gb"]
             + 8 * told["registry"]["usd_per_gb_month"] + told["alarms"]["usd_per_month"]),
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -line.usd)


def table(uses: Sequence[Use] = (DEVELOPMENT, PRODUCTION, ALL_IN_REAL_TIME)) -> str:
    """Return the months as a Markdown table, in USD and INR."""
    rate = float(prices()["inr_per_usd"])
    out = [f"Prices of {prices()['date']}, {rate:.0f} INR to the USD.", ""]
    for use in uses:
        lines = month(use)
        total = sum(line.usd for line in lines)
        out += [f"| {use.title} | USD | INR |", "|---|---:|---:|"]
        out += [f"| {line.what} | {line.usd:.2f} | {line.usd * rate:.0f} |" for line in lines]
        limit = "" if use.limit_inr is None else f" (limit {use.limit_inr:,.0f} INR)"
        out += [f"| **together**{limit} | **{total:.2f}** | **{total * rate:,.0f}** |", ""]
    return "\n".join(out)


if __name__ == "__main__":
    print(table())
