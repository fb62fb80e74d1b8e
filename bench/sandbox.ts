/** What a benchmark asks of the sandbox beside its networks. */
import { request } from 'undici'

export async function setFaults(url: string, rules: readonly Record<string, unknown>[]): Promise<void> {
  const answer = await request(`${url}/_sandbox/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rules),
  })
  if (answer.statusCode >= 300) throw new Error(`the sandbox refuses the faults: ${await answer.body.text()}`)
  await answer.body.dump()
}

/** Texts of all that was published at X since then. */
export async function wallTexts(url: string, since: Date): Promise<string[]> {
  const answer = await request(`${url}/_sandbox/wall?network=x&since=${since.toISOString()}`)
  const { items } = (await answer.body.json()) as { items: Array<{ text: string }> }
  return items.map(({ text }) => text)
}
