"""What a model's tokens cost."""

from __future__ import annotations

import re

from aws.prices import prices

#: Profiles that keep a request in a part of the world, at a tenth more; ``global.`` has no extra.
_REGIONAL = re.compile(r"(us|eu|au|jp|apac|ca|in)\.")


def cost_usd(model_id: str, input_tokens: int, output_tokens: int) -> float | None:
    """Return what tokens cost in US dollars; ``None`` where ``aws/prices.toml`` has no price."""
    known = (one for one in prices().get("bedrock_model", ()) if one["part"] in model_id)
    price = next(known, None)
    if price is None:
        return None
    usd = input_tokens * price["usd_per_million_in"] + output_tokens * price["usd_per_million_out"]
    return float(usd) / 1e6 * (1.1 if _REGIONAL.match(model_id) else 1.0)
