"""Ctrl+C and SIGTERM: the process says one line and ends, at any moment from `listen` on.

Python raises `KeyboardInterrupt` for Ctrl+C alone, and prints a traceback where nobody catches it:
while modules are imported, in a finaliser, and when the interpreter waits for its threads at exit.
A process that runs a command is told here to end in the same way for both signals: the work is
unwound, so that drafts and workers are removed; what does not end within five seconds, as a thread
that compiles, is left behind. Before, while Python starts and imports this module, the signals do
what they do to every Python program: little is imported here, so that this takes milliseconds.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["end_process", "listen", "received_signal", "run"]

_GRACE = 5.0  # seconds for unwinding: then the process ends without
_STOPPED = "stopped"
_received: int | None = None
_said = False
_ends_at_once = False


def received_signal() -> int | None:
    """Return the signal that asked this process to end; None as long as none did."""
    return _received


def listen(*, at_once: bool = False) -> None:
    """Take Ctrl+C and SIGTERM from here on, also from a library that took them.

    Without effect beside the main thread.

    Parameters
    ----------
    at_once : bool
        End without unwinding the work, in a process whose main function is not ours, such as `panel
        serve`: workers end with it, and what was confirmed is on the disk.
    """
    global _ends_at_once
    if threading.current_thread() is not threading.main_thread():
        return
    _ends_at_once = _ends_at_once or at_once
    signal.signal(signal.SIGINT, _on_signal)
    signal.signal(signal.SIGTERM, _on_signal)


def run(main: Callable[[], int]) -> NoReturn:
    """Run a command in a process that ends with 130 after Ctrl+C and with 143 after SIGTERM.

    Parameters
    ----------
    main : callable
        The command; returns the exit code.
    """
    global _ends_at_once
    try:
        listen()
        _watch()
        code: Any = main()
    except SystemExit as error:
        code = error.code
    except BaseException as error:
        if _received is None:
            raise
        end_process(str(error) if isinstance(error, KeyboardInterrupt) else "")
    _ends_at_once = True  # the interpreter waits for its threads now
    if _received is not None:
        end_process()
    sys.exit(code)


def end_process(message: str = "") -> NoReturn:
    """Say the line and end the process without waiting for its threads."""
    global _said
    if not _said:
        _said = True
        start = b"\n" if os.isatty(2) else b""  # after ^C, or a bar
        try:
            sys.stdout.flush()
            os.write(2, start + (message or _STOPPED).encode("utf-8", "replace") + b"\n")
        except (OSError, ValueError, AttributeError):
            pass  # nobody reads us any more
    os._exit(128 + (_received or signal.SIGINT))


def _on_signal(number: int, _frame: Any) -> None:
    global _received
    again, _received = _received is not None, number
    _be_quiet()
    if again or _ends_at_once:
        end_process()
    raise KeyboardInterrupt


def _be_quiet() -> None:
    """End threads and finalisers that are cut off without a traceback.

    The process too, where nobody catches the signal.
    """
    sys.excepthook = lambda *_: end_process()
    threading.excepthook = lambda *_: None
    sys.unraisablehook = lambda *_: None
    if (
        logging := sys.modules.get("logging")
    ) is not None:  # loading it takes longer than all before
        logging.disable(logging.CRITICAL)


def _watch() -> None:
    """End the process where its main thread does not come to it, as in a long call into C."""
    if os.name != "posix":
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    # written by the signal itself, before the main thread runs Python again
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=_end_late, args=(read,), name="stop", daemon=True).start()


def _end_late(read: int) -> None:
    global _received
    number = 0
    while number not in (signal.SIGINT, signal.SIGTERM):
        number = os.read(read, 1)[0]
    time.sleep(_GRACE)
    _received = _received or number
    end_process()
