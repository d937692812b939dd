"""How resources fare: which counts the search has not heard of yet.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Go forward; the release before this one must still run on the result."""
    with op.batch_alter_table("resource_tally", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unindexed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_resource_tally_unindexed"), ["unindexed"], unique=False)
