"""One person at one table: what they chose, what was computed, what they see. No Panel here."""
