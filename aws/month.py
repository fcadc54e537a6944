"""What a whole deployment costs in a month: ``python -m aws.month`` prints the README's table.

Every number is a price of ``prices.toml``, a measured time, or an amount of use that is named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aws import names
from aws.costs import estimate
from aws.prices import prices

_DAYS = 30
_HOURS = 730

#: Functions: memory in GB; seconds of a call (on AWS most of it waits for DynamoDB), and of
#: ingestion, fixed and for a million rows (`python -m tests.aws.bench_ingest`).
_INGEST_GB, _INFER_GB = 3.0, 1.0
_INFER_SECONDS, _INGEST_SECONDS, _INGEST_SECONDS_A_MILLION = 0.03, 2.0, 20.0
#: A call reads two profiles and the request's record. In one transaction, which counts double, it
#: writes them; a run writes the profile of each account it saw.
_READS_A_CALL, _WRITES_A_CALL = 3, 6
#: A profile is stored in about so many bytes; a cleaned and scored row in all of a run's files.
_PROFILE_BYTES, _ROW_BYTES = 1000, 250
#: The hosted app: a task, and public addresses of it and of the balancer in two zones.
_APP_VCPU, _APP_GB, _APP_ADDRESSES = 1, 4, 3
#: Disk of its database.
_DATABASE_GB = 20
#: S3 requests of a run, and images: jobs, function, app.
_PUTS_A_RUN, _IMAGES_GB = 60, 10.5
#: What jobs and ingestion log in a month, and what a call does: the API's access line (about 380
#: bytes), the function's own (280), Lambda's START, END and REPORT (270), and 26 more for each.
_LOG_GB, _LOG_BYTES_A_CALL = 1.0, 1100


@dataclass(frozen=True, slots=True)
class Use:
    """How a deployment is used in a month.

    Attributes
    ----------
    limit_inr
        The most it may cost, in rupees.
    files, rows
        Uploads, and transactions in all of them together.
    accounts
        Different accounts in an upload: so many profiles a run writes.
    kind
        Machines of the jobs.
    calls
        Calls of ``/infer``.
    narratives
        Texts written by the language model.
    months_kept
        How many months' files the lake holds.
    """

    title: str
    limit_inr: float | None
    files: int
    rows: int
    accounts: int
    kind: names.Kind
    calls: int
    narratives: int
    months_kept: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a month's bill, in USD."""

    what: str
    usd: float


#: The original design's two cases and their limits, and what real-time scoring of all would add.
DEVELOPMENT = Use("Development: 1 M transactions", 500.0, 10, 1_000_000, 50_000, "cpu",
                  10_000, 1_000, 6)  # fmt: skip
PRODUCTION = Use("10 M transactions, 1 M of them scored in real time", 3_000.0, _DAYS, 10_000_000,
                 200_000, "cpu", 1_000_000, 1_000, 12)  # fmt: skip
ALL_IN_REAL_TIME = replace(
    PRODUCTION, title="10 M transactions, all scored in real time", limit_inr=None,
    calls=10_000_000,
)  # fmt: skip


