/** `config`: every setting with unit, default and what it is now. */
import type { Command } from 'commander'
import { oneLine, type Output, print, style, table } from '../print.ts'

type Setting = {
  name: string
  unit: string
  default: string
  /** Null where it is not set. Secrets are masked. */
  value: string | null
  meaning: string
}

export function configCommand(program: Command): void {
  program
    .command('config')
    .description('List every setting with its unit, default and value')
    .action(async (options: Output) => {
      const items = [...(await ownSettings()), ...(await networkSettings())]
      print({ items }, options, () =>
        table(
          ['Setting', 'Value', 'Unit', 'Meaning'],
          items.map((item) => [
            item.name,
            item.value === null ? style('dim', oneLine(item.default, 50)) : oneLine(item.value, 50),
            item.unit,
            item.meaning,
          ]),
          '',
        ),
      )
    })
}

async function ownSettings(): Promise<Setting[]> {
  const { settings } = await import('#main/config.ts')
  return settings.map(({ name, default: standard, meaning, ...rest }) => ({
    name: `LITFASS_${name}`,
    unit: 'unit' in rest ? String(rest.unit) : 'text',
    default: standard,
    value: valueOf(name, 'secret' in rest && rest.secret === true),
    meaning,
  }))
}

/** What every login of a network can be told: its app, and where its servers are. */
async function networkSettings(): Promise<Setting[]> {
  const { networks } = await import('#networks/registry.ts')
  const found = new Map<string, Setting>()
  for (const { settings, hosts, name } of networks.flatMap((network) => network.definition.logins)) {
    const rows: Array<[suffix: string, unit: string, standard: string, meaning: string]> = [
      ['CLIENT_ID', 'text', '(not set)', `App at ${name}: its id.`],
      ['CLIENT_SECRET', 'secret', '(not set)', `App at ${name}: its secret.`],
      ['API_URL', 'URL', hosts.apiUrl, `Where ${name} answers.`],
      ['UPLOAD_URL', 'URL', hosts.uploadUrl, `Where ${name} takes media.`],
      ['AUTHORIZE_URL', 'URL', hosts.authorizeUrl, `Consent page of ${name}.`],
      ['TOKEN_URL', 'URL', hosts.tokenUrl, `Where ${name} gives tokens.`],
    ]
    for (const [suffix, unit, standard, meaning] of rows) {
      const setting = `${settings}_${suffix}`
      if (found.has(setting)) continue
      const value = valueOf(setting, suffix === 'CLIENT_SECRET')
      found.set(setting, { name: `LITFASS_${setting}`, unit, default: standard, value, meaning })
    }
  }
  return [...found.values()]
}

const mask = '••••'

function valueOf(name: string, isSecret: boolean): string | null {
  const value = process.env[`LITFASS_${name}`]
  if (!value) return null
  return isSecret ? mask : value.replace(/^(\w+:\/\/[^:@/]*:)[^@/]*@/, `$1${mask}@`)
}
