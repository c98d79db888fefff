"""The steps of "tcpclose demo server-first", scripted by hand with Python, ss and signals."""
import os
import re
import signal
import socket
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
readings = 0
running = []


def start(program, *args):
    process = subprocess.Popen(
        [sys.executable, os.path.join(here, program), *map(str, args)], stdout=subprocess.PIPE, text=True
    )
    running.append(process)
    return process, process.stdout.readline().strip()


def ss(port):
    global readings
    readings += 1
    ports = f"( sport = :{port} or dport = :{port} )"
    return subprocess.run(["ss", "-tanpoe", ports], capture_output=True, text=True, check=True).stdout


def wait_for(port, *patterns):
    for _ in range(1000):
        table = ss(port)
        if all(re.search(pattern, table, re.M) for pattern in patterns):
            return
    sys.exit(f"never seen: {patterns}\n{table}")


def kill(process):
    process.send_signal(signal.SIGINT)
    process.wait()


def expect(observed, expected):
    if observed != expected:
        sys.exit(f"expected {expected}, observed {observed}")


def refused(port, reuse):
    process, said = start("server.py", port, reuse)
    process.wait()
    expect(said, "Address already in use")


def served(port):
    server, said = start("server.py", port, 1)
    expect(said, "listening")
    client, said = start("client.py", port, "greet")
    expect(said, "hello")
    client.wait()
    expect(server.stdout.readline().strip(), "accepted")
    kill(server)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server_side(state, port):
    return rf"^{state} .*127\.0\.0\.1:{port} +127\.0\.0\.1:\d+ (?!.*users:)"


def restart(reuse):
    port = free_port()
    server, said = start("server.py", port, reuse)
    expect(said, "listening")
    client, said = start("client.py", port, "stay")
    expect(said, "connected")
    expect(server.stdout.readline().strip(), "accepted")
    if not reuse:
        wait_for(port, rf"^ESTAB .*pid={server.pid},", rf"^ESTAB .*pid={client.pid},")
    kill(server)
    wait_for(port, server_side("FIN-WAIT-2", port), rf"^CLOSE-WAIT .*pid={client.pid},")
    refused(port, 0)
    served(port) if reuse else refused(port, 1)
    kill(client)
    wait_for(port, server_side("TIME-WAIT", port))
    refused(port, 0)
    served(port) if reuse else refused(port, 1)


try:
    restart(0)
    restart(1)
    print(f"as expected, {readings} readings of ss")
finally:
    for process in running:
        process.kill()
        process.wait()
