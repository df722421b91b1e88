/**
 * Which execution provider of onnxruntime runs a model: the best that loads and gives what the CPU gives, found out in child
 * processes, because one that is not there may take its process along. Nothing falls back in silence.
 */
import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelDescription } from '../../mlmodel.js';

/** Named as onnxruntime's JavaScript API names them. */
export type Provider = 'cuda' | 'webgpu' | 'cpu';

export const isProvider = (name: string): name is Provider => (BEST as readonly string[]).includes(name);

export type ProviderChoice = 'auto' | Provider;

const PROVIDER_CHOICES: readonly ProviderChoice[] = ['auto', 'cpu', 'cuda', 'webgpu'];

/** `MLTRACK_PROVIDER`, else auto. Throws an Error that names the variable when it is none of the choices. */
export function providerFromEnvironment({ MLTRACK_PROVIDER: given }: NodeJS.ProcessEnv): ProviderChoice {
  const choice = PROVIDER_CHOICES.find((each) => each === (given || 'auto'));
  if (choice) return choice;
  throw new Error(`MLTRACK_PROVIDER is '${given}': it must be one of ${PROVIDER_CHOICES.join(', ')}`);
}

export interface Chosen {
  readonly provider: Provider;
  /** Why it, and why not the better ones: one line for the log. */
  readonly reason: string;
}

/** What a probing process is given. */
export interface ProbeSetup {
  readonly model: ModelDescription;
  readonly provider: Provider;
}

/** What it found. `unknown`: the provider loads the model, but there was nothing to compare. */
export interface Finding {
  readonly works: boolean | 'unknown';
  readonly reason: string;
}

/** The best first. */
const BEST: readonly Provider[] = ['cuda', 'webgpu', 'cpu'];

/** onnxruntime's names, as MLmodel has them, of those that are understood here. */
const BY_NAME: Partial<Record<string, Provider>> = {
  CUDAExecutionProvider: 'cuda',
  WebGpuExecutionProvider: 'webgpu',
  CPUExecutionProvider: 'cpu',
};

/** What `mlflow.onnx.save_model` writes when its caller names none: no wish of the model's author. */
const MLFLOW_DEFAULT = 'CUDAExecutionProvider,CPUExecutionProvider';

/** A provider that has not answered by then is hung; compiling a big model's shaders takes a while. */
const PROBE_LIMIT_MS = 60_000;

/** Rejects with an Error of one line when a provider that is named does not work here. */
export async function chooseProvider(model: ModelDescription, choice: ProviderChoice): Promise<Chosen> {
  if (choice === 'cpu') return { provider: 'cpu', reason: 'as asked' };
  if (choice !== 'auto') {
    const { works, reason } = await probe({ model, provider: choice });
    if (works === false) throw new Error(`The execution provider ${choice} does not work here: ${reason}`);
    return { provider: choice, reason: `as asked; ${reason}` };
  }
  const wanted = wantedBy(model);
  if (wanted[0] === 'cpu') return { provider: 'cpu', reason: 'the MLmodel asks for it' };
  const devices = gpuDevices();
  if (!devices.any) return { provider: 'cpu', reason: 'no GPU device' };
  const others: string[] = [];
  for (const provider of wanted) {
    if (provider === 'cpu') break;
    const { works, reason } =
      provider === 'cuda' && !devices.nvidia
        ? { works: false, reason: 'no NVIDIA device' }
        : await probe({ model, provider });
    if (works === true) return { provider, reason: [reason, ...others].join('; ') };
    others.push(`${provider}: ${reason}`);
  }
  return { provider: 'cpu', reason: others.join('; ') };
}

/** The candidates in order. A list in the MLmodel restricts them, as it does in MLflow; what it names after cpu is never reached. */
function wantedBy({ providers }: ModelDescription): readonly Provider[] {
  if (!providers || providers.join() === MLFLOW_DEFAULT) return BEST;
  const known = providers.map((name) => BY_NAME[name]).filter((provider) => provider !== undefined);
  return [...known, 'cpu'];
}

/** Tells Vulkan's loader of devices that have no file in /dev, a software one for instance. */
const VULKAN_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'];

/** Looked up before anything is loaded, so that a machine without a GPU starts as fast as it can. Elsewhere than on Linux one is assumed. */
function gpuDevices(): { any: boolean; nvidia: boolean } {
  if (process.platform !== 'linux') return { any: true, nvidia: false };
  const files = (folder: string) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  // dxg is the GPU in the Windows Subsystem for Linux.
  const nvidia = files('/dev').some((name) => /^(nvidia|dxg$)/.test(name));
  const drawing = files('/dev/dri').some((name) => name.startsWith('renderD'));
  return { any: nvidia || drawing || VULKAN_VARIABLES.some((name) => process.env[name]), nvidia };
}

function probe(setup: ProbeSetup): Promise<Finding> {
  // Else matrices are multiplied in TensorFloat-32, which differs from the CPU by a thousandth. Workers inherit it.
  if (setup.provider === 'cuda') process.env.NVIDIA_TF32_OVERRIDE ??= '0';
  const child = fork(PROBE_FILE, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  let finding: Finding | undefined;
  child.on('message', (message: Finding) => {
    finding = message;
    // Some drivers keep their process alive.
    child.kill('SIGKILL');
  });
  child.send(setup, () => {});
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      finding = { works: false, reason: `no answer within ${PROBE_LIMIT_MS / 1000} s` };
      child.kill('SIGKILL');
    }, PROBE_LIMIT_MS);
    child.once('exit', (code, signal) => {
      clearTimeout(limit);
      resolve(finding ?? { works: false, reason: `its process died of ${signal ?? `exit code ${code}`}` });
    });
    child.once('error', (error) => {
      clearTimeout(limit);
      resolve({ works: false, reason: error.message });
    });
  });
}

/** Built, this module lies in `dist`, as the probe's bundle does. */
const PROBE_FILE = fileURLToPath(new URL('./serving-probe.js', import.meta.url));
