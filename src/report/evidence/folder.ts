import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { makeFolders } from '../../make-folders.ts';
import { packagePath, runsFromSource } from '../../package.ts';
import { reasonOf } from '../../system-error.ts';
import type { ClaimsDocument } from '../documents/claims.ts';
import { type DecidingRun, evidenceDocumentOf } from './document.ts';
import { evidenceReadme } from './readme.ts';
import type { EvidenceRecorder } from './recorder.ts';

const verifier = packagePath(runsFromSource ? 'src/report/evidence/verifier' : 'dist/verifier');

/** Writes a folder for each claim into the user's folder: either all of them complete, or none. Existing files are never changed. */
export class EvidenceFolder {
  readonly #path: string;

  /** @throws UsageError `bad-folder` before anything is done, if the folder cannot be written or already contains one of the claims */
  constructor(path: string, ids: readonly string[]) {
    this.#path = path;
    const taken = ids.map((id) => join(path, id)).find((folder) => existsSync(folder));
    if (taken !== undefined)
      throw new UsageError('bad-folder', `"${taken}" already exists: remove it, or name another folder`);
    this.#guard(() => makeFolders(path));
  }

  /** @param controls for each scenario, the stimulus without which its result changes */
  write(
    { claims, environment }: ClaimsDocument,
    { runs }: EvidenceRecorder,
    controls: ReadonlyMap<string, string>,
  ): void {
    const decidingOf = (scenarios: readonly string[]) =>
      scenarios.flatMap((name) => {
        const run = runs.get(name);
        return run === undefined ? [] : { run, control: controls.get(name) ?? '' };
      });
    this.#guard(() => {
      const unfinished = mkdtempSync(join(this.#path, '.unfinished-'));
      try {
        for (const claim of claims)
          writeClaim(join(unfinished, claim.id), claim, decidingOf(claim.scenarios), environment);
        for (const { id } of claims) renameSync(join(unfinished, id), join(this.#path, id));
      } finally {
        rmSync(unfinished, { recursive: true, force: true });
      }
    });
  }

  #guard(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw new UsageError(
        'bad-folder',
        `"${this.#path}" cannot be written (${reasonOf(error)}): name another folder`,
        error,
      );
    }
  }
}

function writeClaim(
  folder: string,
  claim: ClaimsDocument['claims'][number],
  runs: readonly DecidingRun[],
  environment: ClaimsDocument['environment'],
): void {
  const put = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    makeFolders(dirname(path));
    writeFileSync(path, content, { flag: 'wx' });
    return name;
  };
  const document = evidenceDocumentOf(claim, runs, environment, put);
  put('evidence.json', `${JSON.stringify(document, null, 2)}\n`);
  put('README.md', evidenceReadme(document, runs));
  cpSync(verifier, folder, { recursive: true });
}
