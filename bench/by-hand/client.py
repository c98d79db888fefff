"""A client that stays, or one that says hello, closes first and ends: python3 client.py <port> stay|greet"""
import socket
import signal
import sys
import time

signal.signal(signal.SIGINT, signal.SIG_DFL)
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
if sys.argv[2] == "greet":
    connection.sendall(b"hello")
    print(connection.recv(5).decode(), flush=True)
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)
else:
    print("connected", flush=True)
    time.sleep(60)
