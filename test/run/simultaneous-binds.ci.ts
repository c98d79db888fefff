import { describe, expect, test } from 'vitest';
import { somePort } from '../support/sockets.ts';
import { python } from './runs.ts';

describe('at the moment of a failed bind', () => {
  test('of two that listen at the same moment one fails, however often', async () => {
    const rounds = 40;
    // Each closes its socket as soon as it has failed, as Node does.
    const { failures, stdout } = await python(`
import threading
failed = []
def listen(port, together):
  server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  together.wait()
  try: server.bind(("127.0.0.1", port)); server.listen()
  except OSError: server.close(); failed.append(port)
  together.wait()
  server.close()
for _ in range(${rounds}):
  free = socket.socket(); free.bind(("127.0.0.1", 0)); port = free.getsockname()[1]; free.close()
  together = threading.Barrier(2)
  two = [threading.Thread(target=listen, args=(port, together)) for _ in range(2)]
  for one in two: one.start()
  for one in two: one.join()
print(len(failed))`);
    const failed = Number(stdout);
    expect(failed).toBeGreaterThanOrEqual(rounds / 2);
    expect(failures.reduce((sum, { times }) => sum + times, 0)).toBe(failed);
  });

  test('a port that was asked for, closed, and taken by another is a gap', async () => {
    const { failures, said } = await python(`
asked = socket.socket(); asked.bind(("127.0.0.1", 0)); asked.listen(); port = asked.getsockname()[1]; asked.close()
if os.fork() == 0:
  other = socket.socket(); other.bind(("127.0.0.1", port)); other.listen(); time.sleep(60)
while True:
  probe = socket.socket()
  if probe.connect_ex(("127.0.0.1", port)) == 0: break
  time.sleep(0.02)
try: socket.socket().bind(("127.0.0.1", port))
except OSError: pass
os.system("kill $(ps -o pid= --ppid %d | head -1)" % os.getpid())`);
    expect(failures).toMatchObject([{ kind: 'this run', asked: { pid: expect.any(Number), port: 'seen' } }]);
    expect(said).toContain('. This process had been given that port as a free one');
  });

  test('the same without a listen is reported as not seen, and only if a free port was requested', async () => {
    const [fixed, later] = [somePort(), somePort()];
    const { failures, said } = await python(`
def take(port):
  taken = socket.socket(); taken.bind(("127.0.0.1", port)); taken.listen()
  try: socket.socket().bind(("127.0.0.1", port))
  except OSError: pass
take(${fixed})
asked = socket.socket(); asked.bind(("127.0.0.1", 0)); port = asked.getsockname()[1]; asked.close()
take(port); take(${later})`);
    expect(failures).toMatchObject([
      { kind: 'same process', port: fixed, asked: null },
      { kind: 'same process', asked: { pid: expect.any(Number), port: 'not seen' } },
      { kind: 'same process', port: later, asked: null },
    ]);
    expect(said).toContain('. This process had asked for a free port');
  });

  test('a bind is reported right after another one whose process continues, though its socket is gone at once', async () => {
    const port = somePort();
    const { failures } = await python(`
if os.fork() == 0:
  while True:
    probe = socket.socket()
    if probe.connect_ex(("127.0.0.1", ${port})) == 0: break
    probe.close()
  try: socket.socket().bind(("127.0.0.1", ${port}))
  except OSError: pass
  os._exit(0)
server = socket.socket(); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", ${port})); server.listen()
end = time.time() + 0.8
while time.time() < end: pass
os.wait()`);
    expect(failures).toMatchObject([{ kind: 'this run', result: 'EADDRINUSE', seen: 'while it waited' }]);
  });

  test('of two simultaneous binds the one that fails is reported, with the process that was first', async () => {
    const { failures } = await python(`
import threading
barrier, sockets = threading.Barrier(2), []
def bind():
  sockets.append(socket.socket()); mine = sockets[-1]; barrier.wait()
  try: mine.bind(("127.0.0.1", ${somePort()}))
  except OSError: pass
  time.sleep(0.5)
threads = [threading.Thread(target=bind) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()`);
    expect(failures).toMatchObject([{ kind: 'same process', holders: [{ relation: 'same process' }] }]);
  });
});
