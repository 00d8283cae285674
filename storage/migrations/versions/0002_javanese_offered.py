"""Whether somebody who writes Javanese was offered to be answered in it: that is done once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("contacts", sa.Column("javanese_offered", sa.Boolean(), server_default=sa.false(), nullable=False))
