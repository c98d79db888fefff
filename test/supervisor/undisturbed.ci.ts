/** Watching changes nothing for the command: not what it finds when it starts, and not what its calls do. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Watch } from '../../src/restart/supervisor.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { somePort } from '../support/sockets.ts';
import { Supervisors } from '../support/supervisors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('tcpclose-undisturbed');

const supervisors = new Supervisors(folder);
afterEach(() => supervisors.end());

const ways: readonly Watch[] = [{ watch: 'not', reason: 'to compare with' }, { watch: 'calls' }];

/** What a command prints without and with watching, one after the other: it may need a port for itself. */
async function bothWays(...words: readonly string[]): Promise<string[]> {
  const outputs: string[] = [];
  for (const watch of ways) {
    const supervisor = supervisors.make(watch);
    const run = await supervisors.start(supervisor, words, { TCPCLOSE_ODD: ' "ä\t\u{1f600}=\n ' });
    await run.exited;
    expect(supervisor.watching.state).toBe(watch.watch === 'calls' ? 'on' : 'off');
    outputs.push(await run.output());
    await supervisor.end();
  }
  return outputs;
}

// Which process it is, how much it has used, and that it is watched.
const different =
  /^(Pid|Tgid|PPid|NSpid|NStgid|NSpgid|NSsid|Ngid|Seccomp|Seccomp_filters|NoNewPrivs|Vm\w+|Rss\w+|Hugetlb\w+|\w*voluntary_ctxt_switches|x86_Thread_features\w*|THP_enabled|SigQ|Threads):/;

test.each([
  'status',
  'limits',
  'environ',
  'cmdline',
  'cgroup',
  'oom_score_adj',
  'timerslack_ns',
  'personality',
])('a program finds the same in /proc/self/%s', async (file) => {
  const [without, watched] = await bothWays('cat', `/proc/self/${file}`);
  const comparable = (text = '') => text.split('\n').filter((line) => !different.test(line));
  expect(without).not.toBe('');
  expect(comparable(watched)).toEqual(comparable(without));
});

test('a program finds the same descriptors, folder and executable', async () => {
  const listing =
    'for f in /proc/$$/fd/* /proc/$$/cwd /proc/$$/root /proc/$$/exe; do echo "$f $(readlink $f)"; done';
  const [without, watched] = await bothWays('sh', '-c', listing);
  const comparable = (text = '') => text.replace(/\/proc\/\d+/g, '/proc/N').replace(/\[\d+\]/g, '[N]');
  expect(comparable(watched)).toBe(comparable(without));
});

test('a program has the same priority, session and group', async () => {
  const [without, watched] = await bothWays('cat', '/proc/self/stat');
  const fields = (text = '') => text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [a, b] = [fields(without), fields(watched)];
  // Its own group and session, no terminal; policy, priority and nice; flags; the signal its parent gets.
  for (const stat of [a, b]) expect(stat[2]).toBe(stat[3]);
  for (const i of [4, 5, 6, 15, 16, 35, 37, 38]) expect([i, b[i]]).toEqual([i, a[i]]);
});

const noCompiler = missing('cc');

/** Builds a small program; static, since those call the kernel by themselves. */
function build(name: string, source: string): string {
  const [file, program] = [join(folder, `${name}.c`), join(folder, name)];
  writeFileSync(file, source);
  const { status, stderr } = spawnSync('cc', ['-O1', '-static', '-o', program, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return program;
}

const includes = `
#include <errno.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
static int bound(int port, int reuse) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  if (bind(fd, (struct sockaddr *)&a, sizeof a) == 0) return fd;
  int saved = errno; close(fd); errno = saved;
  return -1;
}
`;

test(
  'a static program that binds, closes and binds again never finds its port taken',
  unless(noCompiler),
  async () => {
    const program = build(
      'again',
      `${includes}
    int main(int argc, char **argv) {
      for (int i = 0; i < 3000; i++) {
        int fd = bound(atoi(argv[1]), 0);
        if (fd < 0) { printf("%d: %s\\n", i, strerror(errno)); return 1; }
        if (i % 2) listen(fd, 1);
        close(fd);
      }
      puts("all passed");
    }`,
    );
    expect(await bothWays(program, `${somePort()}`)).toEqual(['all passed\n', 'all passed\n']);
  },
);

test('signals do not make bind(2) fail', unless(noCompiler), async () => {
  // Handlers that restart calls, and signals that are ignored, as most programs have them.
  const program = build(
    'signals',
    `${includes}
    static void tick(int n) {}
    int main(int argc, char **argv) {
      struct sigaction act = { .sa_handler = tick, .sa_flags = SA_RESTART };
      sigaction(SIGALRM, &act, 0);
      struct itimerval each = { {0, 200}, {0, 200} };
      setitimer(ITIMER_REAL, &each, 0);
      for (int i = 0; i < 2000; i++) {
        int fd = bound(atoi(argv[1]), 0);
        if (fd < 0) { printf("%d: %s\\n", i, strerror(errno)); return 1; }
        close(fd);
      }
      puts("all passed");
    }`,
  );
  expect(await bothWays(program, `${somePort()}`)).toEqual(['all passed\n', 'all passed\n']);
});

test('of 64 processes that bind one port at once, one gets it', unless(noCompiler), async () => {
  const program = build(
    'race',
    `${includes}
    int main(int argc, char **argv) {
      int go[2]; pipe(go);
      for (int i = 0; i < 64; i++) if (fork() == 0) {
        char c; close(go[1]); read(go[0], &c, 1);
        int fd = bound(atoi(argv[1]), 1);
        int ok = fd >= 0 && listen(fd, 1) == 0;
        if (ok) sleep(60);
        _exit(1);
      }
      close(go[0]); close(go[1]);
      for (int i = 0; i < 63; i++) wait(0);
      puts("63 have failed"); fflush(stdout);
      kill(0, SIGTERM);
    }`,
  );
  expect(await bothWays(program, `${somePort()}`)).toEqual(['63 have failed\n', '63 have failed\n']);
});

test('processes that are killed in their calls leave nothing behind', unless(noCompiler), async () => {
  const program = build(
    'killed',
    `${includes}
    int main(int argc, char **argv) {
      for (int i = 0; i < 200; i++) {
        pid_t child = fork();
        if (child == 0) for (;;) { int fd = bound(atoi(argv[1]), 0); if (fd >= 0) { listen(fd, 1); close(fd); } }
        usleep(i * 20);
        kill(child, SIGKILL);
        waitpid(child, 0, 0);
      }
      int fd = bound(atoi(argv[1]), 0);
      puts(fd < 0 ? strerror(errno) : "the port is free");
    }`,
  );
  expect(await bothWays(program, `${somePort()}`)).toEqual(['the port is free\n', 'the port is free\n']);
});
