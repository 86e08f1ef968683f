/** A project folder with tasks in it and the real engine at work, and a client of its Temporal server. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import type { EngineFacts } from '../../cli/dev/engineFile.js';
import { startEngine } from '../faults/engine.js';
import { engineEnvironment } from '../faults/project.js';

const tasks = { shapes: 'examples/shapes', digits: 'examples/digits', bins: 'test/fixtures/tasks/bins' } as const;

export interface Project {
  root: string;
  facts: EngineFacts;
  client: Client;
  /** Ends the engine as Ctrl-C does, and takes the folder away. */
  end(): Promise<void>;
}

/** Copies the tasks into a new folder at `root`, and starts the engine there. */
export async function startProject(root: string, names: (keyof typeof tasks)[]): Promise<Project> {
  await mkdir(root, { recursive: true });
  for (const name of names) await cp(path.join(packageFolder, tasks[name]), path.join(root, name), { recursive: true });
  const { child, exited, facts } = await startEngine(root, engineEnvironment);
  const connection = await Connection.connect({ address: facts.address });
  return {
    root,
    facts,
    client: new Client({ connection, identity: 'a person' }),
    async end() {
      await connection.close();
      child.kill('SIGINT');
      await exited;
      await rm(root, { recursive: true, force: true });
    },
  };
}
