"""`cpod` that begins at once: a process that has imported all of it is copied for each command.

It is a process of its own all the same, with the files, directory and environment of its caller.

    python tests/docs/warm.py SOCKET          # the one that is copied; ends with its standard input
    python tests/docs/warm.py SOCKET ask ...  # hands a command line over, and ends as that does
"""

import json
import os
import socket
import sys


def ask(place, argv):
    """Have a command line carried out with our files, and return its exit code."""
    order = json.dumps([argv, os.getcwd(), dict(os.environ)]).encode()  # noqa: PTH109 - nothing more is imported
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(place)
        socket.send_fds(server, [len(order).to_bytes(4, "big")], [0, 1, 2])
        server.sendall(order)
        return server.recv(1)[0]


def serve(place):
    """Carry out what is asked for, each in a copy, until nobody is there to ask."""
    import select

    sys.path.append(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120 - as above
    from everything import import_everything

    import_everything()
    with socket.create_server(place, family=socket.AF_UNIX) as door:
        print("ready", flush=True)
        while door in select.select([door, 0], [], [])[0]:
            client, _ = door.accept()
            if os.fork() == 0:
                _carry_out(client)
            client.close()
            while _reaped():
                pass


def _reaped():
    try:
        return os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        return 0


def _carry_out(client):
    """Do what one client asks for in a copy of this copy, and tell how it ended."""
    head, files, _, _ = socket.recv_fds(client, 4, 3)
    order = client.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
    command = os.fork()
    if command == 0:
        _become(files, *json.loads(order))
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    client.sendall(bytes([code % 256]))
    os._exit(0)


def _become(files, argv, directory, environment):
    """Be the command, from its first line to its last."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    sys.stdin, sys.stdout, sys.stderr = map(_opened, range(3), "rww")
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["cpod", *argv]
    from cli import main

    main.main()


def _opened(number, mode):
    """Return a stream as Python opens it at the beginning."""
    errors = "backslashreplace" if number == 2 else None
    return open(number, mode, 1 if errors else -1, errors=errors, closefd=False)


if __name__ == "__main__":
    place, *more = sys.argv[1:]
    if more:
        sys.exit(ask(place, more[1:]))
    serve(place)
