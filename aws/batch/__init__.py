"""Runs on AWS Batch: submit a chain of two jobs, follow it, read its logs, end it."""
