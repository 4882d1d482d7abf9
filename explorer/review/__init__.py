"""Feature sets, verdicts with evidence, approvals, and their store."""
