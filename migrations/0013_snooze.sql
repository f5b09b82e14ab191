-- Reminders that rest, what hastens them, people who are away, and held mail that nobody decided about.

-- A snooze silences the reminders of a clock and moves no deadline.
ALTER TABLE clocks ADD COLUMN snoozed_at BIGINT;
ALTER TABLE clocks ADD COLUMN snoozed_until BIGINT;
ALTER TABLE clocks ADD COLUMN snoozed_because TEXT;

-- When a member confirmed that the flaw is used against people; reminders come in half the time from then on.
ALTER TABLE cases ADD COLUMN exploited_at BIGINT;

-- When members were reminded that held mail waits for a decision.
ALTER TABLE messages ADD COLUMN held_told_at BIGINT;
CREATE INDEX messages_held_untold ON messages (held_at)
    WHERE held_at IS NOT NULL AND decided_at IS NULL AND held_told_at IS NULL;

-- Days on which a contact is away, as the contact itself or a member said, beside those of its own entry.
CREATE TABLE absences (
    id TEXT PRIMARY KEY,
    contact_id TEXT NOT NULL REFERENCES contacts (id),
    -- Both included, like 2026-12-20.
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    -- `contact`, or the member's address.
    said_by TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    taken_back_at BIGINT
);
CREATE INDEX absences_contact ON absences (contact_id) WHERE taken_back_at IS NULL;
