/** `config`: every setting with unit, default and what it is now. */
import type { Command } from 'commander'
import type { Setting } from '#main/config.ts'
import { oneLine, type Output, print, table } from '../print.ts'

type Row = [suffix: string, unit: Setting['unit'], standard: string, meaning: string]

/** The value is null where it is not set, and masked where it is secret. */
type Shown = Setting & { value: string | null }

export function configCommand(program: Command): void {
  program
    .command('config')
    .description('List every setting with its unit, default and value')
    .action(async (options: Output) => {
      const items = [...(await ownSettings()), ...(await networkSettings())]
      print({ items }, options, () =>
        table(
          ['Setting', 'Value', 'Default', 'Unit', 'Meaning'],
          items.map((item) => [
            item.name,
            oneLine(item.value ?? '–', 50),
            oneLine(item.default, 50),
            item.unit,
            item.meaning,
          ]),
          '',
        ),
      )
    })
}

async function ownSettings(): Promise<Shown[]> {
  const { settings } = await import('#main/config.ts')
  return settings.map((setting) => ({
    ...setting,
    name: `LITFASS_${setting.name}`,
    value: valueOf(setting),
  }))
}

/** What every login of a network can be told: its app, and where its servers are. */
async function networkSettings(): Promise<Shown[]> {
  const { networks } = await import('#networks/registry.ts')
  const found = new Map<string, Shown>()
  for (const { settings, hosts, name, kind, needsHost, isOwnClient, appToken } of networks.flatMap(
    (network) => network.definition.logins,
  )) {
    const app: Row[] = [
      ['CLIENT_ID', 'text', '(not set)', `App at ${name}: its id.`],
      ['CLIENT_SECRET', 'secret', '(not set)', `App at ${name}: its secret.`],
    ]
    const rows: Row[] = [
      ...(kind === 'form' || needsHost || isOwnClient ? [] : app),
      ...(appToken === undefined
        ? []
        : [tokenRow(appToken.setting, `App at ${name}: its own token, for asking how much was used.`)]),
      ['API_URL', 'URL', hosts.apiUrl, `Where ${name} answers.`],
      ['UPLOAD_URL', 'URL', hosts.uploadUrl, `Where ${name} takes media.`],
      ['AUTHORIZE_URL', 'URL', hosts.authorizeUrl, `Consent page of ${name}.`],
      ['TOKEN_URL', 'URL', hosts.tokenUrl, `Where ${name} gives tokens.`],
      ['READ_URL', 'URL', hosts.readUrl ?? '', `Where ${name} shows public data.`],
      ['SITE_URL', 'URL', hosts.siteUrl ?? '', `Where people see posts of ${name}.`],
      ['DIRECTORY_URL', 'URL', hosts.directoryUrl ?? '', `Where servers of ${name} are found.`],
    ]
    for (const [suffix, unit, standard, meaning] of rows.filter(([, , standard]) => standard !== '')) {
      const setting = { name: `${settings}_${suffix}`, unit, default: standard, meaning }
      const shown = { ...setting, name: `LITFASS_${setting.name}`, value: valueOf(setting) }
      if (!found.has(shown.name)) found.set(shown.name, shown)
    }
  }
  return [...found.values()]
}

const tokenRow = (setting: string, meaning: string): Row => [setting, 'secret', '(not set)', meaning]

const mask = '••••'

/** A URL may hold a password. */
function valueOf({ name, unit }: Setting): string | null {
  const value = process.env[`LITFASS_${name}`]
  if (!value) return null
  return unit === 'secret' ? mask : value.replace(/^(\w+:\/\/[^:@/]*:)[^@/]*@/, `$1${mask}@`)
}
