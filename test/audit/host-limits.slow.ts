/** Limits that a whole machine has, and not each network: they are lowered in a kernel of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Audited, auditedBy, type Finding } from '../support/audits.ts';
import { GuestMachine, kernelOf } from '../support/guest-machine.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

const kernel = missing('python3', 'ip', 'sysctl') ?? (await kernelOf('6.12'));

describe('on a machine of its own', unless(typeof kernel === 'string' ? kernel : null), () => {
  let machine: GuestMachine;

  beforeAll(async () => {
    if (typeof kernel !== 'string') machine = await GuestMachine.boot(kernel);
  }, 300_000);
  afterAll(() => machine?.end());

  async function audit(): Promise<Audited> {
    return auditedBy(await machine.tcpclose('audit --json --for 1s'));
  }

  /** Runs the command of the first step whose text contains this, as it is printed. */
  async function follow({ steps }: Finding, text: string): Promise<void> {
    const command = steps.find((step) => step.text.includes(text))?.command;
    if (command == null) throw new Error(`no command for "${text}" in ${JSON.stringify(steps)}`);
    await machine.does(command);
  }

  /** Asks over and over within the machine. */
  const waitFor = (condition: string) =>
    machine.does(`for i in $(seq 600); do ${condition} && exit; sleep 0.2; done; exit 1`);

  const python = (program: string) => `python3 - <<'end'\n${program}\nend\n`;

  test('conntrack near nf_conntrack_max is found, and is not after either of its commands', async (context) => {
    const why = missing('iptables-legacy');
    if (why !== null) return context.skip(why);
    // That kernel has nf_tables for bridges alone.
    const { status, stderr } =
      await machine.run(`for module in iptable_filter xt_conntrack; do /mnt/modprobe $module; done
iptables-legacy -A OUTPUT -m conntrack --ctstate NEW -j ACCEPT && [ -e /proc/sys/net/netfilter/nf_conntrack_max ]`);
    if (status !== 0) return context.skip(`that kernel does not track connections (${stderr.trim()})`);
    const entries = '$(cat /proc/sys/net/netfilter/nf_conntrack_count)';
    const connect = (timeout: number) =>
      machine.run(python(`import socket; socket.create_connection(('127.0.0.1', 7000), ${timeout})`));
    const hold = async (count: number) =>
      machine.does(`python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', 7000), backlog=100)
kept = [(socket.create_connection(('127.0.0.1', 7000)), s.accept()[0]) for _ in range(${count})]
open('held', 'w').write('')
while True: kept.append(s.accept())
" >/dev/null 2>&1 & echo $! >holder; until [ -e held ]; do sleep 0.1; done; rm held`);
    const release = () => machine.does('kill $(cat holder)');

    await machine.does('sysctl net.netfilter.nf_conntrack_max=50');
    expect((await audit()).kinds).not.toContain('conntrack');
    await hold(45);
    const { wrong, finding } = await audit();
    expect(wrong).toEqual(['conntrack']);
    const found = finding('conntrack');
    expect(found).toMatchObject({ count: 45, figures: { limit: 50 }, fault: { side: 'a setting' } });
    expect(found.what).toBe('conntrack has 45 of 50 entries (90 %)');

    // It is 120 s by default.
    await follow(found, 'forget closed connections sooner');
    await release();
    await waitFor(`[ ${entries} -lt 5 ]`);
    expect(Number(await machine.does('cat /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait'))).toBe(
      30,
    );
    expect((await audit()).wrong).toEqual([]);

    await hold(50);
    expect((await audit()).finding('conntrack').count).toBe(50);
    expect((await connect(3)).stderr).toContain('timed out');
    await follow(found, 'raise the limit');
    expect((await connect(60)).status).toBe(0);
    expect((await audit()).wrong).toEqual([]);
    await release();
    await machine.does('iptables-legacy -F OUTPUT; sysctl net.netfilter.nf_conntrack_max=10000');
  });

  test('orphans near tcp_max_orphans are found, with their age, and are not after either of its commands', async () => {
    const addresses = [2, 3, 4, 5].map((last) => `192.0.2.${last}`);
    await machine.does(`set -e
ip netns add far
ip link add near0 type veth peer name far0 netns far
ip addr add 192.0.2.1/24 dev near0
ip link set near0 up
ip -n far link set far0 up
ip -n far route add 192.0.2.0/24 dev far0
mac=$(ip -n far link show far0 | sed -n 's#.*link/ether \\([0-9a-f:]*\\).*#\\1#p')
for address in ${addresses.join(' ')}; do
  ip -n far addr add $address/32 dev far0
  ip neigh replace $address lladdr $mac dev near0 nud permanent
done
ip netns exec far python3 -c "import socket, time; s = socket.create_server(('', 7000), backlog=1000); time.sleep(1e6)" >/dev/null 2>&1 &
until ip netns exec far ss -Htln | grep -q :7000; do sleep 0.1; done`);

    /** A process sends to a host that has gone, and is killed. The times in between, as that of Date.now(). */
    async function orphan(count: number): Promise<{ readonly from: number; readonly to: number }> {
      const address = addresses.shift();
      const { stdout } = await machine.run(
        python(`import os, signal, socket, subprocess, time
kept = [socket.create_connection(('${address}', 7000)) for _ in range(${count})]
subprocess.run(['ip', '-n', 'far', 'addr', 'del', '${address}/32', 'dev', 'far0'], check=True)
start = time.time()
for one in kept: one.send(bytes(1000))
print(start, time.time(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)`),
      );
      const [from = Number.NaN, to = Number.NaN] = stdout.split(' ').map((text) => Number(text) * 1000);
      return { from, to };
    }

    /** Prints how many were closed by a reset, since there were too many. */
    const aborted = `awk '$1 == "TcpExt:" { if (seen++) for (i in name) if (name[i] == "TCPAbortOnMemory") print $i; split($0, name) }' /proc/net/netstat`;

    await machine.does('sysctl net.ipv4.tcp_max_orphans=64');
    expect((await audit()).kinds).not.toContain('orphans');
    const { from, to } = await orphan(40);
    const { wrong, finding, ageOf } = await audit();
    expect(wrong).toEqual(['orphans']);
    const found = finding('orphans');
    expect(found).toMatchObject({
      count: 40,
      figures: { limit: 64 },
      fault: { side: 'the other side', processes: [] },
    });
    expect(found.what).toContain('40 orphans of 64 (tcp_max_orphans), 40 of them in FIN_WAIT1, ');
    expect(found.since?.newestMs).toBeGreaterThan(ageOf(to) - 500);
    expect(found.since?.oldestMs).toBeLessThan(ageOf(from) + 500);

    await follow(found, 'give up on each sooner');
    await waitFor("grep -q ' orphan 0 ' /proc/net/sockstat");
    expect((await audit()).wrong).toEqual([]);

    await machine.does('sysctl net.ipv4.tcp_orphan_retries=0');
    await orphan(60);
    const { finding: again } = await audit();
    expect(again('orphans').count).toBe(60);
    await follow(again('orphans'), 'allow more of them');
    expect((await audit()).kinds).not.toContain('orphans');
    // More than the limit was: the kernel closes all of them in order, and resets them as soon as it is lower again.
    await orphan(40);
    expect((await audit()).finding('orphans').count).toBe(100);
    expect((await machine.does(aborted)).trim()).toBe('0');
    await machine.does('sysctl net.ipv4.tcp_max_orphans=64');
    await waitFor(`[ "$(${aborted})" -gt 0 ]`);
  });
});
