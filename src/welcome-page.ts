import { createHash } from 'node:crypto'

const style = `
:root{color-scheme:light dark;--ink:#16211c;--soft:#55645c;--paper:#f6f8f6;--card:#fff;--line:#dfe6e1;--accent:#0b7a53}
@media (prefers-color-scheme:dark){:root{--ink:#e8efeb;--soft:#9fb0a7;--paper:#0f1613;--card:#172019;--line:#26332b;--accent:#4fd1a0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:46rem;margin:0 auto;padding:4rem 1.25rem}
h1{margin:0;font-size:2.6rem;letter-spacing:-.03em}
.lead{margin:.3rem 0 2rem;color:var(--soft);font-size:1.15rem}
nav{display:flex;flex-wrap:wrap;gap:.75rem;margin-bottom:2.5rem}
nav a{padding:.55rem 1.1rem;border:1px solid var(--line);border-radius:.6rem;background:var(--card);color:var(--ink);text-decoration:none;font-weight:600}
nav a:first-child{background:var(--accent);border-color:var(--accent);color:var(--paper)}
nav a:focus-visible,nav a:hover{outline:2px solid var(--accent);outline-offset:2px}
ol{margin:0;padding:0;list-style:none;counter-reset:step}
li{counter-increment:step;margin-bottom:1rem;padding:1.1rem 1.25rem;border:1px solid var(--line);border-radius:.8rem;background:var(--card)}
li b::before{content:counter(step) ". "}
pre{margin:.7rem 0 0;overflow-x:auto;font:.86rem/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--soft)}
`

/** What somebody sees who opens the gateway in a browser; it holds no key and runs no script. */
export const welcomePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Puente</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Puente</h1>
<p class="lead">A WhatsApp HTTP API. The server is running.</p>
<nav><a href="/docs">Try the API</a><a href="/openapi.json">OpenAPI</a><a href="/health/ready">Health</a></nav>
<ol>
<li><b>Link an account.</b> Start a session and scan the code it shows with WhatsApp, under <i>Linked devices</i>.
<pre>curl -X POST -H "X-Api-Key: $KEY" $URL/sessions/demo
curl -H "X-Api-Key: $KEY" -H "Accept: text/plain" "$URL/sessions/demo/qr?wait=30"</pre></li>
<li><b>Send a message.</b> Name the chat by its phone number.
<pre>curl -H "X-Api-Key: $KEY" -H "Content-Type: application/json" -d '{"text":"Hello"}' $URL/sessions/demo/chats/+34600000001/messages</pre></li>
<li><b>Read the answers.</b> Newest first.
<pre>curl -H "X-Api-Key: $KEY" $URL/sessions/demo/chats/+34600000001/messages</pre></li>
</ol>
</main>
</body>
</html>
`

/** Allows that page's own style and nothing else. */
export const WELCOME_CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
