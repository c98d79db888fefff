import { statfs } from 'node:fs/promises';
import { TcpcloseError } from '../errors.ts';

/** The disk has less room than a run is going to write. */
export class NoRoom extends TcpcloseError {
  override readonly name = 'NoRoom';
}

/** @throws NoRoom unless as many bytes can be written in that folder */
export async function refuseFullDisk(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const left = bavail * bsize;
  if (left >= bytes) return;
  const [has, needs] = [left, bytes].map((size) => `${Math.floor(size / 1e6)} MB`);
  throw new NoRoom(
    'no-room',
    `${folder} has room for ${has}, and ${needs} are needed: free some, or set TMPDIR`,
  );
}
