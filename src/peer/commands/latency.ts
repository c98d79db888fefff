import { setSocketOption } from '../../native/options.ts';
import { closeDescriptor, connectNow, openSocket } from '../../native/socket.ts';
import type { ParsedParams, Result } from '../protocol.ts';

/** How long connect(2) takes, one after the other. Each ends in a RST, so that nothing is left to slow the next one. */
export async function connectTimes({
  target,
  connections,
}: ParsedParams<'connectTimes'>): Promise<Result<'connectTimes'>> {
  const microseconds: number[] = [];
  for (let i = 0; i < connections; i++) {
    const fd = openSocket(target.address, 'blocking');
    try {
      setSocketOption(fd, 'SO_LINGER', 0);
      const before = process.hrtime.bigint();
      connectNow(fd, target);
      microseconds.push(Number(process.hrtime.bigint() - before) / 1000);
    } finally {
      closeDescriptor(fd);
    }
  }
  return { microseconds };
}
