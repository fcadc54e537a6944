"""The split in time: the past trains, the near past picks the threshold, the future judges."""

from __future__ import annotations

from dataclasses import dataclass

from engine.config import ModelConfig


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """Row ranges of a table in time order: ``[0, train)``, ``[train, choose)``, ``[choose, n)``."""

    train_end: int
    choose_end: int
    rows: int

    @property
    def train(self) -> slice:
        return slice(0, self.train_end)

    @property
    def choose(self) -> slice:
        return slice(self.train_end, self.choose_end)

    @property
    def test(self) -> slice:
        return slice(self.choose_end, self.rows)


def split_in_time(rows: int, config: ModelConfig) -> TimeSplit:
    """Cut ``rows`` rows in time order by the shares of the configuration (70/10/20)."""
    return TimeSplit(round(rows * config.train), round(rows * (config.train + config.choose)), rows)
