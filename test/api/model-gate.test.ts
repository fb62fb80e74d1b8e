/**
 * The gate to a model, with every network there is, a real server in the model's place, and the real ledger: nothing
 * read from a network passes without its setting, nothing at all where the terms forbid it, and what passes is
 * written down.
 */
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askModel, type GateItem, type GateOutcome } from '#app/model-gate.ts'
import type { Actor } from '#app/system.ts'
import { networks } from '#networks/registry.ts'
import { type ModelServer, startModelServer } from '#test/support/model-server.ts'
import { connectSandbox } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

type Account = { id: string; network: string; login: string }

let model: ModelServer
let product: TestProduct
let actor: Actor
let accounts: Account[]
beforeAll(async () => {
  model = await startModelServer()
  product = await startTestProduct({ env: { LITFASS_AI_URL: model.endpoint } })
  actor = { workspaceId: product.workspaceId, memberId: product.ownerId, role: 'owner' }
  await connectSandbox(product)
  accounts = (await product.call('GET', '/connections')).body.items
  await product.call('PUT', '/ai', { body: { isOn: true, model: 'small' } })
})
afterAll(async () => {
  await product?.close()
  await model?.close()
})
beforeEach(async () => {
  model.asked.length = 0
  await sql`delete from ai_network`.execute(product.product.system.db)
})

const definitions = networks.map(({ definition }) => definition)
const classesOf = (id: string) => {
  const terms = definitions.find((definition) => definition.id === id)?.dataTerms.value ?? []
  return [...new Set(terms.map(({ dataClass }) => dataClass))].filter((name) => name !== '*')
}
/** By the rules themselves, not by the code that judges them. */
const isFree = (id: string, dataClass: string) => {
  const terms = definitions.find((definition) => definition.id === id)?.dataTerms.value ?? []
  const about = terms.filter((term) => term.dataClass === dataClass || term.dataClass === '*')
  const stances = about.flatMap(({ use }) => use?.model ?? [])
  return (
    stances.length > 0 && stances.every((one) => one === 'free') && about.every(({ use }) => !use?.export)
  )
}
const freeOnes = definitions.filter(({ id }) => classesOf(id).some((dataClass) => isFree(id, dataClass)))
const barredOnes = definitions.filter((definition) => !freeOnes.includes(definition))

const secretWords = 'words that somebody wrote on a network'
function readFrom(network: string, dataClass: string, count = 1): GateItem {
  const account = accounts.find((one) => one.network === network)
  return {
    text: secretWords,
    provenance: 'read',
    network,
    login: account?.login ?? 'none',
    connectionId: account?.id ?? 'con_none',
    dataClass,
    readAt: new Date(),
    count,
  }
}
const ask = (...items: GateItem[]): Promise<GateOutcome> =>
  askModel(product.product.system, actor, {
    instruction: 'Say it otherwise.',
    items,
    signal: new AbortController().signal,
  })
const allow = (network: string, isAllowed = true) =>
  product.call('PUT', `/ai/networks/${network}`, { body: { isAllowed } })
const ledger = async () => (await product.call('GET', '/access-records?purpose=ai&limit=200')).body.items

