"""What may be chosen at deployment: CDK context, given as ``-c key=value``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from constructs import Node

from aws import names

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """The context, checked.

    Attributes
    ----------
    emulated
        Templates for an emulated AWS on this machine: plain HTTP is not denied, functions are
        started by ``python`` from ``repository``, and there is no web stack.
    python, repository
        Interpreter and folder of the program for emulated functions.
    infer_package
        Folder made by ``python -m aws.infer.package``; empty: sources without their packages,
        enough to look at the templates.
    budget_usd
        Monthly limit in US dollars; notices go out at 80 % foreseen and at 100 % spent.
    email
        Address that is sent ring alerts and notices of operations; may be empty.
    bedrock_model
        The model, or inference profile, that explains scores and writes narratives.
    bedrock_fallbacks
        Those that write narratives where it cannot, by comma, the first first.
    ingest_concurrency
        Files that are ingested at the same time, at least 2.
    batch_rows
        Uploads with more rows are computed on AWS Batch, the others by the function itself.
    batch_kind
        Which queue they go to: ``cpu`` or ``gpu``.
    certificate
        ARN of an ACM certificate of the app's name; without it there is no web stack.
    app_host
        That name, e.g. ``rings.example.com``.
    web_cidr
        Addresses that may reach the app, e.g. ``203.0.113.0/24``.
    """

    emulated: bool = False
    python: str = "python3"
    repository: str = str(REPOSITORY)
    infer_package: str = ""
    budget_usd: float = 33.0  # 3,000 INR, the limit that aws/month.py computes with
    email: str = ""
    bedrock_model: str = "us.anthropic.claude-haiku-5-5"
    bedrock_fallbacks: str = "us.anthropic.claude-sonnet-5-5"
    ingest_concurrency: int = 2
    batch_rows: int = 50_000
    batch_kind: str = "cpu"
    certificate: str = ""
    app_host: str = ""
    web_cidr: str = ""

    @classmethod
    def read(cls, node: Node) -> Settings:
        """Read the context of an app.

        Raises
        ------
        ValueError
            If a value cannot be meant.
        """
        given = {field.name: node.try_get_context(field.name) for field in fields(cls)}
        settings = cls(**{
            field.name: _like(field.default, given[field.name])
            for field in fields(cls) if given[field.name] is not None
        })  # fmt: skip
        settings._check()
        return settings

    @property
    def enforce_tls(self) -> bool:
        """Whether plain HTTP is denied: always, but where the emulator speaks nothing else."""
        return not self.emulated

    @property
    def narrators(self) -> tuple[str, ...]:
        """Models that may write narratives, in order."""
        given = (self.bedrock_model, *self.bedrock_fallbacks.split(","))
        return tuple(dict.fromkeys(one.strip() for one in given if one.strip()))

    @property
    def has_web(self) -> bool:
        """Whether the app is hosted."""
        return bool(self.certificate) and not self.emulated

    def _check(self) -> None:
        if self.batch_rows < 0:
            raise ValueError("batch_rows: give a number of rows, 0 or more")
        if self.budget_usd <= 0:
            raise ValueError("budget_usd: give a limit above 0 US dollars a month")
        if self.ingest_concurrency < 2:
            raise ValueError("ingest_concurrency: SQS needs at least 2")
        if self.infer_package and not Path(self.infer_package).is_dir():
            raise ValueError(
                f"infer_package: there is no folder {self.infer_package}; "
                "make it with: python -m aws.infer.package FOLDER"
            )
        if self.batch_kind not in names.QUEUES:
            raise ValueError(f"batch_kind: choose one of {', '.join(names.QUEUES)}")
        if self.certificate and not self.app_host:
            raise ValueError("certificate: say with app_host which name it is for")
        if self.certificate and not self.web_cidr:
            raise ValueError(
                "certificate: say with web_cidr which addresses may reach the app; 0.0.0.0/0 is "
                "everybody, and then its sign-in alone keeps them out"
            )


def _like(default: Any, value: Any) -> Any:
    """Return a value of the context, which may be text, in the type of its default."""
    return str(value).lower() == "true" if isinstance(default, bool) else type(default)(value)
