"""Every setting of a run in one place, each default with its source.

A TOML file given with ``--config`` overrides single values::

    [model]
    trees = 300
    [alerts]
    max_lone = 500
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from engine.errors import InputError

BalanceUse = Literal["none", "before", "all"]
ForestFitter = Literal["scikit-learn", "cuml"]


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """Which features are made.

    Attributes
    ----------
    windows_hours
        Lengths of the look-back windows, in hours (1 h, 1 day, 1 week: the usual velocity windows).
    balances
        ``before`` uses what is known when the decision falls. ``all`` adds balances after the
        transaction, which give the label away on PaySim; ``none`` leaves all balances out.
    """

    windows_hours: tuple[int, ...] = (1, 24, 168)
    balances: BalanceUse = "before"


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """The transparent rule score: the weights are those of the original design."""

    high_amount_quantile: float = 0.95
    high_amount_weight: float = 0.30
    round_weight: float = 0.20
    balance_weight: float = 0.15


@dataclass(frozen=True, slots=True)
class AnomalyConfig:
    """Isolation forest: 100 trees of 256 rows as in Liu, Ting and Zhou (ICDM 2008).

    ``contamination`` 0.01 is the original design's: the share of rows flagged ``is_anomaly``.
    ``fitted_by`` "scikit-learn" gives the same trees on every engine; "cuml" fits them on the GPU,
    with random numbers of its own.
    """

    trees: int = 100
    rows_per_tree: int = 256
    contamination: float = 0.01
    fitted_by: ForestFitter = "scikit-learn"
    seed: int = 7


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Gradient boosting and the split in time.

    Rows in time order: the first ``train`` share trains, the next ``choose`` share picks the
    threshold, the rest is the test. All positives and at most ``max_negatives`` negatives train;
    weights restore the base rate. ``use`` names a model file of another run: then nothing is
    trained and that model scores.
    """

    train: float = 0.70
    choose: float = 0.10
    trees: int = 200
    depth: int = 6
    learning_rate: float = 0.1
    max_negatives: int = 400_000
    min_positives: int = 20
    seed: int = 7
    use: str = ""


@dataclass(frozen=True, slots=True)
class RiskConfig:
    """Weights of the blend that makes ``final_risk``; each set sums to one."""

    with_model: tuple[float, float, float] = (0.85, 0.10, 0.05)
    without_model: tuple[float, float] = (0.60, 0.40)
    ring_share: float = 0.5


@dataclass(frozen=True, slots=True)
class GraphConfig:
    """PageRank damping (Page et al. 1999) and the resolution of the Louvain communities."""

    damping: float = 0.85
    resolution: float = 1.0
    seed: int = 7


