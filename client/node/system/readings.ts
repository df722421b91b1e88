/** How the machine and this process stand, under MLflow's names where it has them. Source: `mlflow/system_metrics/metrics/`. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { gpuReadings } from './gpu.js';

/** The size of a megabyte in MLflow's metrics. */
export const MEGABYTE = 1e6;
/** How finely the delay of the event loop is measured, in ms. */
const RESOLUTION = 20;

export class Readings {
  #cpu = cpuTimes();
  #loop = performance.eventLoopUtilization();
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  readonly #networkBefore = networkBytes();

  constructor() {
    this.#delay.enable();
  }

  /** What there is to say since the last call. What this machine does not tell is left out; it never rejects. */
  async take(): Promise<Record<string, number>> {
    const [disk, gpus] = await Promise.all([diskReadings(), gpuReadings()]);
    return { ...this.#cpuReadings(), ...memoryReadings(), ...disk, ...this.#network(), ...gpus, ...this.#process() };
  }

  stop(): void {
    this.#delay.disable();
  }

  #cpuReadings(): Record<string, number> {
    const now = cpuTimes();
    const total = now.total - this.#cpu.total;
    const idle = now.idle - this.#cpu.idle;
    this.#cpu = now;
    return total > 0 ? { cpu_utilization_percentage: rounded((1 - idle / total) * 100) } : {};
  }

  #network(): Record<string, number> {
    const now = networkBytes();
    const before = this.#networkBefore;
    if (!now || !before) return {};
    return {
      network_receive_megabytes: (now.received - before.received) / MEGABYTE,
      network_transmit_megabytes: (now.transmitted - before.transmitted) / MEGABYTE,
    };
  }

  #process(): Record<string, number> {
    const loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    this.#loop = loop;
    const { mean, max } = this.#delay;
    this.#delay.reset();
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    return {
      process_memory_usage_megabytes: rounded(rss / MEGABYTE),
      process_heap_usage_megabytes: rounded(heapUsed / MEGABYTE),
      process_heap_size_megabytes: rounded(heapTotal / MEGABYTE),
      process_external_memory_megabytes: rounded(external / MEGABYTE),
      event_loop_utilization_percentage: rounded(utilization * 100),
      // The histogram counts from one tick of its timer to the next; without a tick there is no mean.
      ...(Number.isFinite(mean) && {
        event_loop_delay_milliseconds: Math.max(0, mean / 1e6 - RESOLUTION),
        event_loop_delay_max_milliseconds: Math.max(0, max / 1e6 - RESOLUTION),
      }),
    };
  }
}

const rounded = (value: number) => Math.round(value * 10) / 10;

function cpuTimes(): { idle: number; total: number } {
  const sum = { idle: 0, total: 0 };
  for (const { times } of cpus()) {
    sum.idle += times.idle;
    sum.total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return sum;
}

function memoryReadings(): Record<string, number> {
  const used = totalmem() - freemem();
  return {
    system_memory_usage_megabytes: rounded(used / MEGABYTE),
    system_memory_usage_percentage: rounded((used / totalmem()) * 100),
  };
}

async function diskReadings(): Promise<Record<string, number>> {
  const disk = await statfs('/').catch(() => undefined);
  if (!disk) return {};
  const used = (disk.blocks - disk.bfree) * disk.bsize;
  const available = disk.bavail * disk.bsize;
  return {
    disk_usage_percentage: rounded((used / (used + available)) * 100),
    disk_usage_megabytes: rounded(used / MEGABYTE),
    disk_available_megabytes: rounded(available / MEGABYTE),
  };
}

/** Of all interfaces since the machine started, where Linux tells. */
function networkBytes(): { received: number; transmitted: number } | undefined {
  try {
    const sum = { received: 0, transmitted: 0 };
    for (const line of readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2)) {
      const numbers = line
        .slice(line.indexOf(':') + 1)
        .trim()
        .split(/\s+/)
        .map(Number);
      if (numbers.length < 16) continue;
      sum.received += numbers[0] ?? 0;
      sum.transmitted += numbers[8] ?? 0;
    }
    return sum;
  } catch {
    return undefined;
  }
}
