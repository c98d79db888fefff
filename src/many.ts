/** `1 connection`, `12 connections`; `1 socket is`, `2 sockets are`. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}
