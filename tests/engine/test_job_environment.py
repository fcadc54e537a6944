"""What a job in a container is told by its environment, where the command line leaves it open."""

from __future__ import annotations

import pytest

from engine.config import Config
from engine.errors import InputError
from engine.job_environment import JobInput, complete, with_price

NOTHING = JobInput(None, None, None)


def test_the_command_line_has_the_last_word() -> None:
    given = JobInput("day.csv", "lake", "mine")
    assert complete(given, {"BUCKET": "b", "INPUT_KEY": "raw/x.csv", "RUN_ID": "r"}) == given


def test_bucket_and_key_name_the_input() -> None:
    told = complete(NOTHING, {"BUCKET": "b", "INPUT_KEY": "raw/x.csv", "RUN_ID": "r"})
    assert told == JobInput("s3://b/raw/x.csv", "s3://b", "r")


def test_the_lake_may_be_a_part_of_the_bucket() -> None:
    told = complete(
        NOTHING, {"BUCKET": "b", "RINGLEADER_LAKE": "s3://b/deep", "INPUT_KEY": "raw/x.csv"}
    )
    assert told == JobInput("s3://b/deep/raw/x.csv", "s3://b/deep", None)


def test_cleaned_transactions_stand_for_their_run() -> None:
    told = complete(NOTHING, {"BUCKET": "b", "INPUT_KEY": "prepped/day-1/transactions.parquet"})
    assert told == JobInput(None, "s3://b", "day-1")


def test_a_run_goes_on_by_its_name_alone() -> None:
    assert complete(NOTHING, {"BUCKET": "b", "RUN_ID": "r"}) == JobInput(None, "s3://b", "r")


def test_a_rented_machine_has_a_price() -> None:
    told = {"RINGLEADER_USD_PER_HOUR": "0.088", "RINGLEADER_START_USD": "0.006"}
    compute = with_price(Config(), told).compute
    assert (compute.cpu_usd_per_hour, compute.gpu_usd_per_hour) == (0.088, 0.088)
    assert compute.start_usd == 0.006
    assert with_price(Config(), {}) == Config()


def test_a_price_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="RINGLEADER_USD_PER_HOUR is 'dear'"):
        with_price(Config(), {"RINGLEADER_USD_PER_HOUR": "dear"})
