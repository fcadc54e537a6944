"""The Lambda function behind the queue of uploads.

A message that could not be dealt with because AWS did not answer comes back, by the partial batch
answer, and soon: not after the queue's visibility timeout, which is as long as the function may
take. One that can never be dealt with, or came back too often, goes to the dead letters with the
reason, where an alarm watches.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws.clients import client
from aws.ingest.settings import Settings
from aws.ingest.upload import take_in, uploads
from engine.errors import EngineError, InputError

#: The queue gives a message up after so many receives; the last one is ours to explain.
MAX_RECEIVES = 3
#: Seconds after which a message comes back, times the receives so far: the last time when whoever
#: died over it is counted out (``announce.BUSY_SECONDS``, ``working_copy.CLAIM_SECONDS``).
_AGAIN_SECONDS = 60

_log = logging.getLogger("ringleader.ingest")
_log.setLevel(logging.INFO)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take in the uploads that a batch of SQS messages tells of.

    Returns
    -------
    dict
        ``batchItemFailures``: the messages that shall come back.
    """
    settings = Settings.load()
    failed = []
    for message in event["Records"]:
        try:
            for upload in uploads(json.loads(message["body"])):
                taken = take_in(upload, settings)
                _log.info(json.dumps({"key": upload.key, **asdict(taken)}))
        except Exception as error:  # whatever it was, the message must not be lost
            receives = int(message.get("attributes", {}).get("ApproximateReceiveCount", 1))
            told = json.dumps({"message": message["messageId"], "error": str(error)})
            _log.warning(told, exc_info=not isinstance(error, EngineError))
            if isinstance(error, InputError) or receives >= MAX_RECEIVES:
                _to_dead_letters(message, error, settings)
            else:
                _come_back_soon(message, _AGAIN_SECONDS * receives)
                failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def _come_back_soon(message: dict[str, Any], seconds: int) -> None:
    _, _, _, _, account, queue = message["eventSourceARN"].split(":")
    sqs = client("sqs")
    try:
        sqs.change_message_visibility(
            QueueUrl=f"{sqs.meta.endpoint_url}/{account}/{queue}",
            ReceiptHandle=message["receiptHandle"], VisibilityTimeout=seconds,
        )  # fmt: skip
    except (ClientError, BotoCoreError) as error:  # then it comes back later
        _log.warning(json.dumps({"message": message["messageId"], "error": str(error)}))


def _to_dead_letters(message: dict[str, Any], error: Exception, settings: Settings) -> None:
    reason = str(error) or type(error).__name__
    if not settings.dead_letters:
        raise error
    client("sqs").send_message(
        QueueUrl=settings.dead_letters,
        MessageBody=message["body"],  # as it came: moved back to the inbox it is tried again
        MessageAttributes={
            "reason": {"DataType": "String", "StringValue": reason[:1000]},
            "error": {"DataType": "String", "StringValue": type(error).__name__},
        },
    )
