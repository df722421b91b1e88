/** The try-it page's style sheet: the colours of mltrack's pages, light and dark as the system says, in one column. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --raised: #f5f6f8; --text: #1a1d21; --muted: #5a6270; --accent: #0b62b0; --on-accent: #fff;
  --border: #dfe3e8; --control-border: #8a93a0; --bad: #b3261e;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --raised: #1c2024; --text: #e6e8eb; --muted: #9aa3af; --accent: #6cb2f5; --on-accent: #14171a;
    --border: #2c3238; --control-border: #626b77; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
main { max-width: 880px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 20px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 14px; margin: 24px 0 8px; }
header p { margin: 4px 0; }
header p, .note, #keys, #copied, th { color: var(--muted); }
nav { display: flex; gap: 16px; }
a { color: var(--accent); }
table { width: 100%; table-layout: fixed; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--border); }
th { font-weight: 400; font-size: 12px; }
td { font-family: var(--mono); font-size: 13px; overflow-wrap: anywhere; }
th:first-child { width: 45%; }
th:last-child { width: 35%; }
label { display: block; margin: 0 0 4px; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin: 8px 0; }
.row label { margin: 0; }
textarea, pre {
  display: block; width: 100%; margin: 0; padding: 8px; border-radius: 6px; background: var(--raised); color: var(--text);
  font: 13px/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere;
}
textarea { border: 1px solid var(--control-border); resize: vertical; }
pre { border: 1px solid var(--border); max-height: 60vh; overflow: auto; }
select, button {
  min-height: 28px; padding: 2px 12px; border: 1px solid var(--control-border); border-radius: 6px;
  background: var(--page); color: var(--text); font: inherit; max-width: 100%;
}
button { cursor: pointer; }
button.main { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button[aria-disabled] { opacity: .6; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#status { margin: 8px 0; min-height: 21px; }
#status.failed { color: var(--bad); }
@media (max-width: 640px) {
  textarea, select { font-size: 16px; }
  select, button { min-height: 44px; }
  .row select { width: 100%; }
}
`;
