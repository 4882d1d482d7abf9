"""What the scripts send is what the views understand: neither can change alone.

That each message of a script is one that its view takes, with all its entries, and that each
parameter that it reads is there, says the compiler (`make types`), by the declarations that
`test_message_types` writes.
"""

import pytest

from explorer.ui.browser_modules import import_order
from explorer.ui.component import Component
from explorer.ui.messages import MessageError, read_message
from tests.ui.test_message_types import VIEWS, handlers_of, view_of


@pytest.mark.parametrize("name", VIEWS)
def test_every_handler_is_called_by_the_script(name):
    view = view_of(name)
    script = "".join(module.body for module in import_order(f"{view.script_path()}.js"))
    assert [kind for kind in handlers_of(view) if f'"{kind}"' not in script] == []


def test_an_unknown_message_is_refused_in_words():
    class Silent(Component):
        pass

    for message in ({"type": "sing"}, {}, {"type": "__class__"}):
        with pytest.raises(MessageError, match="Silent: no message is of type"):
            read_message(Silent, message)
