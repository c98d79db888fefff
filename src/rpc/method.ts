import * as v from 'valibot';
import { TcpcloseError } from '../errors.ts';

/** What a child process lets tcpclose call. What `run` throws comes back as the error. */
export interface Method<Params extends v.GenericSchema = v.GenericSchema, Result = unknown> {
  readonly params: Params;
  run(params: v.InferOutput<Params>): Result | Promise<Result>;
}

/** By name. The other side imports the type alone, so that the schemas are in the program of the child and nowhere else. */
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
