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

  test('the one that fails is reported, although the first one gets no CPU for a while', async () => {
    // Two busy processes keep the first one from its CPU until the second one has called bind too, and 0.3 s longer.
    const { failures, stdout } = await python(`
cpu = {min(os.sched_getaffinity(0))}
number = {"x86_64": "49 ", "aarch64": "200 "}[os.uname().machine]
def child(work):
  pid = os.fork()
  if pid == 0:
    try: work()
    finally: os._exit(0)
  return pid
def busy():
  os.sched_setaffinity(0, cpu)
  end = time.time() + 20
  while time.time() < end: pass
for _ in range(5):
  free = socket.socket(); free.bind(("127.0.0.1", 0)); port = free.getsockname()[1]; free.close()
  one, other = socket.socket(), socket.socket()
  go, called = os.pipe(), os.pipe()
  def bind():
    os.sched_setaffinity(0, cpu); os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.read(go[0], 1)
    try: one.bind(("127.0.0.1", port))
    except OSError: one.close(); print(os.getpid(), port, flush=True)
  first = child(bind)
  busies = [child(busy) for _ in range(2)]
  def end():
    os.read(called[0], 1); time.sleep(0.3)
    for pid in busies: os.kill(pid, 9)
    try: os.sched_setscheduler(first, os.SCHED_OTHER, os.sched_param(0))
    except (PermissionError, ProcessLookupError): pass
  ender = child(end)
  os.write(go[1], b"x")
  bound = False
  while True:
    now = open("/proc/%d/syscall" % first).read()
    if now.startswith(number): bound = True
    elif bound or open("/proc/%d/stat" % first).read().split()[2] == "Z": break
  os.write(called[1], b"x")
  try: other.bind(("127.0.0.1", port))
  except OSError: print(os.getpid(), port, flush=True)
  for pid in (first, ender, *busies): os.waitpid(pid, 0)
  other.close(); one.close()
`);
    const failed = stdout.trim().split('\n');
    expect(failed).toHaveLength(5);
    expect(failures.map(({ pid, port }) => `${pid} ${port}`).sort()).toEqual(failed.sort());
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
