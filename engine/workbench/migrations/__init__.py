"""The steps by which the tables of the workbench came to be (Alembic)."""

from engine.workbench.migrations.upgrade import upgrade as upgrade
