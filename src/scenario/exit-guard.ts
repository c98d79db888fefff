/**
 * From now on the user's own code cannot end this process in the middle of a run, with a status that hides it. Returns what still ends it.
 * Node's exit() calls reallyExit(), which is not documented.
 */
export function guardExit(): (status: number) => never {
  const leave = process.exit.bind(process);
  const reallyExit: unknown = Reflect.get(process, 'reallyExit');
  process.exit = refuse;
  Reflect.set(process, 'reallyExit', refuse);
  return (status) => {
    Reflect.set(process, 'reallyExit', reallyExit);
    return leave(status);
  };
}

function refuse(): never {
  throw new Error('process.exit() would end tcpclose: return from run, or throw an error');
}
