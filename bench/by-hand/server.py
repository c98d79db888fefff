"""A server as one writes it to try something out: python3 server.py <port> <reuse: 0|1>"""
import socket
import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)
port, reuse = int(sys.argv[1]), int(sys.argv[2])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
try:
    listener.bind(("127.0.0.1", port))
    listener.listen()
except OSError as error:
    print(error.strerror, flush=True)
    sys.exit(1)
print("listening", flush=True)
connections = []
while True:
    connection, peer = listener.accept()
    connections.append(connection)
    print("accepted", flush=True)
    data = connection.recv(5)
    if data:
        connection.sendall(data)
        connection.recv(1)
        connection.close()
