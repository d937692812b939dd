"""Become another program, one that ends when its parent does, however the parent ends.

`./dev run` starts its children through this, so that even `kill -9` leaves no server behind. Linux only; elsewhere
the children are ended by the supervisor alone.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 # no shell is wanted
