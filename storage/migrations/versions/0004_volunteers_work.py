"""The work of volunteers: visits and their versions, help with requests, guides, events, invitations, linking, reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", Big, nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("contact_id", Big),
        sa.Column("digest", sa.String(32)),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("women", sa.Integer()),
        sa.Column("flagged", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("state", sa.String(12), nullable=False, server_default="received"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'sent_back', 'resubmitted', 'approved')", name=op.f("ck_visits_state")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_visits_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("code", name=op.f("uq_visits_code")),
        sa.UniqueConstraint("contact_id", "digest", name=op.f("uq_visits_contact_id")),
    )
    op.create_index("ix_visits_contact_id", "visits", ["contact_id", "day"])
    op.create_index("ix_visits_day", "visits", ["day", "state", "kind", "village", "contact_id", "people", "women"])
    op.create_index(
        "ix_visits_to_review",
        "visits",
        ["id"],
        sqlite_where=sa.text("state IN ('received', 'resubmitted')"),
        postgresql_where=sa.text("state IN ('received', 'resubmitted')"),
    )
    op.create_index("ix_visits_village", "visits", ["village", "day", "state"])
    op.create_table(
        "visit_events",
        sa.Column("id", Big, nullable=False),
        sa.Column("visit_id", Big, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", Big),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("answers", sa.Text()),
        sa.CheckConstraint(
            "action IN ('send', 'amend', 'photos', 'send_back', 'approve')", name=op.f("ck_visit_events_action")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["contacts.id"], name=op.f("fk_visit_events_actor_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_visit_events_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_events")),
        comment="What happened to a visit, by whom; answers are those of the version that begins with the event.",
    )
    op.create_index("ix_visit_events_visit_id", "visit_events", ["visit_id", "id"])
    op.create_table(
        "helps",
        sa.Column("request_id", Big, autoincrement=False, nullable=False),
        sa.Column("contact_id", Big),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False, server_default="1"),
        sa.CheckConstraint("state NOT IN ('taken', 'done') OR contact_id IS NOT NULL", name=op.f("ck_helps_taken")),
        sa.CheckConstraint("state IN ('offered', 'taken', 'done', 'closed')", name=op.f("ck_helps_state")),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_helps_request_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_helps_contact_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_helps")),
        comment="A request that volunteers are asked to help with: one row, so one volunteer has it. round counts the offers.",
    )
    op.create_index("ix_helps_contact_id", "helps", ["contact_id", "state"])
    op.create_index("ix_helps_state", "helps", ["state", "heard_at"])
    op.create_table(
        "guides",
        sa.Column("id", Big, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("media", sa.Text()),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("author_id", Big),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["author_id"], ["contacts.id"], name=op.f("fk_guides_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guides")),
        comment="search holds title and body in the spellings that are searched.",
    )
    op.create_table(
        "guide_readers",
        sa.Column("guide_id", Big, autoincrement=False, nullable=False),
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("outbox_id", Big),
        sa.Column("opened_at", sa.BigInteger()),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_guide_readers_contact_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_readers_guide_id")),
        sa.PrimaryKeyConstraint("guide_id", "contact_id", name=op.f("pk_guide_readers")),
        comment="To whom a guide was sent: outbox_id tells whether it was delivered and read, opened_at when they asked for it, confirmed_at when they said that they have read it.",
    )
    op.create_index("ix_guide_readers_contact_id", "guide_readers", ["contact_id"])
    op.create_table(
        "guide_questions",
        sa.Column("id", Big, nullable=False),
        sa.Column("guide_id", Big, nullable=False),
        sa.Column("contact_id", Big),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("author_id", Big),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["author_id"], ["contacts.id"], name=op.f("fk_guide_questions_author_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_guide_questions_contact_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["guides.id"], name=op.f("fk_guide_questions_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_questions")),
        comment="The thread of one volunteer (contact_id) about one guide; answered_at is set on their questions alone.",
    )
    op.create_index("ix_guide_questions_guide_id", "guide_questions", ["guide_id", "contact_id", "id"])
    op.create_table(
        "events",
        sa.Column("id", Big, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("about", sa.Text()),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("material", sa.Text()),
        sa.Column("media", sa.Text()),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("author_id", Big),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('announced', 'cancelled')", name=op.f("ck_events_state")),
        sa.ForeignKeyConstraint(["author_id"], ["contacts.id"], name=op.f("fk_events_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("code", name=op.f("uq_events_code")),
    )
    op.create_index("ix_events_starts_at", "events", ["starts_at"])
    op.create_table(
        "event_guests",
        sa.Column("event_id", Big, autoincrement=False, nullable=False),
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("answer", sa.String(12)),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("attended_at", sa.BigInteger()),
        sa.Column("wrong_codes", sa.Integer(), nullable=False, server_default="0"),
        sa.CheckConstraint("answer IN ('coming', 'maybe', 'not_coming')", name=op.f("ck_event_guests_answer")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_guests_event_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_event_guests_contact_id")),
        sa.PrimaryKeyConstraint("event_id", "contact_id", name=op.f("pk_event_guests")),
    )
    op.create_index("ix_event_guests_contact_id", "event_guests", ["contact_id"])
    op.create_table(
        "invitations",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("village", sa.String(13)),
        sa.Column("inviter_id", Big),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["inviter_id"], ["contacts.id"], name=op.f("fk_invitations_inviter_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_invitations")),
        comment="Codes by which staff invite people to apply as volunteers.",
    )
    op.create_table(
        "link_codes",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_link_codes_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_link_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_link_codes_code")),
        comment="A short code that joins another channel's address to this contact; typed there.",
    )
    op.create_table(
        "mutes",
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_mutes_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", "topic", name=op.f("pk_mutes")),
    )
    op.create_table(
        "reminded",
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("contact_id", Big, autoincrement=False, nullable=False),
        sa.Column("subject", Big, autoincrement=False, nullable=False),
        sa.Column("fence", Big, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_reminded_contact_id")),
        sa.PrimaryKeyConstraint("rule", "contact_id", "subject", "fence", name=op.f("pk_reminded")),
        comment="What a person was reminded of: rule, subject and the state of it (fence); the key lets each go out once.",
    )
    op.create_index("ix_reminded_at", "reminded", ["at"])
    op.create_index("ix_reminded_contact_id", "reminded", ["contact_id"])
