"""Alerts: one a ring, one a risky transaction outside every ring, each with its reasons."""

from engine.alerts.raise_alerts import raise_alerts
from engine.alerts.reasons import Reason

__all__ = ["Reason", "raise_alerts"]
