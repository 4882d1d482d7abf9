import threading

from explorer.core.errors import ExplorerError
from explorer.ui.serial_tasks import Errands


def test_what_is_asked_for_at_once_is_all_done_in_order_and_the_last_word_stays(until):
    gate, did, told = threading.Event(), [], []
    errands = Errands(lambda callback: callback(), lambda: told.append(errands.turn))

    def refuse():
        did.append("refused")
        raise ExplorerError("not today")

    errands.ask(lambda: gate.wait(10))
    for work in (lambda: did.append("first"), refuse):
        errands.ask(work)
    gate.set()
    until(lambda: errands.turn == 3)
    assert (did, errands.error) == (["first", "refused"], "not today")
    errands.ask(lambda: did.append("again"))
    until(lambda: errands.turn == 4)
    assert errands.error == ""
    until(lambda: told and told[-1] == 4)
