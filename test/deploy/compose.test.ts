import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { taskQueues } from '../../config/queues.js';
import { read } from '../docs/pages.js';
import { compose, composeText, deployFolder, inStage, services, stages } from './composeFile.js';

/** Docker's own program where there is one, either as a plugin or as the older program of its own. */
const programs = [['docker', 'compose'], ['docker-compose']];
const program = programs.find(([name = '', ...args]) => spawnSync(name, [...args, 'version']).status === 0);

interface ScrapeFile {
  scrape_configs: { static_configs: { targets: string[] }[] }[];
}

const secrets = [...new Set([...composeText.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))];

describe('deploy/docker-compose.yml', () => {
  it('is what the Compose specification allows', () => {
    const { $schema: _, ...schema } = JSON.parse(read('test/deploy/compose-spec.schema.json'));
    const allows = new Ajv.default({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    allows(compose);
    expect(allows.errors).toBeNull();
  });

  (program ? it : it.skip)('is read by Docker Compose', () => {
    const [name = '', ...args] = program ?? [];
    const env = { ...process.env, ...Object.fromEntries(secrets.map((each) => [each, 'secret'])) };
    execFileSync(name, [...args, '-f', path.join(deployFolder, 'docker-compose.yml'), 'config', '-q'], { env });
  });

  it('opens every port to this machine only', () => {
    const ports = services.flatMap(([, { ports: own = [] }]) => own);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\$\{\w+:-\d+\}:\d+$/.test(port))).toEqual([]);
    expect(ports.length).toBeGreaterThan(4);
  });

  it('has no password in it: each must be given', () => {
    const values = services.flatMap(([name, { environment = {} }]) =>
      Object.entries(environment).map(([variable, value]) => ({ name, variable, value })),
    );
    const kept = values.filter(({ variable }) => /PASSWORD|PWD|SECRET|_KEY(_ID)?$/.test(variable));
    expect(kept.filter(({ value }) => !/^\$\{\w+:\?[^}]+\}$/.test(value))).toEqual([]);
    expect(kept.length).toBeGreaterThan(6);
    expect(
      read('deploy/env.example')
        .match(/^\w+(?==$)/gm)
        ?.sort(),
    ).toEqual(secrets.sort());
  });

  it('has a worker for every queue, and reserves the GPU for the one that trains', () => {
    const classes = services.filter(([name]) => name.startsWith('worker-')).map(([, { command }]) => command?.[0]);
    expect(classes.sort()).toEqual(Object.keys(taskQueues).sort());
    const reserved = services.filter(([, service]) => service.deploy?.resources.reservations.devices.length);
    expect(reserved.map(([name]) => name)).toEqual(['worker-gpu']);
  });

  it('waits for services, and mounts volumes and folders, that are there', () => {
    for (const [name, { depends_on = {}, volumes = [], network_mode: shared }] of services) {
      const needed = [...Object.keys(depends_on), ...(shared ? [shared.replace('service:', '')] : [])];
      for (const each of needed) expect(compose.services).toHaveProperty([each]);
      for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
        const found = source.startsWith('.')
          ? existsSync(path.join(deployFolder, source))
          : Object.hasOwn(compose.volumes, source);
        expect({ name, source, found }).toEqual({ name, source, found: true });
      }
    }
  });

  it('has metrics scraped where services tell them', () => {
    const { scrape_configs: jobs } = parse(read('deploy/prometheus/compose.yml')) as ScrapeFile;
    const targets = jobs.flatMap(({ static_configs: found }) => found.flatMap((each) => each.targets));
    const told = services.flatMap(([name, { environment = {}, network_mode: shared }]) => {
      const address = environment['ANNEAL_METRICS'] ?? environment['PROMETHEUS_ENDPOINT'];
      const stays = compose.services[name]?.restart === 'unless-stopped';
      return address && stays ? [`${shared?.replace('service:', '') ?? name}:${address.split(':')[1]}`] : [];
    });
    expect(targets.sort()).toEqual(told.sort());
  });

  it('asks every service that stays up for its health', () => {
    const unasked = services.filter(([, service]) => {
      const isAsked =
        service.healthcheck !== undefined || (service.build && inStage(service.build.target, 'HEALTHCHECK'));
      return service.restart === 'unless-stopped' && !isAsked;
    });
    expect(unasked.map(([name]) => name)).toEqual([]);
  });
});

describe('deploy/Dockerfile', () => {
  const built = [...new Set(services.flatMap(([, { build }]) => (build ? [build.target] : [])))];

  it('makes the images of the services, one name a target', () => {
    const targets = services.flatMap(([, { build, image }]) => (build ? [`${build.target} ${image}`] : []));
    expect(new Set(targets).size).toBe(built.length);
    for (const target of built) expect([...stages().keys()]).toContain(target);
  });

  it.each(built)('%s runs as an ordinary user', (target) => {
    expect(inStage(target, 'USER')).toBe('node');
  });

  it('copies between stages and from the repository only what is there', () => {
    for (const [, stage] of stages()) {
      for (const [, argument] of stage.instructions.filter(([name]) => name === 'COPY')) {
        const [, from] = /^--from=(\w+)/.exec(argument) ?? [];
        if (from !== undefined) expect([...stages().keys()]).toContain(from);
        else
          for (const file of argument.split(' ').slice(0, -1))
            expect(existsSync(path.join(deployFolder, '..', file))).toBe(true);
      }
    }
  });
});
