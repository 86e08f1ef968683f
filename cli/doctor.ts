/** `anneal doctor`: what is missing or wrong on this machine, and the command that mends it. Installs nothing. */
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from '../activities/processes/there.js';
import { presets } from '../config/presets.js';
import { exitCodes, ProblemError } from '../config/problems.js';
import { defaultPorts } from './dev/engine.js';
import { choosePort } from './dev/ports.js';
import { annealFolder } from './paths.js';
import { findInterpreter, oldestPython } from './setup/interpreter.js';
import { findEnvironment, homeOf } from './setup/lockedEnvironment.js';
import { cacheFolder, type Machine, thisMachine } from './setup/machine.js';
import { isNewEnough, oldestNode } from './setup/node.mjs';
import { hasNpmPackages } from './setup/npmPackages.mjs';
import { missingPackages, trainerPlan } from './setup/pythonEnvironment.js';
import { givenTemporalCli, temporalPlan, temporalVersion } from './setup/temporalCli.js';

export interface Check {
  name: string;
  ok: boolean;
  /** What is there, as a person would say it. */
  found: string;
  /** The command, or the thing to do, that mends it; null when nothing need be done. */
  mend: string | null;
}

const setUpCommand = 'npm run setup';
const gigabyte = 1e9;
/** Checkpoints and datasets of a demo run, with room to breathe. */
const runBytes = 2 * gigabyte;

/** Everything that a run in this project folder needs, in the order in which it is needed. */
export async function diagnose(root = process.cwd(), machine: Machine = thisMachine()): Promise<Check[]> {
  return [
    checkNode(),
    await check('npm packages', () => checkNpmPackages(machine)),
    await check('Python', () => checkPython(machine)),
    await check('Python packages', () => checkPackages(machine)),
    await check('Temporal CLI', () => checkTemporal(machine)),
    await check('embedded model', () => checkModel(path.join(machine.packageFolder, presets.tiny.model))),
    await check('disk space', () => checkSpace(root, machine)),
    await check('project folder', () => checkWriting(root)),
    await check('ports', () => checkPorts()),
  ];
}

/** A line a check, and what to do below those that failed. The exit code: 0 when all is well, else 3. */
export function printDoctor(checks: readonly Check[], print: (line: string) => void): number {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, ok, found, mend } of checks) {
    print(`${ok ? 'ok   ' : 'WRONG'}  ${name.padEnd(width)}  ${found}`);
    if (mend !== null) print(`${' '.repeat(width + 9)}do: ${mend}`);
  }
  const wrong = checks.filter(({ ok }) => !ok).length;
  print(wrong === 0 ? 'Nothing is missing.' : `${wrong} of ${checks.length} checks failed.`);
  return wrong === 0 ? exitCodes.done : exitCodes.fault;
}

type Finding = Omit<Check, 'name'>;
const fine = (found: string): Finding => ({ ok: true, found, mend: null });
const wrong = (found: string, mend: string): Finding => ({ ok: false, found, mend });

/** A check that stumbles over a problem has found one. */
async function check(name: string, find: () => Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await find()) };
  } catch (error) {
    if (error instanceof ProblemError) return { name, ...wrong(error.problem.what, error.problem.todo) };
    return { name, ...wrong((error as Error).message, 'Look at the message; it names the file or program.') };
  }
}

function checkNode(): Check {
  const { node } = process.versions;
  return { name: 'Node', ...(isNewEnough(node) ? fine(node) : wrong(node, `Install Node ${oldestNode} or newer.`)) };
}

async function checkNpmPackages({ packageFolder }: Machine): Promise<Finding> {
  if (await hasNpmPackages(packageFolder)) return fine('as in package-lock.json');
  return wrong('not those of package-lock.json', setUpCommand);
}

async function checkPython(machine: Machine): Promise<Finding> {
  const given = machine.env['ANNEAL_PYTHON'];
  if (given) return fine(`${given} (ANNEAL_PYTHON)`);
  const found = await findInterpreter(machine);
  if (found !== null) return fine(`${found.version}, ${found.path}`);
  return wrong(`none of ${oldestPython.join('.')} or newer on the PATH`, 'Install one, with its venv module.');
}

