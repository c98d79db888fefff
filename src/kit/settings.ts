import type { Lab } from '../lab/lab.ts';

/** Limits clients' ports to this range: this many, beginning with `first`. */
export async function limitClientPorts(lab: Lab, count: number, first = 40_000): Promise<void> {
  await lab.kernel.sysctl('net.ipv4.ip_local_port_range', `${first} ${first + count - 1}`);
}

/**
 * Makes every TIME_WAIT of a load last: otherwise a RST ends some of them after a FIN has overtaken an ACK (notes/overtaken-ack.md), and a
 * machine with little memory allows only some thousands.
 */
export async function keepTimeWaits(lab: Lab): Promise<void> {
  await lab.kernel.sysctl('net.ipv4.tcp_rfc1337', 1);
  await lab.kernel.sysctl('net.ipv4.tcp_max_tw_buckets', 300_000);
}
