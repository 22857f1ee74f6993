"""The first schema: the chassis tables and the service's own."""

from pathlib import Path

from alembic import op

from shared.chassis.migrate import CHASSIS_SCHEMA_V1, run_sql

revision = "0001"
down_revision = None

STORAGE = Path(__file__).resolve().parents[2]


def upgrade() -> None:
    run_sql(op.get_bind(), CHASSIS_SCHEMA_V1, service="payments")
    run_sql(op.get_bind(), STORAGE / "schema_v1.sql", service="payments")


def downgrade() -> None:
    raise RuntimeError("the first schema holds money and is not taken back")
