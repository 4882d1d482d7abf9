"""What the user chose: one JSON document, changed by reversible actions; undo, link."""
