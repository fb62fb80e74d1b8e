/** `ai`: writing help by a model, and whether data read from networks may go to one. */
import { type Command, Option } from 'commander'
import { at, withApi } from '../api.ts'
import { fields, type Output, print, style, table } from '../print.ts'
import type { Ai, AiNetwork, Suggestions } from '../shapes.ts'
import { many, readStdin, wrongUse } from '../use.ts'

export function aiCommands(program: Command): void {
  const ai = program.command('ai').description('Writing help, and what may go to a model')
  showCommand(ai)
  setCommand(ai)
  switchCommand(ai, 'on', 'Offer writing help to everybody who writes')
  switchCommand(ai, 'off', 'Offer writing help to nobody')
  networkCommand(ai, 'allow', 'Let data read from a network go to a model, where its terms leave it free')
  networkCommand(ai, 'forbid', 'Let no data read from a network go to a model')
  suggestCommand(ai)
}

function showCommand(ai: Command): void {
  ai.command('show', { isDefault: true })
    .description('Show what is set and allowed, and how much went to a model')
    .action((options: Output) =>
      withApi(async (api) => {
        const shown = await api.call<Ai>('GET', '/ai')
        print(shown, options, () => aiText(shown))
      }),
    )
}

function aiText(shown: Ai): string {
  const requests = shown.uses.reduce((sum, use) => sum + use.requests, 0)
  const failed = shown.uses.reduce((sum, use) => sum + use.failed, 0)
  const rows = shown.networks.map(({ name, isAllowed, canBeAllowed, reason, rules }) => [
    name,
    isAllowed ? 'allowed' : canBeAllowed ? 'off' : 'forbidden',
    reason.message,
    rules[0]?.source ?? '',
  ])
  return [
    fields([
      ['Writing help', shown.isOn ? (shown.isReady ? 'on' : 'on, but without server or model') : 'off'],
      ['Server', shown.endpoint ?? (shown.hasOperatorServer ? 'of this installation' : 'none')],
      ['Model', shown.model === '' ? 'none' : shown.model],
      ['API key', shown.hasKey ? 'kept, sealed' : 'none'],
      ['Requests', `${requests} in the last 30 days, ${failed} without a usable answer`],
    ]),
    table(['Data read from', 'To a model', 'Why', 'Where it stands'], rows, 'No network.'),
  ].join('\n\n')
}

type Setting = Output & {
  url?: string
  operator?: boolean
  model?: string
  key?: string
  forgetKey?: boolean
}

function setCommand(ai: Command): void {
  ai.command('set')
    .description('Set the server, model and key of writing help')
    .option('--url <url>', 'Base address of an OpenAI-compatible API, for example https://api.example.com/v1')
    .option('--operator', 'The server of this installation (LITFASS_AI_URL) instead')
    .option('--model <model>', 'Name of the model')
    .option('--key <key>', 'API key; - reads it from standard input')
    .option('--forget-key', 'Forget the key')
    .action(({ url, operator = false, model, key, forgetKey = false, ...options }: Setting) =>
      withApi(async (api) => {
        if (url !== undefined && operator) throw wrongUse('Either --url or --operator')
        if (key !== undefined && forgetKey) throw wrongUse('Either --key or --forget-key')
        const change = {
          ...(operator ? { endpoint: null } : url === undefined ? {} : { endpoint: url }),
          ...(model === undefined ? {} : { model }),
          ...(forgetKey ? { apiKey: null } : {}),
          ...(key === undefined ? {} : { apiKey: key === '-' ? (await readStdin()).trim() : key }),
        }
        if (Object.keys(change).length === 0) throw wrongUse('Nothing to set')
        const saved = await api.call<Ai>('PUT', '/ai', change)
        print(saved, options, () => aiText(saved))
      }),
    )
}

function switchCommand(ai: Command, name: 'on' | 'off', description: string): void {
  ai.command(name)
    .description(description)
    .action((options: Output) =>
      withApi(async (api) => {
        const saved = await api.call<Ai>('PUT', '/ai', { isOn: name === 'on' })
        print(saved, options, () => `Writing help is ${name}.`)
      }),
    )
}

function networkCommand(ai: Command, name: 'allow' | 'forbid', description: string): void {
  ai.command(`${name} <network>`)
    .description(description)
    .action((network: string, options: Output) =>
      withApi(async (api) => {
        const isAllowed = name === 'allow'
        const saved = await api.call<AiNetwork>('PUT', at`/ai/networks/${network}`, { isAllowed })
        print(saved, options, () => saved.reason.message)
      }),
    )
}

type Asking = Output & { text: string; action: string; language?: string; channel?: string[] }

const actions = ['shorten', 'rephrase', 'correct', 'translate', 'alternatives', 'alt-text']

function suggestCommand(ai: Command): void {
  ai.command('suggest')
    .description('Ask for suggestions for a text; nothing is saved')
    .requiredOption('--text <text>', 'The text, and all that is sent; - reads it from standard input')
    .addOption(new Option('--action <action>', 'What to do with it').choices(actions).default('rephrase'))
    .addOption(new Option('--language <language>', 'Of a translation').choices(['en', 'de']))
    .option('--channel <channel>', 'Whose limits to shorten to; repeats', many)
    .action(({ text, action, language, channel = [], ...options }: Asking) =>
      withApi(async (api) => {
        if (action === 'translate' && language === undefined)
          throw wrongUse('--action translate needs --language')
        const answer = await api.call<Suggestions>('POST', '/ai/suggestions', {
          action,
          text: text === '-' ? (await readStdin()).replace(/\r?\n$/, '') : text,
          channelIds: channel,
          ...(language === undefined ? {} : { language }),
        })
        print(answer, options, () => suggestionsText(answer))
      }),
    )
}

function suggestionsText({ suggestions, lengths, maxLength }: Suggestions): string {
  return suggestions
    .map((text, index) => {
      const length = lengths[index] ?? 0
      const count = maxLength === null ? `${length} characters` : `${length} of ${maxLength} characters`
      const isTooLong = maxLength !== null && length > maxLength
      return `${text}\n${style(isTooLong ? 'red' : 'dim', isTooLong ? `${count}: too long` : count)}`
    })
    .join('\n\n')
}
