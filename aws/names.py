"""Names that the infrastructure gives and the program looks up: written once, here.

The queue ``fraud-gpu-queue``, the definition ``gpu-prep-job`` and the variables ``BUCKET`` and
``INPUT_KEY`` are the original design's.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["gpu", "cpu"]
Step = Literal["prep", "graph"]

#: Job queues: spot GPU machines, and plain ones.
QUEUES: dict[Kind, str] = {"gpu": "fraud-gpu-queue", "cpu": "fraud-cpu-queue"}

#: Job definitions: ``prep`` makes features and scores, ``graph`` rings and alerts.
JOB_DEFINITIONS: dict[tuple[Kind, Step], str] = {
    ("gpu", "prep"): "gpu-prep-job",
    ("gpu", "graph"): "gpu-graph-job",
    ("cpu", "prep"): "cpu-prep-job",
    ("cpu", "graph"): "cpu-graph-job",
}

#: What the container's entry point (``python -m engine``) is given by each step.
COMMANDS: dict[Step, tuple[str, ...]] = {"prep": ("run", "--until", "scores"), "graph": ("run",)}

#: Log group of all jobs; streams are ``<step>/default/<id>``.
JOB_LOGS = "/aws/batch/ringleader"

#: Variables of jobs and functions.
LAKE = "RINGLEADER_LAKE"  # s3://bucket
TOPIC = "RINGLEADER_TOPIC"  # ARN of the topic of ring alerts
PROFILES = "RINGLEADER_PROFILES"  # sqlite:///path or dynamodb:TABLE
DEAD_LETTERS = "RINGLEADER_DEAD_LETTERS"  # URL of the queue of uploads that could not be taken in
BATCH_ROWS = "RINGLEADER_BATCH_ROWS"  # uploads with more rows go to Batch; default 50000
BATCH_KIND = "RINGLEADER_BATCH_KIND"  # which queue they go to: cpu (default) or gpu
SMALL = "RINGLEADER_SMALL"  # what becomes of the others: run (default) or leave
ONLY_BATCH = "RINGLEADER_ONLY_BATCH"  # set: the app computes nothing itself, and deletes no run
INFER_URL = "RINGLEADER_INFER_URL"  # https://…/infer
BEDROCK_MODEL = "RINGLEADER_BEDROCK_MODEL"  # model or inference profile that writes narratives
BEDROCK_FALLBACKS = "RINGLEADER_BEDROCK_FALLBACKS"  # those that take its place, by comma
BEDROCK_CATALOGUE = "RINGLEADER_BEDROCK_CATALOGUE"  # a file in place of aws/bedrock/models.toml
BEDROCK_SECONDS = "RINGLEADER_BEDROCK_SECONDS"  # for a whole narrative; default 60
BUCKET = "BUCKET"
INPUT_KEY = "INPUT_KEY"
RUN_ID = "RUN_ID"
USD_PER_HOUR = "RINGLEADER_USD_PER_HOUR"  # what an hour of a job's machine costs
START_USD = "RINGLEADER_START_USD"  # what the starts of a run's machines cost

#: Folders of the lake. What is put under ``raw/`` is ingested.
RAW = "raw"
#: What the app puts there for a run of its own is not ingested.
INPUTS = "inputs"
INPUT_FOLDERS = (RAW, INPUTS)
RUN_FOLDERS = ("prepped", "augmented", "graphs", "alerts", "runs")
