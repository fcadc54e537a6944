"""Tests of the infrastructure; they run in its environment: ``.venv/cdk``."""
