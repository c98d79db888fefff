"""Opens that many connections over loopback, says so, and holds them until the end of standard input."""
import os
import socket
import sys

count, port = int(sys.argv[1]), int(sys.argv[2])
# A process may have 20000 descriptors on many machines, and each connection takes two.
each = 9000
children = []
for first in range(0, count, each):
    (told, tell), (held, hold) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(hold)
        server = socket.create_server((f"127.0.1.{1 + first // each}", port), backlog=1024)
        kept = []
        for _ in range(min(each, count - first)):
            kept.append((socket.create_connection(server.getsockname()), server.accept()[0]))
        os.write(tell, b"x")
        os.read(held, 1)
        os._exit(0)
    os.close(held)
    os.close(tell)
    children.append((pid, told, hold))
for _, told, _ in children:
    os.read(told, 1)
print("ready", flush=True)
sys.stdin.read()
for pid, _, hold in children:
    os.close(hold)
for pid, _, _ in children:
    os.waitpid(pid, 0)
