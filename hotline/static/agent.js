// The agent's console: draft on the server, machine-filled fields, suggestions, quoting, heartbeat, wrap-up.
(function () {
  'use strict';
  const { all, announce, post } = window.desk;
  const form = document.getElementById('ticket-form');
  const saved = document.getElementById('saved');
  let waiting = 0, saving = false, unsaved = false, delay = 1000, told = '', theirs = null;

  // ---- draft: within a second after a pause, one saving after the other; a failed one is a quiet mark and
  // another try. Suggestions and knowledge are asked once the draft is on the server (event `told`).
  function mark(words, level) {
    saved.textContent = words;
    saved.className = 'sm num normal ' + (level || 'mut');
  }
  function saveAfter(ms) { clearTimeout(waiting); waiting = setTimeout(save, ms); }
  function typed() {
    const auto = Array.from(form.elements).filter((n) => n.name && n.classList.contains('auto'));
    form.elements.auto.value = auto.map((n) => n.name).join(' ');
    return new FormData(form);
  }
  function save() {
    waiting = 0;
    if (!unsaved || saving || theirs) return;
    unsaved = false;
    saving = true;
    post(form.dataset.draftUrl, typed()).then((answer) => {
      if (answer.redirected) throw new Error('signed out');
      if (!answer.ok && answer.status !== 409 && answer.status !== 422) throw new Error(answer.statusText);
      return answer.json().then((body) => {
        saving = false;
        if (!answer.ok) { refused(body); return; }
        delay = 1000;
        kept(body);
        if (unsaved) saveAfter(300);
      });
    }).catch(() => {
      saving = false;
      unsaved = true;
      mark('尚未保存到服务器，正在重试', 'c-warn');
      saveAfter(delay);
      delay = Math.min(delay * 2, 10000);
    });
  }
  function kept(body) {
    mark('已自动保存 ' + body.saved_at);
    form.elements.version.value = body.version;
    if (form.elements.ticket_no.value === '0') adopt(body.ticket_no);
    tell();
  }
  function adopt(ticketNo) {
    form.elements.ticket_no.value = ticketNo;
    sessionStorage.removeItem('keep:' + form.dataset.keep);
    form.dataset.keep = 'draft:' + ticketNo;
    document.getElementById('draft-no').textContent = ticketNo.replace(/^(\d{8})(\d{4})/, '$1 $2 ');
    history.replaceState(null, '', location.pathname + '?draft=' + ticketNo);
  }
  function tell() {
    const now = ['content', 'place', 'request_type', 'urgency'].map((n) => form.elements[n].value).join('\n');
    if (now === told) return;
    told = now;
    form.dispatchEvent(new CustomEvent('told'));
  }
  form.addEventListener('input', (e) => {
    unsaved = true;
    e.target.dataset.touched = '1';
    e.target.classList.remove('auto');
    saveAfter(300);
  });
  form.addEventListener('submit', () => { unsaved = false; clearTimeout(waiting); });
  addEventListener('pagehide', () => {
    if (unsaved && !theirs) navigator.sendBeacon(form.dataset.draftUrl, typed());
  });

  // ---- somebody else saved this draft: each field that differs is chosen, nothing is lost meanwhile
  const chooser = document.getElementById('conflict');
  const choose = document.getElementById('choose');
  const list = chooser.querySelector('[data-conflict]');
  const words = (name, value) => {
    const field = form.elements[name];
    const option = field.options && Array.from(field.options).find((o) => o.value === value);
    return (option ? option.textContent : value) || '（空）';
  };
  function refused(body) {
    mark(body.sentence, 'c-warn');
    if (!body.theirs) return;
    theirs = body;
    list.textContent = '';
    Object.keys(body.theirs).forEach((name) => list.append(row(name, body.theirs[name])));
    choose.hidden = false;
    announce(body.sentence);
  }
  function row(name, other) {
    const box = document.createElement('fieldset'), legend = document.createElement('legend');
    const label = form.querySelector('label[for="' + name + '"] .lab');
    legend.textContent = label ? label.firstChild.textContent.trim() : titles[name] || name;
    box.className = 'col';
    box.append(legend, choice(name, '', form.elements[name].value, '我的', true));
    box.append(choice(name, '1', other, '对方的', false));
    return box;
  }
  const titles = {
    request_type: '诉求类型', urgency: '紧急程度', confidential: '身份保密', anonymous: '匿名', kind: '诉求人类别',
    cannot_get_done: '办不成事',
  };
  function choice(name, value, text, who, checked) {
    const line = document.createElement('label'), input = document.createElement('input');
    input.type = 'radio'; input.name = 'choose-' + name; input.value = value; input.checked = checked;
    input.dataset.field = name;
    line.className = 'check';
    line.append(input, who + '：' + words(name, text));
    return line;
  }
  chooser.querySelector('[data-settle]').addEventListener('click', () => {
    all('input:checked', list).filter((input) => input.value).forEach((input) => {
      const field = form.elements[input.dataset.field], other = theirs.theirs[input.dataset.field];
      if (field.type === 'checkbox') field.checked = Boolean(other); else field.value = other;
    });
    form.elements.version.value = theirs.version;
    theirs = null;
    choose.hidden = true;
    chooser.close();
    unsaved = true;
    save();
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
    if (!waiting) saveAfter(300);
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
    document.getElementById('answer-cited').value = quote.dataset.words;
    announce('已引用 ' + quote.dataset.words + '，按 Alt+R 直接答复');
    mark('已引用 ' + quote.dataset.words);
  }
  // the dialogs that end a draft send the whole form: the demand and the answer arrive together
  all('[data-carries]').forEach((dialogForm) => dialogForm.addEventListener('submit', () => {
    unsaved = false;
    sessionStorage.setItem('keep-sent', form.dataset.keep);
    all('[data-carried]', dialogForm).forEach((node) => node.remove());
    typed().forEach((value, name) => {
      if (name === 'csrf_token') return;
      const copy = document.createElement('input');
      copy.type = 'hidden'; copy.name = name; copy.value = value; copy.dataset.carried = '1';
      dialogForm.append(copy);
    });
  }));

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

  // ---- a ringing call never moves the form; one that is answered brings its own
  const answered = () => bar.querySelector('[data-call-form]');
  let followed = answered() ? answered().dataset.callForm : '';
  function follow() {
    const link = answered();
    if (!link) return;
    link.hidden = link.dataset.ticket === form.elements.ticket_no.value;
    if (link.dataset.callForm === followed) return;
    followed = link.dataset.callForm;
    if (!link.hidden) location.assign(link.href);
  }
  bar.addEventListener('desk:refreshed', follow);
  bar.addEventListener('htmx:afterSwap', follow);
  bar.addEventListener('htmx:afterRequest', (e) => {
    if (e.detail.requestConfig.verb === 'post') setTimeout(refreshBar, 700);  // the phone answers a bit later
  });
  follow();
  beat();
  if (form.hasAttribute('data-unsaved')) { unsaved = true; saveAfter(300); }
  document.addEventListener('DOMContentLoaded', () => { if (form.elements.content.value) tell(); });

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
