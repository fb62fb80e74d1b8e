/** What only who can read the data folder may ask for: the first set-up without a browser, and a key afterwards. */
import type { FastifyInstance } from 'fastify'
import { initialise } from '#app/initialise.ts'
import { createOperatorKey } from '#app/operator.ts'
import type { System } from '#app/system.ts'
import { initialiseInput } from '#contract/workspace.ts'
import { LitfassError } from '#domain/errors.ts'
import { bytesOf, requireReadable } from './body.ts'
import type { Limits } from './limits.ts'
import { invalidInput } from './problem.ts'
import { isSameSecret } from './secrets.ts'

export type FirstSetUpOptions = { system: System; limits: Limits; setupToken: string; operatorToken: string }

export function firstSetUp(app: FastifyInstance, options: FirstSetUpOptions): void {
  const { system, limits } = options
  // Works once, while nobody owns this installation.
  app.post('/api/v1/init', async (request, reply) => {
    await limits.door(request)
    if (!isSameSecret(request.headers['x-setup-token'], options.setupToken)) {
      throw new LitfassError('setup_token_invalid', 'The one-time set-up token is missing or wrong', {
        remedy: 'Run `litfass init` on the machine and in the data folder Litfass runs with.',
      })
    }
    const body = await bytesOf(request.raw)
    requireReadable(request.headers['content-type'] ?? 'application/json', body)
    const parsed = initialiseInput.safeParse(JSON.parse(Buffer.from(body).toString('utf8') || '{}'))
    if (!parsed.success) throw invalidInput(parsed.error, 'The body cannot be read')
    return reply.code(201).send(await initialise(system.db, parsed.data, system.now()))
  })
  // For the command line on this machine, which has no key after a set-up in the browser.
  app.post('/api/v1/operator-key', async (request, reply) => {
    await limits.door(request)
    if (!isSameSecret(request.headers['x-operator-token'], options.operatorToken)) {
      throw new LitfassError('not_allowed', 'The token of the operator is missing or wrong', {
        remedy: 'Run `litfass` on the machine and in the data folder Litfass runs with.',
      })
    }
    return reply.code(201).send(await createOperatorKey(system.db, system.now()))
  })
}
