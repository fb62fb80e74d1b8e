/**
 * Where networks say that people leave, and where those people see how far the deletion of their data is.
 *
 * Both are open to everybody: a callback is proved by its signature, the page by its code.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerCallback, type DeletionState, deletionState } from '#app/network-callbacks.ts'
import type { System } from '#app/system.ts'
import { LitfassError } from '#domain/errors.ts'
import type { CallbackKind } from '#networks/contract.ts'
import { bytesOf } from './body.ts'
import type { Limits } from './limits.ts'

const kinds: readonly string[] = ['deauthorize', 'data-deletion'] satisfies CallbackKind[]

export function networkCallbacks(app: FastifyInstance, system: System, limits: Limits): void {
  app.post('/api/v1/network-callbacks/:login/:kind', async (request, reply) => {
    await limits.lookUp(request)
    const { login, kind } = request.params as { login: string; kind: string }
    if (!isKind(kind)) throw nothingThere()
    const body = Buffer.from(await bytesOf(request.raw)).toString('utf8')
    return reply.header('cache-control', 'no-store').send(await answerCallback(system, login, kind, body))
  })

  app.get('/data-deletion/:code', async (request, reply) => {
    await limits.lookUp(request)
    const state = await deletionState(system, (request.params as { code: string }).code)
    if (state === null) throw nothingThere()
    return reply
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(statusPage(state, languageOf(request)))
  })
}

function isKind(kind: string): kind is CallbackKind {
  return kinds.includes(kind)
}

function nothingThere(): LitfassError {
  return new LitfassError('not_found', 'There is nothing at this address', {
    remedy: 'Use the address as it was given.',
  })
}

function languageOf(request: FastifyRequest): 'en' | 'de' {
  return /^\s*de\b/i.test(request.headers['accept-language'] ?? '') ? 'de' : 'en'
}

const words = {
  en: {
    title: 'Deletion of your data',
    done: 'Done. Nothing that was read of your account is kept here any more.',
    open: 'Under way. What was read of your account is being deleted; this takes a day at most.',
    asked: 'Asked for on',
    finished: 'Finished on',
    kept: 'Texts and pictures that were written here belong to the people who wrote them, and stay.',
  },
  de: {
    title: 'Löschung Ihrer Daten',
    done: 'Erledigt. Von Ihrem Konto ist hier nichts Gelesenes mehr gespeichert.',
    open: 'In Arbeit. Was von Ihrem Konto gelesen wurde, wird gelöscht; das dauert höchstens einen Tag.',
    asked: 'Verlangt am',
    finished: 'Abgeschlossen am',
    kept: 'Texte und Bilder, die hier geschrieben wurden, gehören denen, die sie geschrieben haben, und bleiben.',
  },
} as const

/** Without scripts, and without anything of the person. */
function statusPage({ isDone, askedAt, doneAt }: DeletionState, language: 'en' | 'de'): string {
  const text = words[language]
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  const line = (name: string, at: Date | null) =>
    at === null ? '' : `<p>${name} <time datetime="${at.toISOString()}">${format.format(at)} UTC</time></p>`
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${text.title}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1.25rem }
  h1 { font-size: 1.4rem }
</style>
<main>
<h1>${text.title}</h1>
<p><strong>${isDone ? text.done : text.open}</strong></p>
${line(text.asked, askedAt)}
${line(text.finished, doneAt)}
<p>${text.kept}</p>
</main>
`
}
