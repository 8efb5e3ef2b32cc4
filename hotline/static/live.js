// Live pages: an element with data-topics="queue ticket:…" and data-refresh="URL" is fetched again, under
// this person's own rights, when one of its topics is named; every 10 s with ETag while the stream is down.
// What someone is typing in or has ticked is left alone.
(function () {
  'use strict';
  const { all, meta } = window.desk;
  const etags = new WeakMap();
  let up = false, lastHeard = Date.now(), lastUp = Date.now();

  const busy = (box) => {
    const node = document.activeElement;
    const typing = box.contains(node) && /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);
    return typing || box.querySelector('.pick:checked') !== null;
  };

  // Whoever walks a list by keyboard keeps their place in it.
  function put(box, html) {
    const held = box.contains(document.activeElement) && document.activeElement.getAttribute('href');
    box.innerHTML = html;
    const same = held && all('a[href]', box).find((link) => link.getAttribute('href') === held);
    if (same) same.focus({ preventScroll: true });
    if (window.htmx) window.htmx.process(box);
    box.dispatchEvent(new CustomEvent('desk:refreshed', { bubbles: true }));
  }

  function refresh(box) {
    if (busy(box)) return Promise.resolve();
    const headers = { 'HX-Request': 'true' };
    if (etags.has(box)) headers['If-None-Match'] = etags.get(box);
    return fetch(box.dataset.refresh, { credentials: 'same-origin', headers }).then((answer) => {
      if (!answer.ok && answer.status !== 304) return null;
      if (answer.redirected) return null;
      lastHeard = Date.now();
      if (answer.headers.get('ETag')) etags.set(box, answer.headers.get('ETag'));
      return answer.status === 304 ? null : answer.text().then((html) => put(box, html));
    }).catch(() => null);
  }
  const refreshAll = () => all('[data-refresh]').forEach(refresh);

  function hear(topic) {
    lastHeard = Date.now();
    all('[data-topics]').filter((box) => box.dataset.topics.split(' ').indexOf(topic) >= 0).forEach(refresh);
    document.dispatchEvent(new CustomEvent('desk:topic', { detail: topic }));
  }

  function setState(state) {
    const wasDown = !up;
    if (up) lastUp = Date.now();
    up = state === 'up';
    if (!up) return;
    lastHeard = Date.now();
    if (wasDown) refreshAll();       // what was said meanwhile was missed
  }

  function start() {
    const grant = { url: meta('live-url'), token: meta('live-token'), tokenUrl: meta('live-token-url') };
    if (!grant.url || !window.EventSource || !window.SharedWorker) { setState('down'); return; }
    let worker = null;
    try { worker = new SharedWorker(meta('live-worker')); } catch (error) { setState('down'); return; }
    worker.port.onmessage = (e) => { if (e.data.topic) hear(e.data.topic); else setState(e.data.state); };
    worker.onerror = () => setState('down');
    worker.port.start();
    worker.port.postMessage(grant);
    addEventListener('pagehide', () => worker.port.postMessage({ leave: true }));
    addEventListener('pageshow', (e) => { if (e.persisted) location.reload(); });
  }

  setInterval(() => { if (!up && !document.hidden) refreshAll(); }, 10000);
  setInterval(() => {
    const marks = document.documentElement.classList, now = Date.now();
    marks.toggle('live-down', !up && Boolean(meta('live-url')) && now - lastUp > 3000);
    marks.toggle('live-stale', !up && now - lastHeard > 12000);
  }, 1000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden && !up) refreshAll(); });
  start();
})();
