// The agent's console: draft on the server, machine-filled fields, suggestions, quoting, heartbeat, wrap-up.
(function () {
  'use strict';
  const { all, announce, post } = window.desk;
  const form = document.getElementById('ticket-form');
  const saved = document.getElementById('saved');
  let waiting = 0, unsaved = false, delay = 1000;

  // ---- draft: within a second after a pause; a failed save is a quiet mark and another try
  function mark(words, level) {
    saved.textContent = words;
    saved.className = 'sm num normal ' + (level || 'mut');
  }
  function saveAfter(ms) { clearTimeout(waiting); waiting = setTimeout(save, ms); }
  function save() {
    waiting = 0;
    if (!unsaved) return;
    unsaved = false;
    post(form.dataset.draftUrl, new FormData(form)).then((answer) => {
      if (answer.redirected) throw new Error('signed out');
      return answer.json().then((body) => {
        if (answer.ok) { delay = 1000; mark('已自动保存 ' + body.saved_at); return; }
        if (answer.status === 409) { mark(body.sentence, 'c-warn'); return; }
        throw new Error(String(answer.status));
      });
    }).catch(() => {
      unsaved = true;
      mark('尚未保存到服务器，正在重试', 'c-warn');
      saveAfter(delay);
      delay = Math.min(delay * 2, 10000);
    });
  }
  form.addEventListener('input', (e) => {
    unsaved = true;
    e.target.dataset.touched = '1';
    e.target.classList.remove('auto');
    saveAfter(500);
  });
  addEventListener('pagehide', () => {
    if (unsaved) navigator.sendBeacon(form.dataset.draftUrl, new FormData(form));
  });

  // ---- fields filled by the machine look so, are announced, and never overwrite a hand
  function fill(name, value, byHand) {
    const field = form.elements[name];
    if (!field || !value) return false;
    const byHandBefore = field.dataset.touched || (field.value && !field.classList.contains('auto'));
    if (!byHand && byHandBefore) return false;
    if (field.tagName === 'SELECT' && !Array.from(field.options).some((o) => o.value === value)) return false;
    if (field.value === value) return false;
    field.value = value;
    field.classList.toggle('auto', !byHand);
    if (byHand) field.dataset.touched = '1';
    unsaved = true;
    if (!waiting) saveAfter(500);
    return true;
  }
  function fillFrom(box) {
    const filled = all('[data-fill]', box).filter((n) => fill(n.dataset.fill, n.dataset.value, false));
    const names = filled.map((n) => n.dataset.words);
    if (names.length) announce('已自动识别：' + names.join('、') + '，请核对');
  }
  document.addEventListener('htmx:afterSwap', (e) => fillFrom(e.detail.target));
  document.addEventListener('click', (e) => {
    const option = e.target.closest('.opt'), quote = e.target.closest('[data-quote]');
    const phrase = e.target.closest('[data-insert]');
    if (option) pick(option);
    if (quote) cite(quote);
    if (phrase) insert(phrase.dataset.insert);
  });
  function insert(words) {
    const content = form.elements.content;
    content.setRangeText(words, content.selectionStart, content.selectionEnd, 'end');
    content.dispatchEvent(new Event('input', { bubbles: true }));
    content.focus();
  }
  function pick(option) {
    all('.opt').forEach((o) => o.setAttribute('aria-pressed', String(o === option)));
    fill('department', option.dataset.department, true);
    fill('matter_code', option.dataset.matter, true);
    announce('已选 ' + option.dataset.words);
  }

  // ---- a quoted entry goes into the direct answer with its number and version
  function cite(quote) {
    const reply = document.getElementById('answer-public_reply');
    const text = quote.closest('.kb').querySelector('[data-answer]').textContent.trim();
    reply.value = reply.value ? reply.value + '\n' + text : text;
    document.getElementById('answer-entry_id').value = quote.dataset.quote;
    document.getElementById('answer-entry_version').value = quote.dataset.version;
    document.getElementById('answer-citation').textContent = quote.dataset.words;
    announce('已引用 ' + quote.dataset.words + '，按 Alt+R 直接答复');
    mark('已引用 ' + quote.dataset.words);
  }
  // the answer's dialog sends the whole form: the demand and the answer arrive together
  const answer = document.getElementById('answer-form');
  answer.addEventListener('submit', () => {
    all('[data-carried]', answer).forEach((node) => node.remove());
    new FormData(form).forEach((value, name) => {
      if (name === 'csrf_token') return;
      const copy = document.createElement('input');
      copy.type = 'hidden'; copy.name = name; copy.value = value; copy.dataset.carried = '1';
      answer.append(copy);
    });
  });

  // ---- presence: the server judges it by this, a sleeping tab loses its phone silently
  const bar = document.getElementById('call-bar');
  const lost = document.getElementById('phone-lost');
  let misses = 0, call = bar.dataset.call;
  function beat() {
    post(form.dataset.heartbeatUrl, new FormData()).then((reply) => reply.json()).then((seat) => {
      misses = 0;
      lost.hidden = seat.phone !== 'offline';
      if (seat.call !== call) { call = seat.call; refreshBar(); }
    }).catch(() => { misses += 1; if (misses >= 3) lost.hidden = false; });
  }
  function refreshBar() { window.htmx.ajax('GET', bar.dataset.refresh, { target: bar, swap: 'innerHTML' }); }
  setInterval(beat, 10000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) beat(); });

  // ---- wrap-up ring and the title of a ringing tab
  const title = document.title;
  document.addEventListener('desk:tick', () => {
    all('[data-ring-end]').forEach((circle) => {
      const left = (Date.parse(circle.dataset.ringEnd) - window.desk.now()) / 1000;
      const part = Math.max(0, Math.min(1, left / Number(circle.dataset.ringSeconds)));
      circle.setAttribute('stroke-dashoffset', String(125.6 * (1 - part)));
    });
    all('progress[data-ringing]').forEach((bar) => {
      bar.value = (window.desk.now() - Date.parse(bar.dataset.ringing)) / 1000;
    });
    document.title = document.querySelector('[data-ringing]') ? '● 来电 · ' + title : title;
  });
})();