@dataclass(frozen=True, slots=True)
class RingConfig:
    """Where and how rings are looked for.

    Attributes
    ----------
    window_hours, fine_window_hours
        Longest duration of a ring, in hours: 21 days where times are days (rings of AMLSim and
        AMLGentex last 6 to 19 days at the median), 4 days where they are finer (the genuine IBM
        AML rings end within 4 days).
    max_pair_transactions
        A pair of accounts with more transfers than this over the whole period is a standing
        relation (rent, salary, supplier), not part of a ring.
    min_counterparties, min_gather, min_middles
        Distinct counterparties that make a fan (5: the usual scenario default), each half of a
        gather-scatter, and the mules of a scatter-gather (3: AMLSim, AMLGentex).
    max_cycle
        Most accounts in a cycle, and most transfers in a chain (10: Snap ML's default).
    min_link, min_chain_link
        Strength, ``-log10`` of the chance, of a link between money in and out: 0.3 is a chance of
        one in two, 1.5 one in thirty.
    min_surprise
        Matches below this (``-log10`` of the number expected by chance) are dropped at once.
    max_hub_scan, cycle_budget
        Bounds of the work: payments followed after one transfer, steps of a search for cycles from
        one transfer. Where they were reached the run says so.
    reporting_threshold
        Amount, in the input's currency, from which cash must be reported: 10,000 in US dollars (31
        CFR 1010.311) and in euros.
    structuring_band, structuring_hours, min_structured
        Structuring is so many amounts less than this share below the threshold within this time:
        a tenth, a week, three.
    persistent_names, inferred_hours, max_inferred
        Chains are inferred from equal amounts at most so many hours apart where less than this
        share of transactions is from senders that come back; an amount that more transactions in
        a row have is common, not evidence.
    risky_share
        Share of transactions, the riskiest, whose graph is cut into communities.
    ring_alert_threshold
        Rings scored at or above this are alerts: 0.5 is one chance match of a typology in ten
        inputs per 10,000 accounts.
    min_accounts, max_accounts
        A ring has at least three accounts; a larger set than 60 is no ring and is not reported.
    """

    window_hours: int = 504
    fine_window_hours: int = 96
    max_pair_transactions: int = 2
    min_counterparties: int = 4
    min_gather: int = 3
    min_middles: int = 3
    max_cycle: int = 10
    min_link: float = 0.3
    min_chain_link: float = 1.5
    min_surprise: float = -2.0
    max_hub_scan: int = 64
    cycle_budget: int = 3000
    reporting_threshold: float = 10_000.0
    structuring_band: float = 0.1
    structuring_hours: float = 168.0
    min_structured: int = 3
    persistent_names: float = 0.5
    inferred_hours: float = 1.0
    max_inferred: int = 5
    risky_share: float = 0.005
    ring_alert_threshold: float = 0.5
    min_accounts: int = 3
    max_accounts: int = 60


@dataclass(frozen=True, slots=True)
class AlertConfig:
    """Lone transactions: those over the model's threshold, else the riskiest share.

    Without a model, and where at least ``returning_senders`` of the transactions come from an
    account that has sent before (PaySim: 0.1 %, AMLSim: 99 %), the accounts have a history and
    rings are the alerts: an amount unusual among all would only flood the queue.

    ``min_lone`` to ``max_lone`` bound their number without a model, ``max_lone`` with one;
    ``max_explained`` of them, the best, carry TreeSHAP reasons.
    """

    lone_share: float = 0.0005
    min_lone: int = 25
    max_lone: int = 20_000
    max_explained: int = 1000
    returning_senders: float = 0.5


