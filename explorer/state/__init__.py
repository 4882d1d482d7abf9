"""What the user chose: one versioned JSON document, changed only by named, reversible actions.

Undo, links, saved sessions and replay all rest on three rules: an action is a pure function from a document to a
document; every document that results is checked section by section; nothing else writes to the document. A link
comes from outside and is read through the same checks.
"""