async function checkPackages(machine: Machine): Promise<Finding> {
  const plan = trainerPlan(machine);
  const python = machine.env['ANNEAL_PYTHON'] || (await findEnvironment(plan, machine));
  if (python === null) return wrong(`not installed in ${await homeOf(plan, machine)}`, setUpCommand);
  const missing = await missingPackages(python, machine);
  if (missing.length === 0) return fine(`complete, ${python}`);
  const mend = machine.env['ANNEAL_PYTHON']
    ? `Unset ANNEAL_PYTHON, or: ${python} -m pip install -r ${plan.lockFile}`
    : `rm -r ${await homeOf(plan, machine)} && ${setUpCommand}`;
  return wrong(`${python} lacks ${missing.join(', ')}`, mend);
}

async function checkTemporal(machine: Machine): Promise<Finding> {
  const given = await givenTemporalCli(machine, () => undefined);
  if (given !== null) return fine(`${given.version}, ${given.path}`);
  const plan = temporalPlan(machine);
  const cli = await findEnvironment(plan, machine);
  const version = cli === null ? null : await temporalVersion(cli, machine);
  if (version !== null) return fine(`${version}, ${cli}`);
  const home = await homeOf(plan, machine);
  if (cli === null) return wrong(`not installed in ${home}`, setUpCommand);
  return wrong(`${cli} does not start`, `rm -r ${home} && ${setUpCommand}`);
}

async function checkModel(folder: string): Promise<Finding> {
  const file = path.join(folder, 'model.safetensors');
  const mend = 'git checkout -- trainer/tiny_vlm/model';
  const sizes = await unlessMissing(safetensorsSizes(file));
  if (sizes === null) return wrong(`no ${file}`, mend);
  if (sizes.named !== sizes.there) return wrong(`${file} has ${sizes.there} of ${sizes.named} bytes`, mend);
  return fine(`${(sizes.there / 1e6).toFixed(1)} MB, whole`);
}

/** Bytes of a safetensors file by its own header (8 bytes of length, then JSON with the end of each tensor), and in fact. */
async function safetensorsSizes(file: string): Promise<{ named: number; there: number }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const length = Buffer.alloc(8);
    await handle.read(length, 0, 8, 0);
    const headerBytes = Number(length.readBigUInt64LE());
    if (8 + headerBytes > size) return { named: 8 + headerBytes, there: size };
    const header = Buffer.alloc(headerBytes);
    await handle.read(header, 0, headerBytes, 8);
    const tensors = Object.values<{ data_offsets?: [number, number] }>(JSON.parse(header.toString('utf8')));
    const end = Math.max(0, ...tensors.map(({ data_offsets: offsets }) => offsets?.[1] ?? 0));
    return { named: 8 + headerBytes + end, there: size };
  } finally {
    await handle.close();
  }
}

/** The cache needs room only for what is still to be installed there. */
async function checkSpace(root: string, machine: Machine): Promise<Finding> {
  const plan = trainerPlan(machine);
  const isInstalled = Boolean(machine.env['ANNEAL_PYTHON']) || (await findEnvironment(plan, machine)) !== null;
  const places = [
    { folder: root, needed: runBytes },
    ...(isInstalled ? [] : [{ folder: cacheFolder(machine), needed: plan.neededBytes }]),
  ];
  for (const { folder, needed } of places) {
    const free = await machine.freeBytes(folder);
    const size = `${(free / gigabyte).toFixed(1)} GB free in ${folder}`;
    if (free < needed) return wrong(`${size}, ${(needed / gigabyte).toFixed(0)} GB needed`, 'Free some space there.');
  }
  return fine(`${((await machine.freeBytes(root)) / gigabyte).toFixed(1)} GB free`);
}

async function checkWriting(root: string): Promise<Finding> {
  const folder = annealFolder(root);
  const probe = path.join(folder, `.doctor-${process.pid}`);
  try {
    const made = await mkdir(folder, { recursive: true });
    await (await open(probe, 'wx')).close();
    await rm(made ?? probe, { recursive: true });
    return fine(folder);
  } catch (error) {
    return wrong(`${folder} can't be written: ${(error as Error).message}`, `chmod -R u+w ${folder}`);
  }
}

/** A port in use is no fault: the engine takes the next free one. */
async function checkPorts(): Promise<Finding> {
  const notes: string[] = [];
  const chosen: number[] = [];
  for (const port of Object.values(defaultPorts)) {
    const wish = { what: 'the engine', flag: '--port', port, given: false };
    chosen.push(await choosePort(wish, chosen, (line) => notes.push(line)));
  }
  return fine([chosen.join(', '), ...notes].join('; '));
}
