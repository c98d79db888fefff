/** Opens a trace with Perfetto's trace processor, and prints the rows of each query as JSON: node query.mjs <folder of the engine> <trace> <SQL>... */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';

const [folder, trace, ...queries] = process.argv.slice(2);

// The engine is built for a worker of a browser: this is what it asks of one.
class FileRequest {
  open(_, name) {
    this.name = name;
  }

  send() {
    this.response = readFileSync(join(folder, this.name));
  }
}
Object.assign(globalThis, {
  self: globalThis,
  WorkerGlobalScope: Object,
  XMLHttpRequest: FileRequest,
  location: { href: '' },
});
const print = console.log;
for (const level of ['log', 'warn', 'error', 'debug']) console[level] = () => {};

// Where a module with a memory of 64 bits can be made it asks for an engine of 64 bits, which the package does not have.
const { Module } = WebAssembly;
WebAssembly.Module = function only32(bytes) {
  const memory = 5;
  const is64 = 4;
  if (bytes[8] === memory && bytes[11] === is64) throw new TypeError('no memory of 64 bits');
  return new Module(bytes);
};

vm.runInThisContext(readFileSync(join(folder, 'engine_bundle.node.js'), 'utf8'));
const { EngineBase } = await import(pathToFileURL(join(folder, 'engine.mjs')).href);
const { port1, port2 } = new MessageChannel();
self.onmessage({ data: port1 });

class Engine extends EngineBase {
  constructor() {
    super();
    port2.onmessage = ({ data }) => this.onRpcResponseBytes(data);
  }

  rpcSendRequestBytes(data) {
    port2.postMessage(data);
  }
}

const engine = new Engine();
await engine.parse(new Uint8Array(readFileSync(trace)));
await engine.notifyEof();
const results = [];
for (const query of queries) results.push(rowsOf(await engine.query(query)));
print(JSON.stringify(results));
port1.close();
port2.close();

function rowsOf(result) {
  const rows = [];
  for (const row = result.iter({}); row.valid(); row.next())
    rows.push(Object.fromEntries(result.columns().map((name) => [name, plain(row.get(name))])));
  return rows;
}

function plain(value) {
  return typeof value === 'bigint' ? Number(value) : value;
}
