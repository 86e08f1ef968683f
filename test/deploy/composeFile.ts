/** deploy/docker-compose.yml and deploy/Dockerfile, as a program reads them. */
import path from 'node:path';
import { parse } from 'yaml';
import { read, repository } from '../docs/pages.js';

export const deployFolder = path.join(repository, 'deploy');
export const composeText = read('deploy/docker-compose.yml');

/** Of a service, what the tests look at. */
export interface Service {
  image: string;
  restart?: string;
  build?: { context: string; dockerfile: string; target: string };
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  network_mode?: string;
  healthcheck?: object;
  profiles?: string[];
  deploy?: { resources: { reservations: { devices: { capabilities: string[] }[] } } };
}

interface ComposeFile {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

export const compose: ComposeFile = parse(composeText, { merge: true });
export const services = Object.entries(compose.services);

export interface Stage {
  name: string;
  from: string;
  /** Instructions with their arguments, continuation lines joined. */
  instructions: [name: string, argument: string][];
}

/** The stages of deploy/Dockerfile, by their names. */
export function stages(): Map<string, Stage> {
  const lines = read('deploy/Dockerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const found = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const line of lines) {
    const [, name = '', argument = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [from = '', , as = ''] = argument.split(' ');
      stage = { name: as, from, instructions: [] };
      found.set(as, stage);
    } else stage?.instructions.push([name, argument]);
  }
  return found;
}

/** The last argument of an instruction in a stage or, where that has none, in the one that it begins from. */
export function inStage(name: string, instruction: string): string | undefined {
  const stage = stages().get(name);
  const own = stage?.instructions.findLast(([each]) => each === instruction)?.[1];
  return own ?? (stage && inStage(stage.from, instruction));
}
