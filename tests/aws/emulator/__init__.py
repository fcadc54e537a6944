"""AWS on this machine: ministack, with a Batch that really runs jobs, and a double of Bedrock.

``python -m tests.aws.emulator`` starts it by hand; tests take ``launcher.emulated_aws``. What runs
inside ministack's own environment (``server`` and what it imports) needs no package of the program.
"""
