"""A process beside this one: its start, its messages, its end."""
