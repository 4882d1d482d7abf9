"""Experiments: metrics of arms, effects with intervals, trust gates, families of tests, verdicts and their colours."""
