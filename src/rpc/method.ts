import * as v from 'valibot';
import { TcpcloseError } from '../errors.ts';

/** What tcpclose can call in a child process. What `run` throws becomes the error of the response. */
export interface Method<Params extends v.GenericSchema = v.GenericSchema, Result = unknown> {
  readonly params: Params;
  run(params: v.InferOutput<Params>): Result | Promise<Result>;
}

/** By name. The other side imports only the type, so the schemas are only in the program of the child. */
export type Methods = Readonly<Record<string, Method>>;
export type ParamsOf<Called> = Called extends Method<infer Params, unknown> ? v.InferInput<Params> : never;
export type ResultOf<Called> = Called extends { run(params: never): infer Result } ? Awaited<Result> : never;

const nothing = v.object({});

export function method<Params extends v.GenericSchema, Result>(
  definition: Method<Params, Result>,
): Method<Params, Result>;
export function method<Result>(definition: {
  run(): Result | Promise<Result>;
}): Method<typeof nothing, Result>;
export function method({ params = nothing, run }: { params?: v.GenericSchema; run: Method['run'] }): Method {
  return { params, run };
}

/** @throws TcpcloseError `no-method` */
export function methodOf(methods: Methods, name: string): Method {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) throw new TcpcloseError('no-method', `there is no method ${name}`);
  return method;
}
