"""A nameserver that answers late: each question goes on to another server after a while. Nothing real delays by so much on
purpose. Over TCP it accepts, as every nameserver does, and is asked nothing. Arguments: its address, the other's, seconds."""

import selectors
import socket
import sys
import time
from collections import deque


def main() -> None:
    address, other, delay = sys.argv[1], sys.argv[2], float(sys.argv[3])
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind((address, 53))
    _listening = socket.create_server((address, 53))
    waiting: deque[tuple[float, bytes, tuple]] = deque()
    ready = selectors.DefaultSelector()
    ready.register(asked, selectors.EVENT_READ)
    while True:
        due = waiting[0][0] - time.monotonic() if waiting else None
        for key, _ in ready.select(None if due is None else max(due, 0)):
            if key.fileobj is asked:
                question, who = asked.recvfrom(4096)
                waiting.append((time.monotonic() + delay, question, who))
            else:
                asked.sendto(key.fileobj.recv(4096), key.data)
                ready.unregister(key.fileobj)
                key.fileobj.close()
        while waiting and waiting[0][0] <= time.monotonic():
            _, question, who = waiting.popleft()
            onward = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            onward.connect((other, 53))
            onward.send(question)
            ready.register(onward, selectors.EVENT_READ, who)


if __name__ == "__main__":
    main()