describe('the rules of every network', () => {
  it.each(definitions)('of $name say something about models', ({ dataTerms }) => {
    const about = dataTerms.value.filter(({ use }) => use?.model !== undefined)
    expect(about).not.toEqual([])
    for (const { source, rule, confidence } of about) {
      expect(source).toMatch(/^https:\/\//)
      expect(rule).toMatch(/\S/)
      expect(confidence).toMatch(/high|medium|low/)
    }
  })

  it('hold both kinds, so that each is tried here', () => {
    expect(freeOnes).not.toEqual([])
    expect(barredOnes).not.toEqual([])
  })
})

describe('what was read from a network', () => {
  it.each(definitions)('does not pass from $name without its setting, in any class', async ({ id }) => {
    for (const dataClass of [...classesOf(id), 'unheard-of']) {
      const outcome = await ask({ provenance: 'authored', text: 'Mine' }, readFrom(id, dataClass))
      expect(outcome).toMatchObject({ kind: 'refused', refusals: [{ network: id, dataClass }] })
    }
    expect(model.asked).toEqual([])
  })

  it.each(barredOnes)('never passes from $name, whatever the setting', async ({ id, name }) => {
    const { status, body } = await allow(id)
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'ai_forbidden' } })
    expect(body.title).toContain(name)
    expect(body.remedy).toMatch(/https:\/\//)
    // Even where the row is there, by hand or from before the terms changed.
    await sql`insert into ai_network (workspace_id, network, allowed_by, allowed_at)
      values (${product.workspaceId}, ${id}, ${product.ownerId}, now())`.execute(product.product.system.db)
    for (const dataClass of [...classesOf(id), 'unheard-of'])
      expect(await ask(readFrom(id, dataClass))).toMatchObject({
        kind: 'refused',
        refusals: [{ verdict: { kind: 'forbidden' } }],
      })
    expect(model.asked).toEqual([])
    const shown = (await product.call('GET', '/ai')).body.networks
    expect(shown).toContainEqual(
      expect.objectContaining({ network: id, isAllowed: false, canBeAllowed: false }),
    )
  })

  it('passes only where all of it is free and allowed, for any mix of items and settings', async () => {
    const anItem = fc
      .constantFrom(...definitions)
      .chain(({ id }) => fc.tuple(fc.constant(id), fc.constantFrom(...classesOf(id), 'unheard-of')))
    const property = fc.asyncProperty(
      fc.array(anItem, { minLength: 1, maxLength: 4 }),
      fc.subarray(definitions.map(({ id }) => id)),
      async (items, chosen) => {
        model.asked.length = 0
        const { db } = product.product.system
        await sql`delete from ai_network`.execute(db)
        for (const id of chosen)
          await sql`insert into ai_network (workspace_id, network, allowed_by, allowed_at)
            values (${product.workspaceId}, ${id}, ${product.ownerId}, now())`.execute(db)
        const outcome = await ask(...items.map(([id, dataClass]) => readFrom(id, dataClass)))
        const mayPass = items.every(([id, dataClass]) => chosen.includes(id) && isFree(id, dataClass))
        expect(outcome.kind).toBe(mayPass ? 'answered' : 'refused')
        expect(model.asked).toHaveLength(mayPass ? 1 : 0)
      },
    )
    await fc.assert(property, { seed: 20_261_124, numRuns: 150, endOnFailure: true })
  })

  it('does not pass for another workspace’s setting', async () => {
    const [{ id } = { id: '' }] = freeOnes
    const other = await product.addWorkspace()
    await product.call('PUT', `/ai/networks/${id}`, { body: { isAllowed: true }, key: other.apiKey })
    const [dataClass = ''] = classesOf(id).filter((one) => isFree(id, one))
    expect(await ask(readFrom(id, dataClass))).toMatchObject({ kind: 'refused' })
    const seen = (await product.call('GET', '/ai')).body.networks
    expect(seen.every(({ isAllowed }: { isAllowed: boolean }) => !isAllowed)).toBe(true)
  })

  it('is written into the ledger before it leaves, with counts and classes and no content', async () => {
    const [{ id, dataTerms } = { id: '', dataTerms: { value: [] } }] = freeOnes
    const [one = '', two = ''] = classesOf(id).filter((dataClass) => isFree(id, dataClass))
    const before = (await ledger()).length
    await allow(id)
    expect((await ask(readFrom(id, one, 3), readFrom(id, one, 4), readFrom(id, two, 1))).kind).toBe(
      'answered',
    )
    const entries = (await ledger()).slice(0, (await ledger()).length - before)
    expect(entries).toHaveLength(4)
    const settled = entries.filter(({ kind }: { kind: string }) => kind === 'settle')
    expect(
      settled.map((entry: { dataClass: string; items: number }) => [entry.dataClass, entry.items]),
    ).toEqual(
      expect.arrayContaining([
        [one, 7],
        [two, 1],
      ]),
    )
    const newest = dataTerms.value
      .map(({ since }) => since)
      .toSorted()
      .at(-1)
    for (const entry of entries) {
      expect(entry).toMatchObject({
        network: id,
        purpose: 'ai',
        endpointClass: 'model.chat',
        actor: product.ownerId,
        termsVersion: expect.stringContaining(newest ?? ''),
      })
      expect(JSON.stringify(entry)).not.toContain(secretWords)
    }
    const opened = entries.filter(({ kind }: { kind: string }) => kind === 'open')
    expect(opened.map(({ callId }: { callId: string }) => callId).toSorted()).toEqual(
      settled.map(({ callId }: { callId: string }) => callId).toSorted(),
    )
    const { faults } = (await product.call('POST', '/access-records/verify', { body: {} })).body
    expect(faults).toEqual([])
  })

  it('is in the report of each app, from the ledger; where nothing passed, so is that', async () => {
    const [{ id } = { id: '' }] = freeOnes
    const { apps, modelCalls } = (await product.call('GET', '/access-records/report')).body
    const of = (network: string) => apps.filter((app: { network: string }) => app.network === network)
    expect(of(id)[0].ai).toMatchObject({ calls: expect.any(Number), firstAt: expect.any(String) })
    expect(of(id)[0].ai.items).toBeGreaterThanOrEqual(8)
    expect(modelCalls).toBe(of(id)[0].ai.calls)
    const without = apps.filter((app: { network: string }) => app.network !== id)
    expect(without).not.toEqual([])
    for (const { ai } of without)
      expect(ai).toEqual({ calls: 0, items: 0, dataClasses: [], firstAt: null, lastAt: null })
    // They were no calls to the network.
    const [{ uses, calls }] = of(id)
    const toNetwork = uses.filter(({ purpose }: { purpose: string }) => purpose !== 'ai')
    expect(calls).toBe(toNetwork.reduce((sum: number, use: { calls: number }) => sum + use.calls, 0))
    const pdf = await product.fetch('/api/v1/access-records/report.pdf')
    expect(pdf.status).toBe(200)
  })

  it('says that nothing was passed on where the server was never reached', async () => {
    const nowhere = await startTestProduct({ env: { LITFASS_AI_URL: 'http://127.0.0.1:9/v1' } })
    try {
      const [{ id } = { id: '' }] = freeOnes
      const [dataClass = ''] = classesOf(id).filter((one) => isFree(id, one))
      await nowhere.call('PUT', '/ai', { body: { isOn: true, model: 'small' } })
      await nowhere.call('PUT', `/ai/networks/${id}`, { body: { isAllowed: true } })
      const theirs: Actor = { workspaceId: nowhere.workspaceId, memberId: nowhere.ownerId, role: 'owner' }
      const outcome = await askModel(nowhere.product.system, theirs, {
        instruction: 'Say it otherwise.',
        items: [readFrom(id, dataClass, 5)],
        signal: new AbortController().signal,
      })
      expect(outcome).toMatchObject({ kind: 'failed', why: 'unreachable' })
      const [settle] = (await nowhere.call('GET', '/access-records?purpose=ai')).body.items
      expect(settle).toMatchObject({ kind: 'settle', items: 0, status: null, outcome: 'not-sent' })
      expect((await nowhere.call('GET', '/access-records/report')).body.modelCalls).toBe(0)
    } finally {
      await nowhere.close()
    }
  })

  it('costs nothing at any network, and counts as no call to one', async () => {
    const before = (await product.call('GET', '/charges?limit=200')).body.items.length
    const [{ id } = { id: '' }] = freeOnes
    const [dataClass = ''] = classesOf(id).filter((one) => isFree(id, one))
    await allow(id)
    await ask(readFrom(id, dataClass))
    expect((await product.call('GET', '/charges?limit=200')).body.items).toHaveLength(before)
  })
})

describe('what was written here', () => {
  it('passes whatever the settings of networks are, without an entry about network data', async () => {
    const before = (await ledger()).length
    expect(await ask({ provenance: 'authored', text: 'Fresh lemonade' })).toMatchObject({ kind: 'answered' })
    expect(await ledger()).toHaveLength(before)
  })

  it('does not pass while the workspace uses no model', async () => {
    await product.call('PUT', '/ai', { body: { isOn: false } })
    expect(await ask({ provenance: 'authored', text: 'Fresh lemonade' })).toEqual({ kind: 'off' })
    await product.call('PUT', '/ai', { body: { isOn: true } })
  })
})
