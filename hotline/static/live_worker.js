// One event stream for all tabs of this browser, as a SharedWorker that live.js starts.
// The stream carries names of what changed ("queue", "ticket:4318"); a tab gets {topic} or {state: up, down}.
'use strict';
const tabs = [];
let tokenUrl = '', state = 'down', wait = 1000, stream = null;

function tell(message) { tabs.forEach((tab) => tab.postMessage(message)); }

function setState(next) {
  if (state === next) return;
  state = next;
  tell({ state });
}

function again() {
  if (stream) stream.close();
  stream = null;
  setState('down');
  setTimeout(connect, wait);
  wait = Math.min(wait * 2, 15000);
}

function listen(url, token) {
  stream = new EventSource(url + (url.indexOf('?') < 0 ? '?' : '&') + 'token=' + encodeURIComponent(token));
  stream.onopen = () => { wait = 1000; setState('up'); };
  stream.onmessage = (e) => e.data.split(/\s+/).forEach((topic) => tell({ topic }));
  stream.onerror = again;   // a token lasts 60 s, so every new connection asks for a new one
}

function connect() {
  fetch(tokenUrl, { credentials: 'same-origin', headers: { Accept: 'application/json' } })
    .then((answer) => {
      if (answer.status !== 200) throw new Error(String(answer.status));
      return answer.json();
    })
    .then((grant) => listen(grant.url, grant.token))
    .catch(again);
}

function join(tab) {
  tabs.push(tab);
  tab.onmessage = (e) => {
    if (e.data.leave) { tabs.splice(tabs.indexOf(tab), 1); return; }
    const first = !tokenUrl;
    tokenUrl = e.data.tokenUrl;
    tab.postMessage({ state });
    if (!first) return;
    if (e.data.url && e.data.token) listen(e.data.url, e.data.token); else connect();
  };
}

if (typeof SharedWorkerGlobalScope !== 'undefined') self.onconnect = (e) => join(e.ports[0]);
