/** What reading figures has in common: figures under the names of a definition, and patience with silence. */
import type { MeasureOutcome, NetworkDefinition, ReadingValue, VerbContext } from './contract.ts'
import { NoAnswer } from './metered-fetch.ts'

/** The figures a definition knows, as they stand in one object; what is missing is left out, as it is not zero. */
export function readingsOf(
  definition: NetworkDefinition,
  figures: Record<string, unknown>,
  of: 'post' | 'channel',
): ReadingValue[] {
  return definition.metrics.value.flatMap((metric) => {
    const value = figures[metric.remoteName]
    if (metric.of !== of || typeof value !== 'number' || !Number.isFinite(value)) return []
    return [{ metric: metric.name, remoteName: metric.remoteName, value }]
  })
}

/** Silence is no reason to give up: figures are read again later. */
export async function patiently(
  context: VerbContext,
  silence: string,
  run: () => Promise<MeasureOutcome>,
): Promise<MeasureOutcome> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    return later(context, silence)
  }
}

export function later(context: VerbContext, message: string): MeasureOutcome {
  return { kind: 'later', until: new Date(context.now().getTime() + 15 * 60_000), message }
}
