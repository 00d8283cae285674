"""Volunteers, and the villages they look after."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "volunteers",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("decided_by", Big),
        sa.CheckConstraint(
            "state IN ('applied', 'active', 'paused', 'declined', 'ended')", name=op.f("ck_volunteers_state")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_volunteers_contact_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["contacts.id"], name=op.f("fk_volunteers_decided_by")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_volunteers")),
    )
    op.create_index("ix_volunteers_state", "volunteers", ["state"])
    op.create_table(
        "volunteer_villages",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["volunteers.contact_id"], name=op.f("fk_volunteer_villages_contact_id")
        ),
        sa.PrimaryKeyConstraint("contact_id", "village", name=op.f("pk_volunteer_villages")),
    )
    op.create_index("ix_volunteer_villages_village", "volunteer_villages", ["village"])
