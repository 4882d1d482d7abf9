from explorer.app.logins import LoginThrottle


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def failing(throttle, times, address="192.0.2.7"):
    for _ in range(times):
        throttle.failed(address)


def test_ten_wrong_passwords_are_free_and_then_waits_grow_up_to_a_minute():
    clock = Clock()
    throttle = LoginThrottle(clock)
    failing(throttle, 9)
    assert throttle.wait("192.0.2.7") == 0
    waits = []
    for _ in range(9):
        throttle.failed("192.0.2.7")
        waits.append(throttle.wait("192.0.2.7"))
        clock.now += waits[-1]
        assert throttle.wait("192.0.2.7") == 0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert throttle.wait("192.0.2.8") == 0


def test_failures_are_forgotten_after_a_quarter_of_an_hour():
    clock = Clock()
    throttle = LoginThrottle(clock)
    failing(throttle, 30)
    assert throttle.wait("192.0.2.7") == 60
    clock.now += 901
    throttle.failed("192.0.2.7")
    assert throttle.wait("192.0.2.7") == 0


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first():
    throttle = LoginThrottle(Clock())
    failing(throttle, 30)
    for number in range(9_999):
        throttle.failed(f"10.0.{number // 256}.{number % 256}")
    assert throttle.wait("192.0.2.7") == 60
    throttle.failed("198.51.100.1")
    assert len(throttle) == 10_000
    assert throttle.wait("192.0.2.7") == 0


def test_addresses_of_one_network_of_ipv6_are_counted_together():
    throttle = LoginThrottle(Clock())
    for number in range(10):
        throttle.failed(f"2001:db8::{number}")
    assert throttle.wait("2001:db8::abcd") > 0
    assert throttle.wait("2001:db8:0:1::1") == 0
