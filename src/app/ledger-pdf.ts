/** The ledger report as a PDF, to be signed and sent. In English, as networks ask. */
import Pdf from 'pdfkit'
import type { LedgerReport, UseRow } from './ledger-report.ts'

/** A report as it comes from the API: instants are ISO strings. */
type Dated<T> = T extends Date
  ? Date | string
  : T extends readonly (infer Item)[]
    ? ReadonlyArray<Dated<Item>>
    : T extends object
      ? { [Key in keyof T]: Dated<T[Key]> }
      : T
export type PrintedReport = Dated<LedgerReport>
type Use = Dated<UseRow>

const margin = 48
const width = 595.28 - 2 * margin
const rowHeight = 13

export function ledgerPdf(report: PrintedReport): Promise<Buffer> {
  const doc = new Pdf({
    size: 'A4',
    margin,
    pdfVersion: '1.7',
    lang: 'en',
    tagged: true,
    displayTitle: true,
    bufferPages: true,
    info: {
      Title: `Access report ${report.from} to ${report.to}`,
      Author: report.workspace.name,
      CreationDate: new Date(report.madeAt),
    },
  })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk))
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  front(doc, report)
  for (const app of report.apps) appPart(doc, app)
  deletionsPart(doc, report)
  rulesPart(doc, report)
  numberPages(doc, report)
  doc.end()
  return done
}

type Doc = InstanceType<typeof Pdf>
type App = PrintedReport['apps'][number]

function heading(doc: Doc, text: string): void {
  if (doc.y > 700) doc.addPage()
  doc.moveDown(0.8).font('Helvetica-Bold').fontSize(12).text(plain(text), margin, doc.y, { width })
  doc.moveDown(0.2)
}

function line(doc: Doc, text: string): void {
  doc.font('Helvetica').fontSize(9.5).text(plain(text), margin, doc.y, { width, lineGap: 1.5 })
}

