"""Runs the file named first and, when it came to its end without an error, writes the word given second to stdout: to leave early with exit
code 0 is not to pass. What the file prints goes nowhere. It may read and compute; writing files, processes, signals and sockets are refused
by an audit hook, which code cannot take away again. Limits of time and memory are the caller's (sandbox.mjs)."""

import os
import resource
import sys

# Of the events in os.*, those that change nothing; imports need the first.
HARMLESS = {"os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr", "os.listxattr"}
REFUSED = ("os.", "subprocess.", "socket.", "ctypes.", "shutil.", "tempfile.", "pty.", "fcntl.", "mmap.", "resource.", "syslog.")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def refuse(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES
    if writes or (event.startswith(REFUSED) and event not in HARMLESS):
        raise PermissionError(f"{event} is refused while a task's test runs")


def main():
    path, word = sys.argv[1:]
    write = os.write
    with open(path, encoding="utf-8") as file:
        code = compile(file.read(), "solution.py", "exec")
    sys.argv = [path]
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    # No process and no thread besides this one; root is not held to it.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    sys.addaudithook(refuse)
    exec(code, {"__name__": "solution"})
    write(1, word.encode())
    os._exit(0)


main()
