/**
 * The little Markdown our set-up guides are written in: headings, paragraphs, lists, tables, code, bold and links.
 *
 * Everything becomes elements, never HTML from a string. Links lead out of the app.
 */
import type { ReactNode } from 'react'
import { ExternalLink } from '../../ui/Link.tsx'
import { type Block, blocksOf } from './markdown-blocks.ts'

export function Markdown({ text }: { text: string }): ReactNode {
  return (
    <div className="flex max-w-prose flex-col gap-3">
      {blocksOf(text).map((block, index) => renderBlock(block, index))}
    </div>
  )
}

function renderBlock(block: Block, key: number): ReactNode {
  switch (block.kind) {
    case 'heading':
      // The page's own headings come before those of the guide.
      return block.level === 1 ? (
        <h3 key={key} className="mt-1 text-lg font-semibold">
          {inline(block.text)}
        </h3>
      ) : (
        <h4 key={key} className="mt-2 font-semibold">
          {inline(block.text)}
        </h4>
      )
    case 'list': {
      const items = block.items.map((item) => <li key={item}>{inline(item)}</li>)
      return block.isOrdered ? (
        <ol key={key} className="list-decimal space-y-1 pl-5">
          {items}
        </ol>
      ) : (
        <ul key={key} className="list-disc space-y-1 pl-5">
          {items}
        </ul>
      )
    }
    case 'table':
      return (
        <div key={key} className="overflow-x-auto" tabIndex={0}>
          <table className="w-full border-collapse text-left text-sm">
            <thead className="border-b border-line">
              <tr>
                {block.head.map((cell) => (
                  <th key={cell} scope="col" className="px-2 py-1.5 font-medium">
                    {inline(cell)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {block.rows.map((row) => (
                <tr key={row.join('|')}>
                  {row.map((cell, index) => (
                    <td key={block.head[index]} className="px-2 py-1.5 align-top wrap-anywhere">
                      {inline(cell)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
    case 'code':
      return (
        <pre key={key} tabIndex={0} className="overflow-x-auto rounded-lg bg-sunken p-3 font-mono text-sm">
          {block.text}
        </pre>
      )
    case 'paragraph':
      return <p key={key}>{inline(block.text)}</p>
  }
}

function inline(text: string): ReactNode[] {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\(https?:\/\/[^)\s]+\)|<https?:\/\/[^>\s]+>)/)
  return parts.map((part, index) => {
    const link = /^\[([^\]]+)\]\(([^)]+)\)$/.exec(part) ?? /^<()(https?:[^>]+)>$/.exec(part)
    const key = `${index}-${part}`
    if (part.startsWith('`')) {
      return (
        <code key={key} className="rounded bg-sunken px-1 py-0.5 text-[0.9em] wrap-anywhere">
          {part.slice(1, -1)}
        </code>
      )
    }
    if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>
    if (link) {
      return (
        <ExternalLink key={key} href={link[2] ?? ''}>
          {link[1] || link[2]}
        </ExternalLink>
      )
    }
    return part
  })
}
