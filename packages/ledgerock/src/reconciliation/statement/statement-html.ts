// A statement as one page that needs nothing beside itself: no script, no font, no picture, nothing that asks a server.

import type { Statement } from './statement.ts'
import { documentOf, type DocumentTable } from './statement-document.ts'
import { STATEMENT_STYLE } from './statement-style.ts'
import { capital } from './statement-words.ts'

export function statementHtml(statement: Statement): string {
  const page = documentOf(statement)
  const draft = page.isDraft ? '<span class="draft">Draft</span>' : ''
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${page.title}: ${page.owner}, ${page.period}`)}</title>
<style>${STATEMENT_STYLE}</style>
</head>
<body>
<main>
<header>
${draft}<p class="kind">${escaped(page.title)}</p>
<h1>${escaped(page.owner)}</h1>
<p class="period">${escaped(page.period)}</p>
<p class="total">${escaped(page.total)}</p>
<p class="change">${escaped(page.change)}</p>
</header>
${page.tables.map(tableHtml).join('\n')}
<section class="notes">
<h2>How these figures come about</h2>
${page.notes.map((note) => `<p>${escaped(note)}</p>`).join('\n')}
</section>
<footer>
<dl>
${page.facts.map(([label, value]) => `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`).join('\n')}
</dl>
</footer>
</main>
</body>
</html>
`
}

function tableHtml({ title, note, columns, rows, total }: DocumentTable, index: number): string {
  const id = `t${index}`
  const side = (place: number): string =>
    columns[place]?.align === 'right' ? ' class="right"' : ''
  const row = (cells: readonly string[]): string =>
    `<tr>${cells
      .map((cell, place) =>
        place === 0
          ? `<th scope="row">${escaped(cell)}</th>`
          : `<td${side(place)}>${escaped(cell)}</td>`,
      )
      .join('')}</tr>`
  const headings = columns.map(({ heading }, place) =>
    heading === ''
      ? '<td></td>'
      : `<th scope="col"${side(place)}>${escaped(capital(heading))}</th>`,
  )
  const head = columns.every(({ heading }) => heading === '')
    ? ''
    : `<thead><tr>${headings.join('')}</tr></thead>\n`
  const remark = note === null ? '' : `<p class="note">${escaped(note)}</p>\n`
  return `<section>
<h2 id="${id}">${escaped(title)}</h2>
${remark}<div class="wide"><table aria-labelledby="${id}">
${head}<tbody>
${rows.map(row).join('\n')}
</tbody>
${total === null ? '' : `<tfoot>${row(total)}</tfoot>\n`}</table></div>
</section>`
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
