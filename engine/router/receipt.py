"""After a run: what it took, beside what was expected."""

from __future__ import annotations

from typing import Any

from engine.config import ComputeConfig


def receipt(manifest: dict[str, Any], config: ComputeConfig) -> dict[str, Any]:
    """Return the ``receipt`` and the ``cost`` of a finished run, as ``run.json`` keeps them.

    The whole run is charged at the price of its engine: the GPU waits while the CPU works.
    """
    price = {"cpu": config.cpu_usd_per_hour, "gpu": config.gpu_usd_per_hour}
    stages = manifest["stages"]
    amount = config.start_usd + manifest["seconds"] / 3600 * price[manifest["engine"]["kind"]]
    expected = next(
        option
        for option in manifest["route"]["options"]
        if option["place"] == manifest["route"]["choice"]
    )
    device = [
        stage["peak_device_mb"] for stage in stages if stage.get("peak_device_mb") is not None
    ]
    return {
        "cost": {**manifest["cost"], "amount": round(amount, 6)},
        "receipt": {
            "engines": sorted({stage.get("engine", "cpu") for stage in stages}),
            "seconds": manifest["seconds"],
            "expected_seconds": expected["seconds"],
            "peak_rss_mb": max(stage["peak_rss_mb"] for stage in stages),
            "expected_memory_mb": expected["memory_mb"],
            "peak_device_mb": max(device, default=None),
            "cost_usd": round(amount, 6),
            "month_to_date_usd": round(manifest["route"]["spent_usd"] + amount, 6),
            "cap_usd": manifest["route"]["cap_usd"],
        },
    }
