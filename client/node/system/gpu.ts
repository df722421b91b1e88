/** How NVIDIA's GPUs stand, as `nvidia-smi` tells. A machine without it is asked once. */
import { execFile } from 'node:child_process';

const FIELDS = ['index', 'utilization.gpu', 'memory.used', 'memory.total', 'power.draw', 'power.limit'];
/** nvidia-smi counts memory in MiB, MLflow in megabytes. */
const MIB = 1.048576;
/** How long an answer may take, in ms. */
const PATIENCE = 5000;

let absent = false;

/** Empty where there is none. It never rejects. */
export async function gpuReadings(): Promise<Record<string, number>> {
  if (absent) return {};
  const text = await ask();
  if (text === undefined) return {};
  return Object.assign({}, ...text.trim().split('\n').map(readingsOf));
}

function ask(): Promise<string | undefined> {
  const args = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];
  return new Promise((done) => {
    const child = execFile('nvidia-smi', args, { timeout: PATIENCE }, (error, stdout) => {
      // A driver that does not answer this time may do so next time; a program that is not there will not come.
      if (error) absent ||= ['ENOENT', 'EACCES'].includes(String(error.code));
      done(error ? undefined : stdout);
    });
    child.unref();
    for (const stream of [child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.();
  });
}

/** One line; a value that this GPU does not tell is no number. */
export function readingsOf(line: string): Record<string, number> {
  const [index, utilization, used, total, power, limit] = line.split(',').map((part) => Number(part.trim()));
  const all = {
    utilization_percentage: utilization,
    memory_usage_megabytes: used! * MIB,
    memory_usage_percentage: (used! / total!) * 100,
    power_usage_watts: power,
    power_usage_percentage: (power! / limit!) * 100,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      Number.isFinite(value) ? [[`gpu_${index}_${name}`, Math.round(value! * 10) / 10]] : [],
    ),
  );
}
