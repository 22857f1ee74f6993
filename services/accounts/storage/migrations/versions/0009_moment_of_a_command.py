"""When a command was: the moment at which it wrote, after the locks that it had waited for."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE commands ALTER COLUMN at SET DEFAULT clock_timestamp()")


def downgrade() -> None:
    raise RuntimeError("going back is restoring the backup")
