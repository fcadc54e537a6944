"""A double of Amazon Bedrock that writes narratives as a model would, well and badly.

It speaks the wire protocol of Converse, ConverseStream, GetFoundationModel, and
GetInferenceProfile, so that boto3's own client is what is tested. By hand::

    python -m tests.aws.bedrock_double --port 4599 --scenario wrong-numbers
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:4599 \\
    AWS_ENDPOINT_URL_BEDROCK=http://127.0.0.1:4599 AWS_DEFAULT_REGION=us-east-1 \\
    AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x \\
    RINGLEADER_BEDROCK_MODEL=us.anthropic.claude-haiku-5-5 make app

While it runs, ``POST /_double/scenario`` with a name as its body changes the scenario, and ``GET
/_double/calls`` tells of the requests.
"""
