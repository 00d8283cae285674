"""Suspicious messages: how many people had checked, by the signs in them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "suspicion_counts",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("sign", sa.String(20), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "sign", "village", name=op.f("pk_suspicion_counts")),
        comment="Messages people had checked for signs of fraud, by day and village ('' where it is not known): each counts once for every sign in it, or for 'none', and once for '', all of them. Numbers that name nobody.",
    )
