"""The first tables.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

import tongyan.kernel.types

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_at"), ["at"], unique=False)
        batch_op.create_index("ix_attempt_key_at", ["key", "at"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index("ix_audit_entry_subject_seq", ["subject", "seq"], unique=False)

    op.create_table(
        "curriculum_node",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "stage", "subject", "edition", "volume", "unit", "lesson", name="level", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Float(), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("edition", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("volume", sa.String(length=64), nullable=False),
        sa.Column("std", sa.String(length=8), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["curriculum_node.id"], name=op.f("fk_curriculum_node_parent_id_curriculum_node")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["curriculum_node.id"], name=op.f("fk_curriculum_node_successor_id_curriculum_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_node")),
    )
    with op.batch_alter_table("curriculum_node", schema=None) as batch_op:
        batch_op.create_index("ix_curriculum_node_parent_id_position", ["parent_id", "position"], unique=False)
        batch_op.create_index(batch_op.f("ix_curriculum_node_path"), ["path"], unique=False)
        batch_op.create_index("ix_curriculum_node_subject_grade_level", ["subject", "grade", "level"], unique=False)

    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "done", "parked", name="jobstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_data", sa.JSON(), nullable=True),
        sa.Column("worker", sa.String(length=128), nullable=True),
        sa.Column("lease_until", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("not_before", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_key_state", ["key", "state"], unique=False)
        batch_op.create_index("ix_job_kind_created_at", ["kind", "created_at"], unique=False)
        batch_op.create_index("ix_job_state_not_before", ["state", "not_before"], unique=False)

    op.create_table(
        "live_outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_outbox")),
    )
    with op.batch_alter_table("live_outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_outbox_created_at"), ["created_at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("login_key", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_changed_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=16), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_last_counter", sa.Integer(), nullable=True),
        sa.Column("mf_recovery_codes", sa.JSON(), nullable=True),
        sa.Column("factor_release_by", sa.Uuid(), nullable=True),
        sa.Column("factor_release_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("acting_school_id", sa.Uuid(), nullable=True),
        sa.Column("last_seen_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["acting_school_id"], ["school.id"], name="fk_person_acting_school_id_school", use_alter=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_person_fs_uniquifier")),
        sa.UniqueConstraint("login_key", name=op.f("uq_person_login_key")),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "level",
            sa.Enum("province", "city", "county", "town", name="regionlevel", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["region.id"], name=op.f("fk_region_parent_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
    )
    with op.batch_alter_table("region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_region_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_entry.seq"], name=op.f("fk_audit_head_seq_audit_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "curriculum_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column(
            "verb",
            sa.Enum(
                "add",
                "rename",
                "move",
                "retire",
                "revive",
                "succeed",
                "undo",
                name="verb",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("below", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.String(length=64), nullable=False),
        sa.Column("at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["node_id"], ["curriculum_node.id"], name=op.f("fk_curriculum_change_node_id_curriculum_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curriculum_change")),
    )
    with op.batch_alter_table("curriculum_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_curriculum_change_node_id"), ["node_id"], unique=False)

    op.create_table(
        "known_device",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("last_seen_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_known_device_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "device_hash", name=op.f("pk_known_device")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(length=255), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_person_id_read_at_created_at", ["person_id", "read_at", "created_at"], unique=False
        )

    op.create_table(
        "office",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "district_officer",
                "group_head",
                "line_head",
                "prep_lead",
                "researcher",
                "school_head",
                "subject_lead",
                name="officekind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_office_dates")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_office_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_office_scope"), ["scope"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose", sa.Enum("activation", "reset", name="linkpurpose", native_enum=False, length=32), nullable=False
        ),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("password_mark", sa.String(length=64), nullable=False),
        sa.Column("expires_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_one_time_link_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_one_time_link_secret_hash")),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "people_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("checked", "importing", "done", "failed", name="importstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("bad_count", sa.Integer(), nullable=False),
        sa.Column("preview", sa.JSON(), nullable=False),
        sa.Column("expires_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("links_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_people_import_actor_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
    )
    with op.batch_alter_table("people_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_import_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_people_import_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "imported_person",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["people_import.id"],
            name=op.f("fk_imported_person_import_id_people_import"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_imported_person_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_imported_person")),
    )
    with op.batch_alter_table("imported_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_person_person_id"), ["person_id"], unique=False)

    op.create_table(
        "person_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("factor_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_session_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_person_session_token_hash")),
    )
    with op.batch_alter_table("person_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "school",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("short_name", sa.String(length=32), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("legal_person", sa.Boolean(), nullable=False),
        sa.Column("owning_authority", sa.String(length=128), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("quota_bytes", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_school_region_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("name", name=op.f("uq_school_name")),
    )
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_region_id"), ["region_id"], unique=False)

    if op.get_bind().dialect.name == "postgresql":  # person and school point at each other; SQLite has it inline
        op.create_foreign_key("fk_person_acting_school_id_school", "person", "school", ["acting_school_id"], ["id"])

    op.create_table(
        "group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column(
            "pairing",
            sa.Enum("core_weak", "core_rural", "core_new", name="pairing", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "way",
            sa.Enum("trust", "alliance", "cooperation", "bundled", name="way", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("core_school_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["core_school_id"], ["school.id"], name=op.f("fk_group_core_school_id_school")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_group_region_id_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group")),
        sa.UniqueConstraint("name", name=op.f("uq_group_name")),
    )
    with op.batch_alter_table("group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_core_school_id"), ["core_school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_group_region_id"), ["region_id"], unique=False)

    op.create_table(
        "posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("home", "serving", "exchange", name="postingkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_posting_dates")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_posting_person_id_person")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_posting_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index("ix_posting_person_id_to_on", ["person_id", "to_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_posting_school_id"), ["school_id"], unique=False)

    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lesson_plan",
                "courseware",
                "micro_lesson",
                "study_guide",
                "exercise",
                "exam",
                "material",
                "recording",
                "lesson_talk",
                "package",
                name="resourcekind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "published", "trashed", name="resourcestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "licence",
            sa.Enum(
                "cc-by",
                "cc-by-sa",
                "cc-by-nc",
                "cc-by-nc-sa",
                "cc0",
                "school",
                "reserved",
                name="licence",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=True),
        sa.Column("subject", sa.String(length=32), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("node_id", sa.Uuid(), nullable=True),
        sa.Column("edition_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("trashed_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["curriculum_node.id"], name=op.f("fk_resource_edition_id_curriculum_node")
        ),
        sa.ForeignKeyConstraint(["node_id"], ["curriculum_node.id"], name=op.f("fk_resource_node_id_curriculum_node")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_resource_owner_id_person")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_resource_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.create_index("ix_resource_audience_state", ["audience", "state", "edition_id", "grade"], unique=False)
        batch_op.create_index("ix_resource_kind_state", ["kind", "state", "audience", "published_at"], unique=False)
        batch_op.create_index(
            "ix_resource_licence_state", ["licence", "state", "audience", "published_at"], unique=False
        )
        batch_op.create_index("ix_resource_node_id_state", ["node_id", "state", "audience"], unique=False)
        batch_op.create_index(
            "ix_resource_owner_id_state_created_at", ["owner_id", "state", "created_at"], unique=False
        )
        batch_op.create_index(
            "ix_resource_school_id_state", ["school_id", "state", "audience", "published_at"], unique=False
        )
        batch_op.create_index(
            "ix_resource_state_published_at",
            ["state", "published_at", "id", "audience", "edition_id", "grade"],
            unique=False,
        )
        batch_op.create_index("ix_resource_state_title", ["state", "title", "audience"], unique=False)
        batch_op.create_index(
            "ix_resource_subject_grade_state", ["subject", "grade", "state", "audience", "published_at"], unique=False
        )

    op.create_table(
        "school_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String(length=8), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("edition_node_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_node_id"], ["curriculum_node.id"], name=op.f("fk_school_edition_edition_node_id_curriculum_node")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_edition_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_edition")),
        sa.UniqueConstraint(
            "school_id",
            "term",
            "stage",
            "subject",
            "grade",
            name=op.f("uq_school_edition_school_id_term_stage_subject_grade"),
        ),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("end_reason", sa.String(length=255), nullable=False),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_membership_dates")),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=op.f("fk_membership_group_id_group")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_membership_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_group_id"), ["group_id"], unique=False)
        batch_op.create_index("ix_membership_school_id_group_id", ["school_id", "group_id"], unique=False)

    op.create_table(
        "resource_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("media_type", sa.String(length=127), nullable=False),
        sa.Column(
            "family",
            sa.Enum(
                "document", "image", "audio", "video", "text", "other", name="filefamily", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("processing", "ready", "download_only", "rejected", name="filestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("preview_sha256", sa.String(length=64), nullable=True),
        sa.Column("thumbnail_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_file_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_file")),
    )
    with op.batch_alter_table("resource_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_file_preview_sha256"), ["preview_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_file_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_file_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_file_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_file_thumbnail_sha256"), ["thumbnail_sha256"], unique=False)

    op.create_table(
        "file_step",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum("store", "check", "preview", "pages", "text", "index", name="step", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("pending", "running", "done", "skipped", "failed", name="stepstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("changed_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["resource_file.id"], name=op.f("fk_file_step_file_id_resource_file"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "step", name=op.f("pk_file_step")),
    )
    op.create_table(
        "file_text",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["resource_file.id"], name=op.f("fk_file_text_file_id_resource_file"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "page", name=op.f("pk_file_text")),
    )
    op.create_table(
        "page_image",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["resource_file.id"], name=op.f("fk_page_image_file_id_resource_file"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "page", name=op.f("pk_page_image")),
    )
    with op.batch_alter_table("page_image", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_image_sha256"), ["sha256"], unique=False)

    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", sa.Enum("receiving", "received", name="uploadstate", native_enum=False, length=32), nullable=False
        ),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", tongyan.kernel.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["resource_file.id"], name=op.f("fk_upload_file_id_resource_file"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_upload_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_upload_resource_id_resource"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_upload_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_file_id"), ["file_id"], unique=False)
        batch_op.create_index("ix_upload_person_id_state", ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_school_id"), ["school_id"], unique=False)
