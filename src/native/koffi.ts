import { createRequire } from 'node:module';
import { TcpcloseError } from '../errors.ts';
import { type Struct, type StructName, structs } from './structs.ts';

/** The part of koffi that is used here. */
interface Koffi {
  load(path: null): Library;
  struct(name: string, fields: Readonly<Record<string, string>>): unknown;
  encode(into: Buffer, type: string, value: object): void;
  decode(from: Buffer, type: string): unknown;
  sizeof(type: string): number;
  errno(): number;
  address(value: Buffer): bigint;
}

interface Library {
  func(declaration: string): NativeFunction;
}

interface NativeFunction {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration in C decides the types.
  (...args: any[]): any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  async(...args: any[]): void;
}

// koffi keeps the names of all structures in a process, including those of another copy of tcpclose, or of another user of koffi.
const suffix = `_tcpclose_${Math.random().toString(36).slice(2)}`;
const structNames = new RegExp(String.raw`\b(${Object.keys(structs).join('|')}) \*`, 'g');

const given = Symbol.for('tcpclose.koffi');
let loaded: { koffi: Koffi; libc: Library } | undefined;

// Loaded at the first call, because it takes about 8 ms.
function load(): { koffi: Koffi; libc: Library } {
  if (loaded !== undefined) return loaded;
  try {
    const koffi = givenKoffi() ?? (createRequire(import.meta.url)(nativePart(process.arch)) as Koffi);
    for (const [name, fields] of Object.entries(structs)) koffi.struct(name + suffix, fields);
    loaded = { koffi, libc: koffi.load(null) };
    return loaded;
  } catch (error) {
    throw new TcpcloseError(
      'no-koffi',
      `koffi, which makes system calls, cannot be loaded on ${process.platform} ${process.arch}: ` +
        'reinstall with its optional dependencies (npm install --include=optional)',
      error,
    );
  }
}

/** The package with koffi's binary for a machine. It has no install script, which npm would have to ask about; koffi itself has one. */
export function nativePart(arch: string): string {
  return `@koromix/koffi-linux-${arch}`;
}

/** On a host without tcpclose, the starter of this program provides koffi. */
function givenKoffi(): Koffi | undefined {
  return (globalThis as { [given]?: Koffi })[given];
}

/** The errno of the last call. Valid until the next call through koffi. */
export function lastErrno(): number {
  return load().koffi.errno();
}

/** The address of a buffer, for structures with pointers. The buffer must be kept as long as the pointer is in use. */
export function addressOf(buffer: Buffer): bigint {
  return load().koffi.address(buffer);
}

/** The bytes of a structure in memory. */
export function encodeStruct<Name extends StructName>(name: Name, value: Struct<Name>): Buffer {
  const { koffi } = load();
  const bytes = Buffer.alloc(koffi.sizeof(name + suffix));
  koffi.encode(bytes, name + suffix, value);
  return bytes;
}

/** The inverse of encodeStruct(). */
export function decodeStruct<Name extends StructName>(name: Name, bytes: Buffer): Struct<Name> {
  return load().koffi.decode(bytes, name + suffix) as Struct<Name>;
}

function declarationHere(declaration: string): string {
  return declaration.replaceAll(structNames, `$1${suffix} *`);
}

/** A function of the C library, looked up at its first call. */
export function libcFunction<Args extends unknown[], Result = number>(
  declaration: string,
): (...args: Args) => Result {
  let call: NativeFunction | undefined;
  return (...args) => {
    call ??= load().libc.func(declarationHere(declaration));
    return call(...args) as Result;
  };
}

/** The same on a separate thread, for calls that may block. Returns the result and its errno. */
export function libcFunctionAsync<Args extends unknown[]>(
  declaration: string,
): (...args: Args) => Promise<{ result: number; errno: number }> {
  return (...args) => {
    const native = load().libc.func(declarationHere(declaration));
    return new Promise((resolve, reject) => {
      native.async(...args, (error: unknown, result: number) => {
        if (error) reject(error);
        else resolve({ result, errno: lastErrno() });
      });
    });
  };
}
