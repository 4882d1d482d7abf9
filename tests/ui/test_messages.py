"""What the scripts send is what the views understand: neither can change alone.

That each message of a script is one that its view takes, with all its entries, and that each
parameter that it reads is there, says the compiler (`make types`), by the declarations that
`test_message_types` writes.
"""

import re

import pytest

from explorer.ui.browser_modules import import_order
from explorer.ui.component import Component
from explorer.ui.messages import MessageError, read_message
from tests.ui.test_message_types import VIEWS, handlers_of, view_of


@pytest.mark.parametrize("name", VIEWS)
def test_every_handler_is_called_by_the_script(name):
    view = view_of(name)
    script = "".join(module.body for module in import_order(f"{view.script_path()}.js"))
    assert set(handlers_of(view)) <= set(message_types(script))


def message_types(script):
    """Return the types of the messages that a script makes: `type: "look"`, in no comment."""
    code = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", script, flags=re.DOTALL)
    for expression in re.findall(r"\btype: ([^,}]*)", code):
        # of a variable, what its declaration lets it be
        declared = re.search(rf"@property \{{([^}}]*)\}} {re.escape(expression)}\b", script)
        yield from re.findall(r'"(\w+)"', declared[1] if declared else expression)
    if re.search(r"\{ type \}", code):  # of a parameter with that name
        for declared in re.findall(r"@param \{([^}]*)\} type\b", script):
            yield from re.findall(r'"(\w+)"', declared)


def test_an_unknown_message_is_refused_in_words():
    class Silent(Component):
        pass

    for message in ({"type": "sing"}, {}, {"type": "__class__"}):
        with pytest.raises(MessageError, match="Silent: no message is of type"):
            read_message(Silent, message)
