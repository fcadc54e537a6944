"""The doctor names what is there, what is missing, and what mends it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine import doctor
from engine.backend.probe import INSTALL, Gpu, Probe, Problem
from engine.cli import main
from engine.doctor import examine

A_GPU = Probe(13010, (Gpu("NVIDIA L4", (8, 9), 23 * 2**30, 20 * 2**30),), (), ())
NO_GPU = Probe(None, (), ("cudf",), (
    Problem("no NVIDIA driver", "install one"),
    Problem("the GPU packages are not installed (cudf)", INSTALL),
))  # fmt: skip


def test_a_machine_without_a_gpu_is_ready_for_the_cpu() -> None:
    report = examine(NO_GPU)
    assert report.can_run("cpu")
    assert report.can_run("auto")
    assert not report.can_run("gpu")
    text = report.to_text()
    assert "MISSING gpu  NVIDIA driver          no NVIDIA driver" in text
    assert f"to mend it: {INSTALL}" in text
    assert (
        "--engine cpu: ready\n--engine gpu: cannot run here\n--engine auto: takes the CPU" in text
    )


def test_a_machine_with_a_gpu_is_ready_for_both() -> None:
    report = examine(A_GPU)
    assert report.can_run("gpu")
    assert "NVIDIA L4, compute capability 8.9, 23 GiB, 20.0 GiB free" in report.to_text()
    assert "supports CUDA 13.1" in report.to_text()
    assert all(finding.is_right for finding in report.findings)


def test_an_old_driver_is_told_with_its_version() -> None:
    old = Probe(12080, (), (), (Problem("the driver supports CUDA 12.8", "install driver 580"),))
    assert "MISSING gpu  NVIDIA driver and GPU  the driver supports CUDA 12.8" in (
        examine(old).to_text()
    )


def test_missing_packages_of_the_cpu_stop_both_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_CPU_PACKAGES", ("numpy", "no-such-package"))
    report = examine(A_GPU)
    assert not report.cpu
    assert not report.gpu
    assert "not installed: no-such-package" in report.to_text()
    assert "--engine auto: cannot run here" in report.to_text()


def test_a_full_disk_is_told_with_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Usage:
        free = 5 * 2**20

    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage())
    report = examine(NO_GPU, tmp_path / "not" / "there" / "yet")
    assert not report.cpu
    assert f"free some space under {tmp_path}" in report.to_text()


def test_the_exit_status_tells_whether_the_engine_can_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "probe", lambda: NO_GPU)
    assert main(["doctor"]) == 0
    assert main(["doctor", "--engine", "gpu"]) == 1
    assert "--engine gpu cannot run here" in capsys.readouterr().err
    monkeypatch.setattr(doctor, "probe", lambda: A_GPU)
    assert main(["doctor", "--engine", "gpu", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["gpu"] is True
