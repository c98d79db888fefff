# A server as people write it first: it does not set SO_REUSEADDR.
import socket

server = socket.socket()
server.bind(("127.0.0.1", 8080))
server.listen()
open(".listening", "w").close()
while True:
    connection, _ = server.accept()
    connection.recv(1)
