"""What the user chose: one versioned JSON document, changed only by named, reversible actions; undo, link."""
