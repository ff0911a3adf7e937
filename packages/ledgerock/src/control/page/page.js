// The start page: logs in with the one-time code of the link, then shows this month's spend by team. It adds nothing up:
// every figure, the total included, is the API's. Values are set as text, never as markup.

import { element, followLink, whatWentWrong } from './links.js'

const columns = ['calls', 'input_tokens', 'output_tokens', 'unpriced_calls', 'cost_usd']

const HOW =
  'A link with a one-time code lets you in, once, for ten minutes. On the machine that runs Ledgerock, ' +
  'with its data directory as DATA: curl -X POST -H "Authorization: Bearer $(cat DATA/admin-token)" ' +
  `${location.origin}/api/v1/session/links`

function say(text) {
  element('message').textContent = text
}

function row(name, measures) {
  const line = document.createElement('tr')
  const head = document.createElement('th')
  head.scope = 'row'
  head.textContent = name
  line.append(head)
  for (const column of columns) {
    const cell = document.createElement('td')
    cell.className = 'number'
    cell.textContent = measures[column] === null ? '–' : String(measures[column])
    line.append(cell)
  }
  return line
}

async function logIn() {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (code === null) return true
  // The code works once; it must not stay in the address bar or the history.
  history.replaceState(null, '', location.pathname)
  const answer = await fetch('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  return answer.ok
}

async function show() {
  const loggedIn = await logIn()
  const answer = await fetch('/api/v1/spend?by=team')
  if (answer.status === 401) {
    const why = loggedIn ? 'You are not logged in.' : 'That link was used before or is too old.'
    const again = location.hash === '' ? '' : ' Then load this page again.'
    say(`${why} ${HOW}${again}`)
    return
  }
  if (!answer.ok) {
    say(await whatWentWrong(answer))
    return
  }
  const { rows, total } = await answer.json()
  element('rows').replaceChildren(...rows.map((one) => row(one.team, one)))
  element('total').replaceChildren(row('Total', total))
  element('spend').hidden = false
  say(rows.length === 0 ? 'No calls yet this month.' : '')
  await followLink(new URLSearchParams(location.hash.slice(1)))
}

element('logout').addEventListener('click', () => {
  fetch('/api/v1/session', { method: 'DELETE' })
    .catch(() => {})
    .finally(() => location.reload())
})
window.addEventListener('hashchange', () => location.reload())
show().catch(() => say('The server cannot be reached.'))
