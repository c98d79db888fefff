import * as v from 'valibot';
import { SockDiag } from '../../native/sock-diag.ts';
import { method } from '../../rpc/method.ts';
import { Cells, untilSettled } from '../matrix/cells.ts';
import { group, options, Place, takeFreePort } from '../matrix/place.ts';
import { port } from '../schemas.ts';

/**
 * Cells of the bind truth table. Each group is created on its own port, checked, and then bound with each of `news`, all in one process and
 * by separate system calls, because there are more than a thousand of them.
 */
export const bindCells = method({
  params: v.object({ groups: v.array(group), news: v.array(options), ports: v.array(port) }),
  async run({ groups, news, ports }) {
    const diag = new SockDiag();
    const places: Place[] = [];
    try {
      const cells = groups.map((group) => {
        const place = new Place(group, takeFreePort(ports, group));
        places.push(place);
        return new Cells(place, diag);
      });
      await untilSettled(cells);
      return { groups: cells.map((one) => one.measure(news)) };
    } finally {
      for (const place of places) place.releaseAll();
      diag.close();
    }
  },
});
