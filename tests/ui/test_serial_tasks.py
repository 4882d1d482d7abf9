import threading

from explorer.core.errors import ExplorerError
from explorer.ui.serial_tasks import SerialTasks


def test_what_is_asked_for_at_once_is_all_done_in_order_and_the_last_word_stays(until):
    gate, did, told = threading.Event(), [], []
    tasks = SerialTasks(lambda callback: callback(), lambda: told.append(tasks.turn))

    def refuse():
        did.append("refused")
        raise ExplorerError("not today")

    tasks.submit(lambda: gate.wait(10))
    for work in (lambda: did.append("first"), refuse):
        tasks.submit(work)
    gate.set()
    until(lambda: tasks.turn == 3)
    assert (did, tasks.error) == (["first", "refused"], "not today")
    tasks.submit(lambda: did.append("again"))
    until(lambda: tasks.turn == 4)
    assert tasks.error == ""
    until(lambda: told and told[-1] == 4)
