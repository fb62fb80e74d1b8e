/** Keys and passwords open what they are meant to open, and nothing else. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKey } from '#app/initialise.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'

let product: TestProduct
let now = new Date('2026-11-24T09:00:00Z')

beforeAll(async () => {
  product = await startTestProduct({ now: () => now })
})
afterAll(() => product.close())

describe('an API key', () => {
  const lastUse = async () => (await product.call('GET', '/keys')).body.items[0].lastUsedAt
  it('tells when it was used last, to the minute, so that reading costs no writing', async () => {
    await product.call('GET', '/me')
    const first = await lastUse()
    expect(first).toBe(now.toISOString())
    now = new Date(now.getTime() + 30_000)
    expect(await lastUse()).toBe(first)
    now = new Date(now.getTime() + 40_000)
    await product.call('GET', '/me')
    expect(await lastUse()).toBe(now.toISOString())
  })

  it('has the role its member has now, and dies with the membership', async () => {
    const { db } = product.product.system
    await sql`insert into member (id, workspace_id, name, email, role, created_at)
      values ('mbr_temporary', ${product.workspaceId}, 'Temp', 'temp@lemonade.example', 'admin', ${now})`.execute(
      db,
    )
    const actor = { workspaceId: product.workspaceId, memberId: 'mbr_temporary', role: 'admin' } as const
    const { apiKey: key } = await createKey(db, actor, 'Temp', now)
    expect((await product.call('GET', '/invitations', { key })).status).toBe(200)
    await product.call('PATCH', '/members/mbr_temporary', { body: { role: 'viewer' } })
    expect((await product.call('GET', '/invitations', { key })).status).toBe(403)
    await product.call('DELETE', '/members/mbr_temporary')
    expect((await product.call('GET', '/me', { key })).status).toBe(401)
  })
})

describe('what strangers may send', () => {
  it('is no more than a form needs', async () => {
    for (const path of ['/setup', '/init', '/invitations/by-token/x/accept']) {
      const { status, body } = await product.call('POST', path, {
        key: null,
        body: { a: 'x'.repeat(70_000) },
      })
      expect({ path, status, body }).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
    }
  })

  it("does not sign a person in from another site's page", async () => {
    const headers = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }
    const body = { password: 'a long glass of lemonade', token: 'x' }
    for (const path of ['/setup', '/invitations/by-token/x/accept'])
      expect(await product.call('POST', path, { key: null, headers, body })).toMatchObject({
        status: 403,
        body: { code: 'not_allowed' },
      })
  })
})

describe("a link for a member's new password", () => {
  it('is not given out for somebody who is at home in another workspace as well', async () => {
    const { db } = product.product.system
    const other = await product.addWorkspace()
    await sql`insert into auth_user (id, name, email, created_at, updated_at)
      values ('usr_both', 'Both', 'both@elsewhere.example', ${now}, ${now})`.execute(db)
    await sql`update member set user_id = 'usr_both' where id = ${other.ownerId}`.execute(db)
    await sql`insert into member (id, workspace_id, name, email, role, user_id, created_at)
      values ('mbr_both', ${product.workspaceId}, 'Both', 'both@elsewhere.example', 'viewer', 'usr_both', ${now})`.execute(
      db,
    )
    const refused = await product.call('POST', '/members/mbr_both/password-link', { body: {} })
    expect(refused).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
    const { rows } = await sql`select 1 from auth_verification where value = 'usr_both'`.execute(db)
    expect(rows).toEqual([])
    const own = await product.call('POST', `/members/${product.ownerId}/password-link`, { body: {} })
    expect(own.status).toBe(201)
  })
})
