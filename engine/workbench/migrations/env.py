"""What Alembic runs: the steps, on the connection that :mod:`upgrade` hands over."""

from __future__ import annotations

from alembic import context

from engine.workbench.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
# The caller's transaction holds all steps.
context.run_migrations()
