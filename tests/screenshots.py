"""The README's pictures, taken anew from runs of the sample.

``python -m tests.screenshots [LAKE]`` makes the runs in a lake of its own, or takes those named
``sample`` and ``sample-again`` of a lake where they are.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from engine.lake import Lake
from tests.browser import ROOT, Visit, started_app, started_browser, visiting
from tests.e2e.hostile_page import settle

PICTURES = ROOT / "assets" / "screenshots"
_RUN, _AGAIN = "sample", "sample-again"
#: What each picture shows.
_PAGES = {
    "overview": f"/overview?run={_RUN}",
    "alerts": f"/alerts?run={_RUN}",
    "case": f"/alerts?run={_RUN}&alert=10",
    "rings": f"/rings?run={_RUN}&ring=R00001",
}
_COMPARED = f"/runs?run={_RUN}&against={_AGAIN}"
_LARGEST = 250_000  # bytes


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory(prefix="ringleader-pictures-") as made:
        folder = Path(made)
        lake = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else folder / "lake"
        _find_rings(lake, folder, _RUN)
        database = f"sqlite:///{folder / 'workbench.sqlite'}"
        variables = {"RINGLEADER_LAKE": str(lake), "DATABASE_URL": database}
        with (
            started_app(folder, variables) as address,
            started_browser() as browser,
            visiting(browser, address) as visit,
        ):
            for name, path in _PAGES.items():
                _take(visit, path, name)
            _find_rings(lake, folder, _AGAIN, "[anomaly]\nseed = 8\n")
            _take(visit, _COMPARED, "runs")


def _find_rings(lake: Path, folder: Path, run_id: str, settings: str = "") -> None:
    if Lake.open(lake).run(run_id).manifest.exists():
        return
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "engine", "run", "assets/sample/aml_rings.csv.gz", "--lake",
         str(lake), "--run-id", run_id, "--config", str(folder / "settings.toml")],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _take(visit: Visit, path: str, name: str) -> None:
    visit.open(path)
    settle(visit.page)
    visit.page.wait_for_timeout(3_000)  # charts and networks move until they are drawn
    picture = PICTURES / f"{name}.png"
    shot = Image.open(io.BytesIO(visit.page.screenshot())).convert("RGB")
    # So that colours of few points, as in the logo, stay what they are.
    few = shot.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)
    size = picture.stat().st_size
    print(f"{picture.relative_to(ROOT)}: {size:,} bytes")
    if size > _LARGEST:
        raise SystemExit(f"{picture} is too large: a README shows it on every visit")


if __name__ == "__main__":
    main()