/** The built-in fonts know Latin letters only. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what is outside of Latin-1 has no glyph in these fonts.
  return text.normalize('NFC').replace(/[^\x20-\xff–—“”‘’…€]/g, '?')
}

function front(doc: Doc, report: PrintedReport): void {
  doc.font('Helvetica-Bold').fontSize(18).text('Access report', margin, margin)
  doc.moveDown(0.4)
  line(doc, `Workspace: ${report.workspace.name} (${report.workspace.id})`)
  line(doc, `Period: ${report.from} to ${report.to}, the last day not included; UTC`)
  line(doc, `Networks: ${report.network ?? 'all'}`)
  line(doc, `Made at: ${instant(report.madeAt)}`)
  heading(doc, 'Summary')
  const calls = report.apps.reduce((sum, app) => sum + app.calls, 0)
  const items = report.apps.reduce((sum, app) => sum + app.items, 0)
  line(doc, `${calls} calls by ${report.apps.length} apps brought ${items} items of data.`)
  const { members, apiKeys } = report.recipients
  const people = Object.entries(members).map(([role, count]) => `${count} ${role}`)
  line(
    doc,
    `Who could see what was read: members of the workspace (${people.join(', ')}) and ${apiKeys} API keys of theirs.`,
  )
  line(
    doc,
    report.modelCalls === 0
      ? 'Artificial intelligence: no data read from a network was sent to any model.'
      : `Artificial intelligence: ${report.modelCalls} calls sent data to a model.`,
  )
  const { entries, chains, faults, unchained, unsettled } = report.integrity
  line(
    doc,
    faults === 0
      ? `The ledger is whole: ${entries} entries in ${chains} chains were checked; ${unsettled} calls have no settling entry; ${unchained} entries are older than the chains.`
      : `THE LEDGER IS NOT WHOLE: ${faults} faults in ${entries} entries. Run “litfass ledger verify”.`,
  )
}

function appPart(doc: Doc, app: App): void {
  heading(doc, `${app.networkName}, app ${app.login || '(not recorded)'}`)
  line(doc, `${app.calls} calls, ${app.items} items.`)
  const accounts = app.connections.map(
    ({ id, name, sandbox }) => `${name ?? 'removed'}${sandbox ? ' (sandbox)' : ''} ${id}`,
  )
  line(doc, `Accounts: ${accounts.join('; ') || 'none'}`)
  line(doc, `AI use: ${aiUseOf(app)}`)
  doc.moveDown(0.3)
  table(
    doc,
    ['Purpose', 'Endpoint', 'Data', 'By', 'Calls', 'Items', 'Failed', '429', 'Cost'],
    [70, 92, 74, 80, 38, 38, 38, 30, 39],
    app.uses.map((use) => [
      use.purpose,
      use.endpointClass,
      use.dataClass,
      use.actor,
      String(use.calls),
      String(use.items),
      String(use.failed + use.unanswered),
      String(use.throttled),
      costOf(use),
    ]),
  )
  const versions = [...new Set(app.uses.map(({ termsVersion }) => termsVersion ?? 'not recorded'))]
  line(doc, `Terms in force: ${versions.join('; ')}`)
}

function aiUseOf({ ai: { calls, items, dataClasses, firstAt, lastAt } }: App): string {
  if (calls === 0 || firstAt === null || lastAt === null) return 'none.'
  const days = `${instant(firstAt).slice(0, 10)} to ${instant(lastAt).slice(0, 10)}`
  return `${items} items (${dataClasses.join(', ')}) in ${calls} calls to a model, ${days}.`
}

const costOf = ({ cost, currency }: Use) => (currency === null ? '–' : `${cost} ${currency}`)

function deletionsPart(doc: Doc, { deletions }: PrintedReport): void {
  heading(doc, 'Deleted')
  if (deletions.length === 0) return line(doc, 'Nothing was due for deletion in this period.')
  table(
    doc,
    ['Network', 'What', 'Data', 'Why', 'Rule', 'Count', 'First', 'Last'],
    [62, 62, 84, 66, 50, 42, 66, 67],
    deletions.map((one) => [
      one.network,
      one.item,
      one.dataClass,
      one.reason,
      one.rule,
      String(one.count),
      instant(one.firstAt).slice(0, 10),
      instant(one.lastAt).slice(0, 10),
    ]),
  )
}

function rulesPart(doc: Doc, { rules }: PrintedReport): void {
  heading(doc, 'Rules kept')
  for (const book of rules) {
    line(doc, `${book.network}, version ${book.version}:`)
    for (const rule of book.rules) line(doc, `  ${rule.id} (${rule.dataClass}): ${rule.rule} ${rule.source}`)
    doc.moveDown(0.3)
  }
}

function table(
  doc: Doc,
  titles: readonly string[],
  widths: readonly number[],
  rows: ReadonlyArray<readonly string[]>,
): void {
  const row = (cells: readonly string[], font: string) => {
    if (doc.y > 770) doc.addPage()
    const y = doc.y
    let x = margin
    doc.font(font).fontSize(7.5)
    for (const [index, cell] of cells.entries()) {
      const cellWidth = widths[index] ?? 0
      doc.text(plain(cell), x, y, {
        width: cellWidth - 4,
        height: rowHeight,
        ellipsis: true,
        lineBreak: false,
      })
      x += cellWidth
    }
    doc.x = margin
    doc.y = y + rowHeight
  }
  row(titles, 'Helvetica-Bold')
  for (const cells of rows) row(cells, 'Helvetica')
  doc.moveDown(0.4)
}

function numberPages(doc: Doc, { workspace, from, to }: PrintedReport): void {
  const { start, count } = doc.bufferedPageRange()
  for (let index = start; index < start + count; index += 1) {
    doc.switchToPage(index)
    doc.page.margins.bottom = 0
    doc
      .font('Helvetica')
      .fontSize(7.5)
      .text(plain(`${workspace.name}, ${from} to ${to}, page ${index + 1} of ${count}`), margin, 812, {
        width,
        align: 'center',
        lineBreak: false,
      })
  }
}

function instant(at: Date | string): string {
  return new Date(at).toISOString()
}
