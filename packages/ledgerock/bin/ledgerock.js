#!/usr/bin/env node
// The command `ledgerock`. Plain JavaScript that any Node can read, so that an old Node gets a sentence instead of a
// syntax error: everything behind it is TypeScript, which Node 24 runs as it is.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `ledgerock needs Node 24 or newer, this is ${process.version}. In a checkout, npm brings the right one: use "npx ledgerock" or "npm start".`,
  )
  process.exit(2)
}
await import('../src/main.ts')
