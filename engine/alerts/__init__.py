"""Alerts: one a ring, one a risky transaction outside every ring, each with its reasons."""
