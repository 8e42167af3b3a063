"""Runs before FFmpeg in the new process, fences it in, and becomes it.

A small program instead of ``preexec_fn``, which may deadlock in a process with threads, and instead of ``prlimit`` from
the parent alone, which would leave FFmpeg unlimited for its first moments and could not tie its life to the parent's.
It is started as ``python -I -S launcher.py`` (about 20 ms) and imports nothing of the project.
"""

import ctypes
import os
import resource
import signal
import sys

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
CANNOT_RUN = 127  # the shell's exit status for a program that cannot be run


def fence(parent: int, memory_bytes: int, cpu_seconds: int, cpu_seconds_ever: int, file_bytes: int) -> None:
    libc = ctypes.CDLL(None)
    # An empty network, where the kernel grants it. Root must not also take a new user namespace: it would lose the
    # right to read files of other users. A refusal is no failure: FFmpeg may open no network protocol anyway.
    libc.unshare(CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # after unshare, which clears it
    if os.getppid() != parent:  # the parent died before it was tied
        os._exit(CANNOT_RUN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds_ever))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))  # 0 where it writes to pipes only
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    numbers, command = sys.argv[1:6], sys.argv[6:]
    fence(*map(int, numbers))
    try:
        os.execve(command[0], command, {})
    except OSError as error:
        print(f"cannot run {command[0]}: {error}", file=sys.stderr)
        sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    main()
