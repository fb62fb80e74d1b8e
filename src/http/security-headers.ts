/**
 * Headers that tell browsers what our pages may do: scripts from this server only, no frames around us.
 *
 * Pages of the sandbox play other sites: they bring a policy of their own.
 */
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

export async function securityHeaders(app: FastifyInstance, isSecure: boolean): Promise<void> {
  const common = {
    // Sent over http, browsers ignore it; over https it holds for this host, not for its siblings.
    strictTransportSecurity: isSecure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' as const },
    xFrameOptions: { action: 'deny' as const },
    // Addresses hold tokens of invitations and new passwords; they are told to nobody.
    referrerPolicy: { policy: 'no-referrer' as const },
  }
  await app.register(helmet, { global: false })
  app.addHook('onRequest', async (request, reply) => {
    const isSandbox = /^\/_sandbox(\/|$|\?)/.test(request.url)
    reply.helmet({
      ...common,
      contentSecurityPolicy: isSandbox ? false : { useDefaults: false, directives },
    })
  })
}

const directives = {
  defaultSrc: ["'self'"],
  baseUri: ["'none'"],
  connectSrc: ["'self'"],
  fontSrc: ["'self'", 'data:'],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  frameSrc: ["'none'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  mediaSrc: ["'self'", 'blob:'],
  objectSrc: ["'none'"],
  scriptSrc: ["'self'"],
  scriptSrcAttr: ["'none'"],
  // The components set style attributes.
  styleSrc: ["'self'", "'unsafe-inline'"],
  workerSrc: ["'self'"],
}
