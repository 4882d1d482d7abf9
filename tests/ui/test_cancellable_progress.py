from explorer.ui.cancellable_progress import CancellableProgress


def test_words_say_how_far_it_is_and_a_stopped_job_is_asked_to_end(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("explorer.ui.cancellable_progress.time.monotonic", lambda: now[0])
    told = []
    course = CancellableProgress(lambda function: function(), told.append)
    progress = course.begin()
    assert progress("count", 0, 400)
    now[0] += 0.1
    assert progress("count", 50, 400)  # too soon to be said
    now[0] += 1.9
    assert progress("count", 100, 400)
    assert told == ["counting rows: 0 %", "counting rows: 25 %, about 6 s left"]
    course.stop()
    now[0] += 5
    assert not progress("count", 200, 400)
    assert len(told) == 2


def test_a_new_job_ends_the_one_before():
    told = []
    course = CancellableProgress(lambda function: function(), told.append)
    first = course.begin()
    second = course.begin()
    assert not first("rows", 1, 2)
    assert second("other words", 1, 0)
    assert told == ["other words"]
