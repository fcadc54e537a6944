"""Make the frozen ledgers anew: ``python -m tests.narratives.freeze``, a few minutes of one core.

Runs of the repository's samples, as they are and with currencies and times of day, of a ring of 200
accounts, and of small generated inputs give alerts of every typology; lists of transactions are cut
to keep the files small.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from engine.cli import main as engine
from engine.generate import generate_rings
from engine.lake import Lake, RunPaths
from engine.narrative.gather import CaseFacts, EarlierAlert, gather
from engine.narrative.ledger import Ledger, canonical
from engine.narrative.words import TYPOLOGIES

FROZEN = Path(__file__).parent / "ledgers"
_SAMPLES = Path(__file__).parents[2] / "assets" / "sample"
#: Ledgers of each run.
_MOST = {"plain": 12, "inr": 12, "usd": 12, "paysim": 12, "large": 2, "low": 4, "labelled": 1}
#: Typologies that the samples do not have; of these runs no other is taken.
_ONLY = {"low": ("community", "structuring"), "labelled": ("community",)}
_MOST_TX_IDS = 8
_LARGE = "[rings]\nmax_accounts = 250\n"
#: Communities that no model scored, and structuring by few accounts, score below the usual one.
_LOW = "[rings]\nring_alert_threshold = 0.1\n"


def main(chosen: Sequence[str]) -> None:
    """Make the runs in a folder that is deleted after, and write a file for each chosen alert.

    ``chosen`` are names of runs, as in ``_MOST``; none means all.
    """
    FROZEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lake = Lake.open(root / "lake")
        for run_id, source, options in _inputs(root):
            if not chosen or run_id in chosen:
                _run(lake, run_id, source, options)
                _write(lake.run(run_id))


def _write(paths: RunPaths) -> None:
    for old in FROZEN.glob(f"{paths.run_id}-*.json"):
        old.unlink()
    for place, alert_id in enumerate(_chosen(paths, _MOST[paths.run_id])):
        ledger = trimmed(gather(paths, alert_id, _case(place)))
        name = f"{paths.run_id}-{place:02d}-{ledger.typology}.json"
        (FROZEN / name).write_text(canonical(ledger) + "\n", encoding="utf-8")


def trimmed(ledger: Ledger) -> Ledger:
    """Return a ledger whose facts name few of their transactions."""
    facts = tuple(replace(one, tx_ids=one.tx_ids[:_MOST_TX_IDS]) for one in ledger.facts)
    return replace(ledger, facts=facts)


def _run(lake: Lake, run_id: str, source: Path, options: Sequence[str]) -> None:
    told = ["--lake", str(lake.root), "--run-id", run_id, "--engine", "cpu", *options]
    status = engine(["run", str(source), *told])
    assert not status, f"the run {run_id} failed"


def _inputs(root: Path) -> list[tuple[str, Path, Sequence[str]]]:
    sample = pd.read_csv(_SAMPLES / "aml_rings.csv.gz")
    config = root / "large.toml"
    config.write_text(_LARGE, encoding="utf-8")
    rupees = _written(root / "inr.csv", sample, "INR", 800.0, hours=False)
    dollars = _written(root / "usd.csv", sample, "USD", 1.0, hours=True)
    large = _written(root / "large.csv", _with_large_ring(sample), "USD", 1.0, hours=True)
    low, threshold = root / "low.csv", root / "low.toml"
    threshold.write_text(_LOW, encoding="utf-8")
    made = generate_rings(6_000, 5, 30).transactions.to_pandas()
    _written(low, _with_structuring(made), "USD", 1.0, hours=True)
    labelled = _written(root / "labelled.csv", made, "USD", 1.0, hours=True, labels=True)
    alone = ("--labels", "ignore")
    return [
        ("inr", rupees, alone),
        ("usd", dollars, alone),
        ("large", large, (*alone, "--config", str(config))),
        ("paysim", _SAMPLES / "paysim.csv.gz", ()),
        ("plain", _SAMPLES / "aml_rings.csv.gz", ()),
        ("low", low, (*alone, "--config", str(threshold))),
        ("labelled", labelled, ()),
    ]


def _written(
    path: Path, sample: pd.DataFrame, currency: str, rate: float, *, hours: bool,
    labels: bool = False,
) -> Path:  # fmt: skip
    """Write a sample as canonical transactions in a currency, with a time of day or without."""
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(sample["step"], unit="D")
    # Within a day, the order of the rows stays.
    place = sample.groupby("step").cumcount() / sample.groupby("step")["step"].transform("size")
    clock = pd.to_timedelta((place * 1440 * hours).astype(int), unit="min")
    frame = pd.DataFrame(
        {
            "time": (days + clock).dt.strftime("%Y-%m-%dT%H:%M:%S"), "sender": sample["sender"],
            "receiver": sample["receiver"], "amount": (sample["amount"] * rate).round(2),
            "type": sample["type"], "currency": currency,
        }
    )  # fmt: skip
    if labels:
        frame["label"] = sample["is_laundering"]
    frame.sort_values("time", kind="stable").to_csv(path, index=False)
    return path


def _with_large_ring(sample: pd.DataFrame) -> pd.DataFrame:
    """Return the sample with 200 accounts that were never seen before paying the same account."""
    rng, step = np.random.default_rng(7), int(sample["step"].max()) // 2
    burst = pd.DataFrame(
        {
            "step": step + rng.integers(0, 3, 199), "type": "TRANSFER",
            "amount": rng.uniform(4_000, 9_000, 199).round(2),
            "sender": 900_000 + np.arange(199), "receiver": 990_000,
        }
    )  # fmt: skip
    return pd.concat([sample, burst], ignore_index=True).sort_values("step", kind="stable")


def _with_structuring(sample: pd.DataFrame) -> pd.DataFrame:
    """Return the sample with three accounts that get or send amounts just below 10,000.

    Each deals with three others several times, which is no fan.
    """
    parts, known = [sample], np.unique(sample["sender"])
    for seed, (step, n, sends) in enumerate([(90, 9, False), (150, 6, True), (240, 12, False)]):
        rng = np.random.default_rng(seed)
        hub, *others = rng.choice(known, 4, replace=False)
        ends = [np.full(n, hub), np.array(others)[np.arange(n) % 3]]
        sender, receiver = ends if sends else ends[::-1]
        parts.append(
            pd.DataFrame(
                {
                    "step": step + np.arange(n) // 2, "type": "TRANSFER",
                    "amount": rng.uniform(9_100, 9_950, n).round(2),
                    "sender": sender, "receiver": receiver,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True).sort_values("step", kind="stable")


def _chosen(paths: RunPaths, most: int) -> Sequence[str]:
    """Choose the largest alert of each typology, the largest first, then the next of each."""
    alerts = pd.read_parquet(paths.alerts).sort_values(
        ["n_accounts", "alert_id"], ascending=[False, True]
    )
    alerts = alerts[alerts["typology"].isin(_ONLY.get(paths.run_id, tuple(TYPOLOGIES)))]
    rank = alerts.groupby("typology").cumcount()
    ranked = alerts.assign(rank=rank).sort_values(
        ["rank", "n_accounts", "alert_id"], ascending=[True, False, True]
    )
    return [str(one) for one in ranked["alert_id"].head(most)]


def _case(place: int) -> CaseFacts | None:
    """Return what the workbench might know: nothing asked, nothing there, or three alerts."""
    moment = pd.Timestamp("2026-01-03").to_pydatetime()
    earlier = tuple(
        EarlierAlert(f"AL-{number}", moment, said, ())
        for number, said in ((12, "false positive"), (7, "false positive"), (5, None))
    )
    return (None, CaseFacts(), CaseFacts(earlier))[place % 3]


if __name__ == "__main__":
    main(sys.argv[1:])