def month(use: Use) -> list[Line]:
    """Return the bill of a month, line by line, largest first."""
    told = prices()
    run = estimate(use.rows // use.files, "paysim", use.kind)
    lines = [
        Line("AWS Batch", run.usd * use.files),
        Line("Lambda", _functions(use)),
        Line("API Gateway", use.calls / 1e6 * told["api"]["usd_per_million"]),
        Line("S3", _lake(use)),
        Line("DynamoDB", _profiles(use)),
        Line("Bedrock", _narratives(use)),
        Line("Logs", _logs(use)),
        Line("Images, alarms, key", _IMAGES_GB * told["registry"]["usd_per_gb_month"]
             + told["alarms"]["usd_per_month"] + told["keys"]["usd_per_month"]),
    ]  # fmt: skip
    return sorted(lines, key=lambda line: -line.usd)


def hosting() -> float:
    """Return what the app adds in USD where it is hosted all month, not run on a laptop."""
    told = prices()["hosting"]
    an_hour = (
        _APP_VCPU * told["usd_per_vcpu_hour"]
        + _APP_GB * told["usd_per_gb_hour"]
        + told["balancer_usd_per_hour"]
        + _APP_ADDRESSES * prices()["machines"]["all"]["address_usd_per_hour"]
        + told["database_usd_per_hour"]
    )
    kept = _DATABASE_GB * told["database_usd_per_gb_month"] + told["secret_usd_per_month"]
    return float(an_hour * _HOURS + kept)


def table(uses: Sequence[Use] = (DEVELOPMENT, PRODUCTION, ALL_IN_REAL_TIME)) -> str:
    """Return the months as a Markdown table, in USD and INR."""
    rate = float(prices()["inr_per_usd"])
    months = [{line.what: line.usd for line in month(use)} for use in uses]
    rows = sorted(months[0], key=lambda what: -sum(bill[what] for bill in months))

    def cell(usd: float) -> str:
        return f"{usd:.2f} / {usd * rate:,.0f}"

    limits = [
        "–" if use.limit_inr is None else f"{use.limit_inr / rate:.2f} / {use.limit_inr:,.0f}"
        for use in uses
    ]
    out = [
        f"USD / INR a month, prices of {prices()['date']}, {rate:.0f} INR to the USD:",
        "",
        "| | " + " | ".join(use.title for use in uses) + " |",
        "| --- |" + " ---: |" * len(uses),
        *(f"| {what} | " + " | ".join(cell(bill[what]) for bill in months) + " |" for what in rows),
        "| **together** | "
        + " | ".join(f"**{cell(sum(bill.values()))}**" for bill in months) + " |",
        "| limit | " + " | ".join(limits) + " |",
        "",
        f"The app hosted all month adds {cell(hosting())}.",
    ]  # fmt: skip
    return "\n".join(out)


def _functions(use: Use) -> float:
    told = prices()["lambda"]
    ingest = use.files * _INGEST_SECONDS + use.rows / 1e6 * _INGEST_SECONDS_A_MILLION
    gb_seconds = ingest * _INGEST_GB + use.calls * _INFER_SECONDS * _INFER_GB
    requests = (use.files + use.calls) / 1e6 * float(told["usd_per_million"])
    return requests + gb_seconds * float(told["usd_per_gb_second"])


def _logs(use: Use) -> float:
    told = prices()["logs"]
    written_gb = _LOG_GB + use.calls * _LOG_BYTES_A_CALL / 1e9
    return written_gb * (float(told["usd_per_gb"]) + float(told["usd_per_gb_month"]))


def _lake(use: Use) -> float:
    told = prices()["s3"]
    stored_gb = use.months_kept * use.rows * _ROW_BYTES / 1e9
    return stored_gb * float(told["usd_per_gb_month"]) + use.files * _PUTS_A_RUN / 1e3 * float(
        told["usd_per_thousand_puts"]
    )


def _profiles(use: Use) -> float:
    told = prices()["dynamodb"]
    reads = _READS_A_CALL * use.calls + use.files * use.accounts
    writes = _WRITES_A_CALL * use.calls + use.files * use.accounts
    gb_month = float(told["usd_per_gb_month"]) + float(told["usd_per_gb_month_backup"])
    return (
        reads / 1e6 * float(told["usd_per_million_reads"])
        + writes / 1e6 * float(told["usd_per_million_writes"])
        + 2 * use.accounts * _PROFILE_BYTES / 1e9 * gb_month
    )


def _narratives(use: Use) -> float:
    told = prices()["bedrock"]
    tokens_in = told["tokens_in"] * told["usd_per_million_in"]
    return float(
        use.narratives / 1e6 * (tokens_in + told["tokens_out"] * told["usd_per_million_out"])
    )


if __name__ == "__main__":
    print(table())
