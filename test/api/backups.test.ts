import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '#test/support/cli.ts'
import { startTestProduct, type TestProduct } from '#test/support/product.ts'
import { carryMedia } from '#storage/backup-media.ts'

let test: TestProduct
beforeAll(async () => {
  test = await startTestProduct({ env: { LITFASS_ROLES: 'serve' } })
})
afterAll(() => test.close())

async function upload(): Promise<string> {
  const bytes = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#c33' } })
    .jpeg()
    .toBuffer()
  const form = new FormData()
  form.set('file', new File([new Uint8Array(bytes)], 'picture.jpg'))
  const answer = await test.fetch('/api/v1/media', { method: 'POST', body: form })
  return ((await answer.json()) as { id: string }).id
}

describe('a backup', () => {
  it('says that there are no media files, and makes no folder for them', async () => {
    const { status, body } = await test.call('POST', '/backups', { body: {} })
    expect(status).toBe(201)
    expect(body).toMatchObject({ mediaFolder: null, mediaFiles: 0, missingMedia: 0 })
    expect(body.rows).toBeGreaterThan(2)
  })

  it('keeps media files beside it, also when they are deleted later, and brings them back', async () => {
    const [kept, deleted] = [await upload(), await upload()]
    const { body } = await test.call('POST', '/backups', { body: {} })
    expect(body).toMatchObject({ mediaFiles: 2, missingMedia: 0 })
    expect(readdirSync(body.mediaFolder).sort()).toEqual([kept, deleted].sort())
    const bytes = readFileSync(join(test.dataDir, 'media', deleted))
    expect((await test.call('DELETE', `/media/${deleted}`)).status).toBe(200)
    expect(existsSync(join(test.dataDir, 'media', deleted))).toBe(false)
    const elsewhere = mkdtempSync(join(tmpdir(), 'litfass-restore-'))
    const restored = await runCli(['restore', body.file, '--json'], {
      env: { LITFASS_DATA_DIR: elsewhere },
    })
    expect(restored).toMatchObject({ code: 0 })
    expect(JSON.parse(restored.stdout)).toMatchObject({ mediaFiles: 2, missingMedia: [] })
    expect(readFileSync(join(elsewhere, 'media', deleted))).toEqual(bytes)
    rmSync(elsewhere, { recursive: true, force: true })
  })

  it('says which media files are missing, when it is made and when it is restored', async () => {
    const lost = await upload()
    rmSync(join(test.dataDir, 'media', lost))
    const { body } = await test.call('POST', '/backups', { body: {} })
    expect(body.missingMedia).toBe(1)
    const elsewhere = mkdtempSync(join(tmpdir(), 'litfass-restore-'))
    const restored = await runCli(['restore', body.file, '--json'], {
      env: { LITFASS_DATA_DIR: elsewhere },
    })
    expect(JSON.parse(restored.stdout)).toMatchObject({ missingMedia: [lost] })
    rmSync(elsewhere, { recursive: true, force: true })
  })

  it('copies media files where they cannot be linked', async (context) => {
    if (!existsSync('/dev/shm')) context.skip('there is no second file system')
    const other = mkdtempSync('/dev/shm/litfass-media-')
    const from = join(test.dataDir, 'media')
    const count = await carryMedia(from, join(other, 'media'))
    expect(count).toBe(readdirSync(from).filter((name) => name.startsWith('med_')).length)
    rmSync(other, { recursive: true, force: true })
  })
})
