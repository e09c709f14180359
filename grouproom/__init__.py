"""THE DOOR: the only floor that reads the environment."""

from __future__ import annotations

import multiprocessing
import signal

if multiprocessing.current_process().name != "MainProcess":
    # A worker of `serve --workers`. Ctrl-C reaches it as well, and until it serves would end it with a traceback; the
    # process that started it ends it in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
