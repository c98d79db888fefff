import * as v from 'valibot';
import { setSocketOption } from '../../native/options.ts';
import { closeDescriptor, connectNow, openSocket } from '../../native/socket.ts';
import { method } from '../../rpc/method.ts';
import { count, endpoint } from '../schemas.ts';

/** How long connect(2) takes, one call after another. Each connection ends in a RST, so nothing is left to slow the next one. */
export const connectTimes = method({
  params: v.object({ target: endpoint, connections: count }),
  run({ target, connections }) {
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
  },
});
