"""Broadcasts and their deliveries, saved audiences, tips and who gets them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tips",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("lesson", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_tips_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "lesson", name=op.f("pk_tips")),
        sqlite_with_rowid=False,
        comment="Which lessons were sent to whom as tips: each goes to a person once.",
    )
    op.create_table(
        "subscriptions",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("period", sa.String(4), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("minute", sa.SmallInteger(), nullable=False),
        sa.Column("pillar", sa.String(12), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("last_at", sa.BigInteger()),
        sa.Column("silent", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("window_told", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(state = 'on') = (next_at IS NOT NULL)", name=op.f("ck_subscriptions_next")),
        sa.CheckConstraint("period IN ('day', 'week')", name=op.f("ck_subscriptions_period")),
        sa.CheckConstraint("state IN ('on', 'paused', 'asked', 'held')", name=op.f("ck_subscriptions_state")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_subscriptions_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_subscriptions")),
        comment="Who gets tips, and when: minute is the local one of the day, weekday 0 is Monday, last_at when the last tip left.",
    )
    op.create_index(
        "ix_subscriptions_held",
        "subscriptions",
        ["contact_id"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_subscriptions_next_at",
        "subscriptions",
        ["next_at", "contact_id"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", Big, nullable=False),
        sa.Column("key", sa.String(60)),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("text_id", sa.Text()),
        sa.Column("text_jv", sa.Text()),
        sa.Column("media", sa.String(20)),
        sa.Column("file_name", sa.Text()),
        sa.Column("buttons", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("audience", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("recurrence", sa.Text()),
        sa.Column("if_missed", sa.String(8), nullable=False, server_default="once_now"),
        sa.Column("parent_id", Big),
        sa.Column("author_id", Big),
        sa.Column("approver_id", Big),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("start_at", sa.BigInteger()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("filled_to", Big, nullable=False, server_default="0"),
        sa.Column("fill_until", Big, nullable=False, server_default="0"),
        sa.Column("stopped", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reason", sa.Text()),
        sa.Column("sweep", sa.String(8)),
        sa.Column("swept_to", Big, nullable=False, server_default="0"),
        sa.Column("watched", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("figures", sa.Text()),
        sa.Column("counted_at", sa.BigInteger()),
        sa.Column("progress_outbox_id", Big),
        sa.CheckConstraint("if_missed IN ('once_now', 'skip')", name=op.f("ck_broadcasts_if_missed")),
        sa.CheckConstraint(
            "kind IN ('system', 'service', 'news', 'event', 'warning', 'tip')", name=op.f("ck_broadcasts_kind")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'declined', 'scheduled', 'running', 'paused', 'done', 'cancelled')",
            name=op.f("ck_broadcasts_state"),
        ),
        sa.CheckConstraint("sweep IN ('cancel', 'failed', 'unknown')", name=op.f("ck_broadcasts_sweep")),
        sa.CheckConstraint("text_id IS NOT NULL OR text_jv IS NOT NULL", name=op.f("ck_broadcasts_text")),
        sa.ForeignKeyConstraint(["parent_id"], ["broadcasts.id"], name=op.f("fk_broadcasts_parent_id")),
        sa.ForeignKeyConstraint(["author_id"], ["contacts.id"], name=op.f("fk_broadcasts_author_id")),
        sa.ForeignKeyConstraint(["approver_id"], ["contacts.id"], name=op.f("fk_broadcasts_approver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
        sa.UniqueConstraint("key", name=op.f("uq_broadcasts_key")),
        comment="One message to many. Its audience was added to deliveries for contacts up to filled_to; fill_until is the last.",
    )
    op.create_index("ix_broadcasts_created_at", "broadcasts", ["created_at"])
    op.create_index("ix_broadcasts_started_at", "broadcasts", ["started_at"])
    op.create_index(
        "ix_broadcasts_sweep",
        "broadcasts",
        ["sweep"],
        sqlite_where=sa.text("sweep IS NOT NULL"),
        postgresql_where=sa.text("sweep IS NOT NULL"),
    )
    op.create_index(
        "ix_broadcasts_watched",
        "broadcasts",
        ["id"],
        sqlite_where=sa.text("watched"),
        postgresql_where=sa.text("watched"),
    )
    op.create_index(
        "ix_broadcasts_open",
        "broadcasts",
        ["state", "start_at"],
        sqlite_where=sa.text("state IN ('scheduled', 'running')"),
        postgresql_where=sa.text("state IN ('scheduled', 'running')"),
    )
    op.create_table(
        "deliveries",
        sa.Column("broadcast_id", Big, autoincrement=False, nullable=False),
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(12)),
        sa.Column("address_id", Big),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("vendor_id", sa.Text()),
        sa.CheckConstraint(
            "state = 'queued' OR state = 'claimed' OR state = 'sent' OR state = 'delivered' OR state = 'read'"
            " OR state = 'failed' OR state = 'skipped' OR state = 'unknown'",
            name=op.f("ck_deliveries_state"),
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "contact_id", name=op.f("pk_deliveries")),
        sqlite_with_rowid=False,
        comment="One recipient of one broadcast: the key lets nobody get two. at is when it came into its state; of what is delivered or read, when it was sent.",
    )
    op.create_index(
        "ix_deliveries_vendor_id",
        "deliveries",
        ["channel", "vendor_id"],
        sqlite_where=sa.text("vendor_id IS NOT NULL"),
        postgresql_where=sa.text("vendor_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["channel", "broadcast_id", "contact_id"],
        sqlite_where=sa.text("state IN ('queued', 'claimed')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed')"),
    )
    op.create_table(
        "template_uses",
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_template_uses_contact_id")),
        sa.PrimaryKeyConstraint("channel", "at", "contact_id", name=op.f("pk_template_uses")),
        sqlite_with_rowid=False,
        comment="Whom we wrote to first, outside their window: the vendor counts them over a day (handlers/beats.py).",
    )
    op.create_table(
        "audiences",
        sa.Column("id", Big, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("author_id", Big),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["contacts.id"], name=op.f("fk_audiences_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
        sa.UniqueConstraint("name", name=op.f("uq_audiences_name")),
    )
