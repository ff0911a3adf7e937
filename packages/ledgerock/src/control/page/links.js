// What links into the page lead to: `#alert=ID` shows that alert, as messages about it link to; `#ask=access&model=…&scope=team=search` and
// `#ask=budget&name=…` are forms that ask, as refusals of calls link to. A link only fills in: a person sends.

export const element = (id) => document.getElementById(id)

export async function whatWentWrong(answer) {
  const problem = await answer.json().catch(() => null)
  const errors = (problem?.errors ?? []).map(({ path, message }) => `${path}: ${message}`)
  const text = [problem?.detail, ...errors].filter((line) => line !== undefined).join(' ')
  return text === '' ? `The API answered ${answer.status}.` : text
}

/** @param {URLSearchParams} link */
export async function followLink(link) {
  const alertId = link.get('alert')
  if (alertId !== null) await showAlert(alertId)
  const asked = link.get('ask')
  if (asked === 'access') openAccess(link)
  if (asked === 'budget') openBudget(link)
}

const ALERT_FACTS = [
  ['Status', 'status'],
  ['Severity', 'severity'],
  ['Rule', 'rule'],
  ['Budget', 'budget'],
  ['Counter', 'counter'],
  ['Since', 'fired_at'],
  ['Until', 'resolved_at'],
  ['Seen to by', 'acknowledged_by'],
  ['Muted until', 'muted_until'],
]

async function showAlert(alertId) {
  const answer = await fetch(`/api/v1/alerts/${encodeURIComponent(alertId)}`)
  element('alert').hidden = false
  if (!answer.ok) {
    element('alert-message').textContent = await whatWentWrong(answer)
    return
  }
  const alert = await answer.json()
  element('alert-message').textContent = alert.message
  const known = ALERT_FACTS.filter(([, field]) => alert[field] !== null)
  element('alert-facts').replaceChildren(...known.map(([name, field]) => fact(name, alert[field])))
}

function fact(name, value) {
  const line = document.createElement('tr')
  const head = document.createElement('th')
  head.scope = 'row'
  head.textContent = name
  const cell = document.createElement('td')
  cell.textContent = value
  line.append(head, cell)
  return line
}

function openAccess(link) {
  element('ask-access').hidden = false
  element('access-model').value = link.get('model') ?? ''
  element('access-scope').value = link.getAll('scope').join('\n')
  send('access', () => ({
    path: '/api/v1/access/requests',
    body: {
      model: element('access-model').value.trim(),
      scope: scopeOf(element('access-scope').value),
    },
  }))
}

function openBudget(link) {
  element('ask-budget').hidden = false
  element('budget-name').value = link.get('name') ?? ''
  element('budget-counter').value = link.get('counter') ?? ''
  element('budget-unit').value = link.get('unit') === 'tokens' ? 'tokens' : 'usd'
  send('budget', () => {
    const name = element('budget-name').value.trim()
    const counter = element('budget-counter').value
    const amount = element('budget-amount').value.trim()
    const isTokens = element('budget-unit').value === 'tokens'
    return {
      path: `/api/v1/budgets/${encodeURIComponent(name)}/raises/requests`,
      body: {
        ...(isTokens ? { amount_tokens: Number(amount) } : { amount_usd: amount }),
        counter: counter === '' ? null : counter,
      },
    }
  })
}

/** A line is one value; lines of the same field are alternatives. */
function scopeOf(text) {
  const fields = new Map()
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const at = line.indexOf('=')
    const field = (at < 0 ? line : line.slice(0, at)).trim()
    const value = at < 0 ? '' : line.slice(at + 1).trim()
    fields.set(field, [...(fields.get(field) ?? []), value])
  }
  return Object.fromEntries(fields)
}

function send(kind, request) {
  const tell = (text) => {
    element(`${kind}-answer`).textContent = text
  }
  element(`${kind}-form`).addEventListener('submit', (event) => {
    event.preventDefault()
    const { path, body } = request()
    const until = element(`${kind}-until`).value.trim()
    const reason = element(`${kind}-reason`).value.trim()
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, until, reason }),
    })
      .then(async (answer) =>
        tell(answer.ok ? 'Asked. It waits for an admin.' : await whatWentWrong(answer)),
      )
      .catch(() => tell('The server cannot be reached.'))
  })
}
