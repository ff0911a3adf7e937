// How a statement's page looks: calm, printable, light and dark. It is a part of the page, which asks nothing of anybody.

export const STATEMENT_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1b1f24;
  --soft: #5a6472;
  --line: #d9dee5;
  --faint: #f5f7f9;
  --paper: #fff;
  --mark: #9a5b00;
  --mark-back: #fff4df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8ebef;
    --soft: #a3adba;
    --line: #363d47;
    --faint: #1d2229;
    --paper: #14181d;
    --mark: #ffc46b;
    --mark-back: #3a2b10;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 56rem; margin: 0 auto; padding: 3rem 1.5rem; }
header { border-bottom: 2px solid var(--ink); padding-bottom: 1.5rem; margin-bottom: 2rem; }
.kind { margin: 0; color: var(--soft); }
h1 { margin: .25rem 0 0; font-size: 2rem; line-height: 1.2; overflow-wrap: anywhere; }
.period { margin: .25rem 0 1.25rem; font-size: 1.125rem; }
.total {
  margin: 0;
  font-size: 2.25rem;
  font-weight: 600;
  line-height: 1.2;
  font-variant-numeric: tabular-nums;
}
.change { margin: .25rem 0 0; color: var(--soft); }
.draft {
  float: right;
  padding: .125rem .75rem;
  border: 1px solid currentcolor;
  border-radius: 1rem;
  color: var(--mark);
  background: var(--mark-back);
}
h2 { margin: 2.5rem 0 .25rem; font-size: 1.125rem; }
.note { margin: 0 0 .5rem; color: var(--soft); font-size: .875rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td {
  padding: .375rem .75rem;
  text-align: left;
  vertical-align: top;
  border-bottom: 1px solid var(--line);
}
th:first-child, td:first-child { padding-left: 0; min-width: 9rem; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: .8125rem; }
tbody th { font-weight: 400; }
.right { text-align: right; white-space: nowrap; }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0; border-top: 1px solid var(--ink); }
.notes { margin-top: 2.5rem; color: var(--soft); font-size: .875rem; }
footer {
  margin-top: 2.5rem;
  padding-top: 1rem;
  border-top: 1px solid var(--line);
  color: var(--soft);
  font-size: .8125rem;
}
dl { display: grid; grid-template-columns: max-content 1fr; gap: .125rem 1rem; margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
@page { size: A4; margin: 18mm 16mm; }
@media print {
  :root { --ink: #000; --soft: #444; --line: #ccc; --paper: #fff; --mark: #000; --mark-back: #fff; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  thead { display: table-header-group; }
  /* A total stands once, at the end, and not at the foot of every sheet. */
  tfoot { display: table-row-group; }
  tr { break-inside: avoid; }
  h2, .note { break-after: avoid; }
}
`
