"""Bring a database to the newest version of the tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from engine.errors import InputError

# Tables of their own modules: the steps are held against all that the models know.
from engine.workbench import narrative_models as narrative_models
from engine.workbench import threshold_models as threshold_models
from engine.workbench.database import Workbench

#: Any number, the same for all programs that might upgrade one PostgreSQL database at a time.
_ADVISORY_LOCK = 7_102_026


def upgrade(workbench: Workbench) -> None:
    """Make or change the tables where they are not those of this version.

    Several programs may do this at the same time: one works, the others wait.

    Raises
    ------
    InputError
        If the database is of a later version than this program.
    WorkbenchError
        If the database cannot be used.
    """
    config = configuration()
    script = ScriptDirectory.from_config(config)
    if workbench.read(_version) == script.get_current_head():
        return
    workbench.write(lambda session: _upgrade(session.connection(), config, script))


def configuration() -> Config:
    """Return Alembic's configuration: where the steps lie."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _version(session: Session) -> str | None:
    return MigrationContext.configure(session.connection()).get_current_revision()


def _upgrade(connection: Connection, config: Config, script: ScriptDirectory) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    current = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise InputError(
            f"the workbench's database is of version {current}, which this program does not know: "
            "it was used by a later one; update the program"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
