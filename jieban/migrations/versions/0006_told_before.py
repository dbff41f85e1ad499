"""Whoever was told by a letter before letters moved the limit of feedback waits for no word by the old limit.

Such a matter ends as it would have by the version that it began with: nobody is said to be late who was not.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Letters after which a matter goes on; those that end it stand on matters that are closed, or soon will be.
    op.execute(
        "UPDATE first_contact SET follow_at = NULL "
        "WHERE follow_at IS NOT NULL AND feedback_at IS NULL "
        "AND (breached_at IS NULL OR breached_at <> feedback_due) AND EXISTS ("
        "SELECT 1 FROM letter JOIN case_file ON case_file.id = letter.case_id "
        "WHERE case_file.first_contact_id = first_contact.id "
        "AND letter.issued_at >= coalesce(first_contact.reopened_at, first_contact.received_at) "
        "AND letter.kind IN ('acceptance', 'care_assessment', 'check_result', 'extension', 'hotline_longer', "
        "'petition_accepted', 'petition_longer', 'supplement', 'temp_backfill'))"
    )
