"""What the user chose: one versioned JSON document, changed only by named, reversible actions.

Undo, links, saved sessions and replay all rest on three rules: an action is a pure function from a document to a
document; every document that results is checked section by section; nothing else writes to the document. A link
comes from outside and is read through the same checks.
"""

from explorer.state.actions import ACTIONS
from explorer.state.document import VERSION, Document, first_document
from explorer.state.link import from_url, to_url
from explorer.state.state import State

__all__ = ["ACTIONS", "VERSION", "Document", "State", "first_document", "from_url", "to_url"]
