/** A person may belong to several workspaces: nobody of one may get into another through that person's account. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#domain/id.ts'
import { picture } from '#test/support/posting.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'
import { visitor } from '#test/support/visitor.ts'

const password = 'a long glass of lemonade'

describe('an account', () => {
  let product: TestProduct
  let other: Awaited<ReturnType<TestProduct['addWorkspace']>>
  beforeAll(async () => {
    product = await startTestProduct()
    other = await product.addWorkspace()
  })
  afterAll(() => product.close())

  const invite = async (key: string, email: string) =>
    new URL(
      (await product.call('POST', '/invitations', { key, body: { email, role: 'editor' } })).body.url,
    ).searchParams.get('token')
  const accept = (token: string | null, input: Record<string, unknown>) =>
    visitor(product).send('POST', `/api/v1/invitations/by-token/${token}/accept`, input)
  const addAbroad = async (email: string) => {
    const id = newId('mbr')
    await sql`insert into member (id, workspace_id, name, email, role, user_id, created_at)
      select ${id}, ${other.workspaceId}, name, email, 'editor', id, created_at from auth_user
      where email = ${email}`.execute(product.product.system.db)
    return id
  }

  it('of two workspaces gets no password link from either, since it would open the other', async () => {
    const email = 'both@lemonade.example'
    const { body } = await accept(await invite(product.apiKey, email), { name: 'Both', password })
    const abroad = await addAbroad(email)
    for (const [key, id] of [
      [other.apiKey, abroad],
      [product.apiKey, body.memberId],
    ])
      expect(await product.call('POST', `/members/${id}/password-link`, { key, body: {} })).toMatchObject({
        status: 403,
        body: { code: 'not_allowed' },
      })
    expect((await visitor(product).signIn(email, password)).status).toBe(200)
  })

  it('elsewhere is not taken over by a member who was given the same address', async () => {
    const email = 'lonely@lemonade.example'
    await accept(await invite(product.apiKey, email), { name: 'Lonely', password })
    await sql`insert into member (id, workspace_id, name, email, role, created_at)
      values ('mbr_lonely', ${other.workspaceId}, 'Lonely', ${email}, 'editor', ${new Date()})`.execute(
      product.product.system.db,
    )
    const link = await product.call('POST', '/members/mbr_lonely/password-link', {
      key: other.apiKey,
      body: {},
    })
    expect(link).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
  })

  it('that has no password yet is not given one by an invitation from elsewhere', async () => {
    const { body } = await product.call('GET', '/me')
    await product.call('POST', `/members/${product.ownerId}/password-link`, { body: {} })
    const token = await invite(other.apiKey, body.member.email)
    expect(await accept(token, { password })).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect((await visitor(product).signIn(body.member.email, password)).status).toBe(401)
  })

  it('has one link for a new password at a time, kept as a digest', async () => {
    const link = async () => {
      const { body } = await product.call('POST', `/members/${product.ownerId}/password-link`, { body: {} })
      return new URL(body.url).searchParams.get('token') ?? ''
    }
    const [first, second] = [await link(), await link()]
    const { rows } = await sql<{ text: string }>`select identifier as text from auth_verification`.execute(
      product.product.system.db,
    )
    expect(rows.filter(({ text }) => text.includes(second))).toEqual([])
    const set = (token: string) =>
      visitor(product).send('POST', '/api/auth/reset-password', { token, newPassword: password })
    expect((await set(first)).body).toMatchObject({ code: 'link_invalid' })
    expect((await set(second)).status).toBe(200)
  })

  it('reaches with a key no other workspace than the key’s', async () => {
    const headers = { 'litfass-workspace': other.workspaceId }
    expect(await product.call('GET', '/me', { headers })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    expect(
      (await product.call('GET', '/me', { headers: { 'litfass-workspace': product.workspaceId } })).status,
    ).toBe(200)
  })

  it('of several workspaces chooses one by header, and else has the first', async () => {
    const person = visitor(product)
    await person.signIn('both@lemonade.example', password)
    const me = async (headers: Record<string, string> = {}) =>
      (await person.get('/api/v1/me', headers)).body.workspace?.id
    expect(await me()).toBe(product.workspaceId)
    expect(await me({ 'litfass-workspace': other.workspaceId })).toBe(other.workspaceId)
    expect((await person.get('/api/v1/me', { 'litfass-workspace': 'wsp_none' })).status).toBe(404)
  })

  it('sees pictures of each of them by an address alone, as a browser asks for pictures', async () => {
    const theirs = { headers: { authorization: `Bearer ${other.apiKey}` } }
    const form = new FormData()
    form.set('file', new File([new Uint8Array(await picture(40, 40))], 'red.jpg'))
    const added = await product.fetch('/api/v1/media', { method: 'POST', body: form, ...theirs })
    const { id } = (await added.json()) as { id: string }
    const person = visitor(product)
    await person.signIn('both@lemonade.example', password)
    const preview = async (headers: Record<string, string>, workspaceId: string) =>
      (await product.fetch(`/api/v1/media/${id}/preview?width=320&workspace=${workspaceId}`, { headers }))
        .status
    const cookie = { cookie: person.cookie() }
    expect(await preview(cookie, other.workspaceId)).toBe(200)
    expect(await preview(cookie, product.workspaceId)).toBe(404)
    expect(await preview(cookie, 'wsp_none')).toBe(404)
    const stranger = { authorization: `Bearer ${product.apiKey}` }
    expect(await preview(stranger, other.workspaceId)).toBe(404)
  })
})
