"""One payment of an employer or another payer for all its members."""

from pathlib import Path

from alembic import op

from shared.chassis.migrate import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(op.get_bind(), Path(__file__).with_suffix(".sql"), service="payments")


def downgrade() -> None:
    raise RuntimeError("going back is restoring the backup")