@dataclass(frozen=True, slots=True)
class ComputeConfig:
    """Where a run is computed; it changes no result, so it is no part of what names a run.

    Attributes
    ----------
    min_gpu_rows
        Smaller inputs stay on the CPU: importing RAPIDS takes 3 to 9 seconds.
    cpu_usd_per_hour, gpu_usd_per_hour
        Price of this machine by the engine used; zero for a machine that is paid for anyway.
    start_usd
        What a run costs beside its own time, where machines are started for it.
    monthly_cap_usd
        Most that the runs of a lake may cost in a calendar month.
    gpu_memory_gb
        Most device memory a run may take, in GiB, where the GPU is shared; zero takes all. Where
        it runs out the run goes on in smaller parts.
    """

    min_gpu_rows: int = 300_000
    cpu_usd_per_hour: float = 0.0
    gpu_usd_per_hour: float = 0.0
    start_usd: float = 0.0
    monthly_cap_usd: float = 25.0
    gpu_memory_gb: float = 0.0


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run."""

    features: FeatureConfig = field(default_factory=FeatureConfig)
    rules: RuleConfig = field(default_factory=RuleConfig)
    anomaly: AnomalyConfig = field(default_factory=AnomalyConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    risk: RiskConfig = field(default_factory=RiskConfig)
    graph: GraphConfig = field(default_factory=GraphConfig)
    rings: RingConfig = field(default_factory=RingConfig)
    alerts: AlertConfig = field(default_factory=AlertConfig)
    compute: ComputeConfig = field(default_factory=ComputeConfig)

    @classmethod
    def load(cls, path: str | Path | None) -> Config:
        """Read overrides from a TOML file; ``None`` gives the defaults.

        Raises
        ------
        InputError
            If the file is missing, is not TOML, or names an unknown setting.
        """
        if path is None:
            return cls()
        try:
            text = Path(path).read_text(encoding="utf-8")
            overrides = tomllib.loads(text)
        except FileNotFoundError as error:
            raise InputError(f"--config {path}: no such file") from error
        except OSError as error:
            raise InputError(f"--config {path} cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"--config {path} is not valid TOML: {error}") from error
        return cls().override(overrides)

    def override(self, overrides: dict[str, Any]) -> Config:
        """Return a copy with single values replaced, e.g. ``{"model": {"trees": 50}}``."""
        config = self
        for section, values in overrides.items():
            _known(section, [f.name for f in fields(config)], "section")
            current = getattr(config, section)
            if not isinstance(values, dict):
                raise InputError(f"config: [{section}] must be a table of settings")
            for name, value in values.items():
                _known(name, [f.name for f in fields(current)], f"setting in [{section}]")
                current = replace(current, **{name: _cast(value, getattr(current, name), name)})
            config = replace(config, **{section: current})
        _check_ranges(config)
        return config

    def to_dict(self) -> dict[str, Any]:
        """Return what results depend on as plain JSON types.

        ``ring_alert_threshold`` stands also at the top.
        """
        plain = asdict(self)
        del plain["compute"]
        plain["ring_alert_threshold"] = self.rings.ring_alert_threshold
        return plain


def _known(name: str, known: list[str], what: str) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
        raise InputError(f"config: unknown {what} {name!r}{hint}")


def _check_ranges(config: Config) -> None:
    """Refuse values that no run could mean.

    Raises
    ------
    InputError
        If a choice is unknown, a share is outside 0 to 1, or a count is not positive.
    """
    if config.features.balances not in get_args(BalanceUse):
        known = ", ".join(get_args(BalanceUse))
        raise InputError(f"config: balances is {config.features.balances!r}; use one of {known}")
    if config.anomaly.fitted_by not in get_args(ForestFitter):
        known = ", ".join(get_args(ForestFitter))
        raise InputError(f"config: fitted_by is {config.anomaly.fitted_by!r}; use one of {known}")
    shares = {
        "train": config.model.train,
        "choose": config.model.choose,
        "train + choose": config.model.train + config.model.choose,
        "contamination": config.anomaly.contamination,
        "high_amount_quantile": config.rules.high_amount_quantile,
        "damping": config.graph.damping,
        "risky_share": config.rings.risky_share,
        "ring_share": config.risk.ring_share,
        "lone_share": config.alerts.lone_share,
    }
    for name, value in shares.items():
        if not 0 < value < 1:
            raise InputError(f"config: {name} is {value}; it must lie between 0 and 1")
    counts = {
        "trees": min(config.anomaly.trees, config.model.trees),
        "depth": config.model.depth,
        "max_negatives": config.model.max_negatives,
        "windows_hours": min(config.features.windows_hours),
        "window_hours": config.rings.window_hours,
        "min_counterparties": config.rings.min_counterparties,
    }
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"config: {name} is {count}; it must be at least 1")
    compute = config.compute
    prices = (compute.cpu_usd_per_hour, compute.gpu_usd_per_hour, compute.start_usd)
    if min(*prices, compute.monthly_cap_usd, compute.gpu_memory_gb) < 0:
        raise InputError("config: prices, cap and memory in [compute] must not be negative")
    # The trees are kept in int16 arrays: a tree of n rows has fewer than 2n nodes.
    if not 2 <= config.anomaly.rows_per_tree <= 16_000:
        raise InputError("config: rows_per_tree must lie between 2 and 16,000")


def _cast(value: Any, current: Any, name: str) -> Any:
    if isinstance(current, tuple) and isinstance(value, list | tuple):
        if not value or (name != "windows_hours" and len(value) != len(current)):
            raise InputError(f"config: {name} must be a list of {len(current)} numbers")
        return tuple(_cast(item, current[0], name) for item in value)
    if isinstance(current, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(current):
        raise InputError(
            f"config: {name} must be {type(current).__name__}, not {type(value).__name__}"
        )
    return value
