/** Readiness of an account: its sign-in, and how its instance differs from what Litfass goes by. */
import type { OwnLimits } from '#domain/limits.ts'
import type { ChannelAccess, Check, Network, VerbContext } from '../contract.ts'
import { type Answer, NoAnswer } from '../metered-fetch.ts'
import { accountSchema, callInstance, termsSchema } from './api.ts'
import { readSelf } from './connect.ts'
import { definition, neededScopes } from './definition.ts'
import { troubleOf } from './errors.ts'
import { limitsIn, readInstance } from './limits.ts'

export const check: Network['check'] = async (context, channel) => {
  try {
    const token = tokenCheck(await readSelf(context, channel.accessToken), channel, context.now())
    const instance = await readInstance(context)
    const terms = await readTerms(context)
    return [token, scopeCheck(channel), limitCheck(instance), termsCheck(terms)]
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause
    const message = 'The Mastodon instance did not answer.'
    return [{ name: 'token', ok: false, message, remedy: 'Try again in a few minutes.' }, scopeCheck(channel)]
  }
}

function readTerms(context: VerbContext): Promise<Answer> {
  return callInstance(context, {
    method: 'GET',
    path: '/api/v1/instance/terms_of_service',
    endpointClass: 'instance.read',
    dataClass: 'terms',
    purpose: 'connect',
  })
}

function tokenCheck(answer: Answer, channel: ChannelAccess, now: Date): Check {
  const account = accountSchema.safeParse(answer.json)
  if (answer.status !== 200 || !account.success) {
    const trouble = troubleOf(answer, now)
    const message = 'reason' in trouble ? trouble.reason.message : 'The instance gave no readable answer.'
    return { name: 'token', ok: false, message, remedy: 'Connect the account again.' }
  }
  if (account.data.id !== channel.remoteId) {
    const message = 'The sign-in belongs to another account.'
    return { name: 'token', ok: false, message, remedy: 'Connect the right account.' }
  }
  return {
    name: 'token',
    ok: true,
    message: `The instance accepts the sign-in of @${account.data.username}.`,
  }
}

/** `write` includes `write:media`, and so on. */
function scopeCheck(channel: ChannelAccess): Check {
  const missing = neededScopes.filter(
    (scope) => !channel.scopes.includes(scope) && !channel.scopes.includes(scope.split(':')[0] ?? ''),
  )
  if (missing.length === 0)
    return { name: 'scopes', ok: true, message: 'The sign-in allows all that is needed.' }
  const message = `The sign-in does not allow ${missing.join(', ')}.`
  return { name: 'scopes', ok: false, message, remedy: 'Connect the account again and allow it.' }
}

/** Other software leaves its limits out; then the standard ones are gone by, and its refusals are shown. */
function limitCheck(answer: Answer): Check {
  const limits = limitsIn(answer)
  if (limits === null)
    return {
      name: 'limits',
      ok: true,
      message: 'The instance does not say its limits; the usual ones are used.',
    }
  const own = unusual(limits)
  const message =
    own.length === 0
      ? 'The instance takes what is usual.'
      : `The instance has limits of its own, by which posts for it are counted: ${own.join(', ')}.`
  return { name: 'limits', ok: true, message }
}

function unusual({ maxLength, urlLength, maxCount, maxBytes, maxAltLength }: OwnLimits): string[] {
  const text = definition.text.value
  const images = definition.images.value
  const perUrl = text.counts.unit === 'graphemes' ? text.counts.urlLength : undefined
  const said = (limit: number | undefined, usual: number | undefined, words: string) =>
    limit === undefined || limit === usual ? [] : [words.replace('#', String(limit))]
  return [
    ...said(maxLength, text.maxLength, '# characters'),
    ...said(urlLength, perUrl, 'links count # characters'),
    ...said(maxCount, images.maxCount, '# images'),
    ...said(maxBytes, images.maxBytes, '# bytes an image'),
    ...said(maxAltLength, images.maxAltLength, '# characters an alt text'),
  ]
}

/** Instances have their own terms since 4.4. Without any, nothing but publishing and measuring may be assumed allowed. */
function termsCheck(answer: Answer): Check {
  const terms = termsSchema.safeParse(answer.json)
  const date = answer.status === 200 && terms.success ? (terms.data.effective_date ?? null) : null
  return {
    name: 'terms',
    ok: true,
    message:
      date === null
        ? 'The instance publishes no terms of service; what is read there is used for nothing but its figures.'
        : `The terms of service of the instance are in force since ${date}.`,
  }
}
