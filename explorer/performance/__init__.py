"""How models perform, and which is better where."""
