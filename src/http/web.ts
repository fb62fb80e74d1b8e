/** The web app: its files, and its one page for every address that is not something else's. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createWebBuild, type WebBuild, type WebBuildOptions } from './web-build.ts'
import { failedPage, preparingPage } from './web-waiting.ts'

export type WebOptions = WebBuildOptions & {
  /** Builds at once where needed, instead of when the first page is asked for. */
  isPrepared?: boolean
}

/** What belongs to machines answers machines, also where it has nothing. */
const reserved = /^\/(api|_sandbox|media|assets|metrics|healthz|readyz)(\/|$)/
const rootFile = /^\/([\w-]+\.(?:svg|js|png|ico|webmanifest))$/

export async function web(app: FastifyInstance, options: WebOptions): Promise<void> {
  const build = createWebBuild(options)
  await app.register(fastifyStatic, { serve: false, preCompressed: true })
  app.addHook('onClose', async () => build.stop())
  app.get('/assets/:file', (request, reply) => sendAsset(build, request, reply))
  app.get('/*', (request, reply) => sendPage(build, request, reply))
  if (options.isPrepared) build.prepare()
}

/** Their names hold a hash of their content, so they may be kept for ever. */
function sendAsset(build: WebBuild, request: FastifyRequest, reply: FastifyReply): FastifyReply | void {
  const { file } = request.params as { file: string }
  const name = `assets/${file}`
  const folder = /^[\w.-]+$/.test(file) ? build.folderWith(name) : null
  if (folder === null) return reply.callNotFound()
  return reply.sendFile(name, folder, { maxAge: '365d', immutable: true })
}

function sendPage(build: WebBuild, request: FastifyRequest, reply: FastifyReply): FastifyReply | void {
  const path = request.url.split('?')[0] ?? '/'
  const folder = build.folder()
  const file = rootFile.exec(path)?.[1]
  if (file !== undefined && folder !== null && build.folderWith(file) === folder)
    return reply.sendFile(file, folder, { maxAge: '1h' })
  if (reserved.test(path) || !acceptsHtml(request)) return reply.callNotFound()
  reply.header('vary', 'accept')
  if (folder !== null) {
    // Asked for anew each time: it names the current files.
    return reply.header('cache-control', 'no-cache').sendFile('index.html', folder, { cacheControl: false })
  }
  build.prepare()
  const language = /^de\b/i.test(request.headers['accept-language'] ?? '') ? 'de' : 'en'
  reply.header('cache-control', 'no-store').type('text/html; charset=utf-8')
  if (build.hasFailed()) return reply.code(500).send(failedPage(language))
  return reply.code(503).headers({ 'retry-after': '2', refresh: '2' }).send(preparingPage(language))
}

function acceptsHtml(request: FastifyRequest): boolean {
  return /text\/html/.test(request.headers.accept ?? '')
}
