// What every page shares: Chinese input, keys, dialogs, remaining time, files, kept text, reading aloud.
(function () {
  'use strict';
  const root = document.documentElement;
  root.classList.add('js');
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  const meta = (name) => {
    const tag = document.querySelector('meta[name="' + name + '"]');
    return tag ? tag.content : '';
  };
  const skew = meta('server-time') ? Date.parse(meta('server-time')) - Date.now() : 0;
  const desk = window.desk = {
    all, meta,
    now: () => Date.now() + skew,
    announce(sentence) { document.getElementById('announce').textContent = sentence; },
    post(url, body) {
      return fetch(url, { method: 'POST', body, credentials: 'same-origin',
        headers: { 'X-CSRFToken': meta('csrf-token'), 'HX-Request': 'true' } });
    },
  };

  // ---- Chinese input: hold `input` back while pinyin is being composed, let one go when the word stands
  document.addEventListener('input', (e) => { if (e.isComposing) e.stopImmediatePropagation(); }, true);
  document.addEventListener('compositionend', (e) => {
    e.target.dispatchEvent(new Event('input', { bubbles: true }));
  }, true);

  // ---- htmx: send the token, show a refused form with its sentences
  document.addEventListener('htmx:configRequest', (e) => {
    e.detail.headers['X-CSRFToken'] = meta('csrf-token');
  });
  document.addEventListener('htmx:beforeSwap', (e) => {
    if (e.detail.xhr.status !== 422 && e.detail.xhr.status !== 409) return;
    e.detail.shouldSwap = true;
    e.detail.isError = false;
  });

  document.addEventListener('htmx:afterRequest', (e) => {
    if (e.detail.successful && e.target.hasAttribute('data-clear')) e.target.reset();
  });

  // ---- keys: data-key="Alt+R" on anything that can be clicked or typed into; one letter only outside text
  const writes = (node) => /^(TEXTAREA|SELECT)$/.test(node.tagName) || node.isContentEditable ||
    (node.tagName === 'INPUT' && !/^(checkbox|radio|button|submit)$/.test(node.type));
  const shown = (node) => node.getClientRects().length > 0 && !node.disabled;
  function chord(e) {
    const key = e.code && /^Digit\d$/.test(e.code) && e.altKey ? e.code.slice(5) : e.key;
    const plain = key.length === 1 ? key.toUpperCase() : key;
    return (e.ctrlKey || e.metaKey ? 'Ctrl+' : '') + (e.altKey ? 'Alt+' : '') + plain;
  }
  function useKey(node) {
    if (writes(node)) { node.focus(); return; }
    const form = node.form;
    if (node.type === 'submit' && form && form.requestSubmit) form.requestSubmit(node); else node.click();
  }
  document.addEventListener('keydown', (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    const name = chord(e);
    if (name.length === 1 && writes(e.target)) return;
    const dialog = document.querySelector('dialog[open]');
    if (/^[?？]$/.test(name) && !dialog) { e.preventDefault(); listKeys(); return; }
    const bound = all('[data-key]', dialog || document);
    const target = bound.find((node) => node.dataset.key === name && shown(node));
    if (target) { e.preventDefault(); useKey(target); return; }
    if (!dialog && (name === 'J' || name === 'K') && moveInList(name === 'J' ? 1 : -1)) e.preventDefault();
  });
  function moveInList(by) {
    const links = all('[data-rows] a.title').filter(shown);
    const next = links[links.indexOf(document.activeElement) + by] || links[0];
    if (next) next.focus();
    return Boolean(next);
  }
  function listKeys() {
    const dialog = document.getElementById('keys');
    const list = dialog && dialog.querySelector('[data-key-list]');
    if (!list) return;
    list.textContent = '';
    const known = new Map([['?', '全部快捷键'], ['Esc', '关闭对话框']]);
    if (document.querySelector('[data-rows]')) known.set('J / K', '列表下一件、上一件');
    all('[data-key]').filter(shown).forEach((node) => {
      known.set(node.dataset.key, node.dataset.keyWords || node.textContent.trim());
    });
    known.forEach((words, key) => {
      const [term, text, box] = ['dt', 'dd', 'kbd'].map((name) => document.createElement(name));
      box.textContent = key;
      text.textContent = words;
      term.append(box);
      list.append(term, text);
    });
    dialog.showModal();
  }

  // ---- dialogs: the first field gets the focus, not the closing cross
  function show(dialog) {
    dialog.showModal();
    const first = all('.bd input, .bd select, .bd textarea', dialog).find((node) => node.type !== 'hidden');
    if (first) first.focus();
  }
  function openNow() {
    all('dialog[data-open-now]').filter((dialog) => !dialog.open).forEach(show);
  }
  document.addEventListener('click', (e) => {
    const opener = e.target.closest('[data-opens]'), closer = e.target.closest('[data-closes]');
    if (opener) show(document.getElementById(opener.dataset.opens));
    if (closer) closer.closest('dialog').close();
    const everyBox = e.target.closest('[data-pick-all]');
    if (everyBox) all('.pick').forEach((box) => { box.checked = everyBox.checked; });
  });

  // ---- remaining time: counts on between two answers of the server
  const two = (n) => ('0' + n).slice(-2);
  function span(ms) {
    const minutes = Math.floor(Math.abs(ms) / 60000), days = Math.floor(minutes / 1440);
    const hours = Math.floor(minutes % 1440 / 60);
    if (days) return days + ' 天 ' + hours + ' 小时';
    return hours ? hours + ' 小时 ' + minutes % 60 + ' 分' : minutes % 60 + ' 分钟';
  }
  function refreshTimes() {
    all('[data-due]').forEach((box) => {
      const due = Date.parse(box.dataset.due), start = Date.parse(box.dataset.start), left = due - desk.now();
      const words = box.querySelector('[data-left]'), bar = box.querySelector('progress');
      if (words) words.textContent = left > 0 ? '剩 ' + span(left) : '超期 ' + span(left);
      if (bar) bar.value = Math.max(0, Math.min(100, (desk.now() - start) / (due - start) * 100));
    });
  }
  function tick() {
    all('[data-up]').forEach((node) => {
      const s = Math.max(0, Math.floor((desk.now() - Date.parse(node.dataset.up)) / 1000));
      node.textContent = two(Math.floor(s / 60)) + ':' + two(s % 60);
    });
    all('[data-down]').forEach((node) => {
      node.textContent = Math.max(0, Math.ceil((Date.parse(node.dataset.down) - desk.now()) / 1000));
    });
    document.dispatchEvent(new CustomEvent('desk:tick'));
  }

  // ---- typed text is never lost: a form with data-keep="name" is kept in this tab until it was accepted
  const keepKey = (name) => 'keep:' + name;
  const keepable = (node) => node.name && node.name !== 'csrf_token' && node.name !== 'form_key' &&
    !/^(file|password|hidden|submit|button)$/.test(node.type);
  function keep(form) {
    const says = (n) => keepable(n) && (!/^(radio|checkbox)$/.test(n.type) || n.checked);
    const values = Array.from(form.elements).filter(says).map((n) => [n.name, n.value]);
    try {
      sessionStorage.setItem(keepKey(form.dataset.keep), JSON.stringify(values));
    } catch (error) { /* storage full or refused: the text still stands on the page */ }
  }
  function giveBack(form) {
    let values = null;
    try { values = JSON.parse(sessionStorage.getItem(keepKey(form.dataset.keep))); } catch (error) { return; }
    (values || []).forEach(([name, value]) => {
      Array.from(form.elements).filter((n) => keepable(n) && n.name === name).forEach((n) => {
        if (/^(radio|checkbox)$/.test(n.type)) n.checked = n.checked || n.value === value;
        else if (!n.value) n.value = value;
      });
    });
  }
  function forgetSent() {
    const sent = sessionStorage.getItem('keep-sent');
    const accepted = document.querySelector('[data-flash=ok], [data-accepted]');
    if (sent && accepted) sessionStorage.removeItem(keepKey(sent));
    sessionStorage.removeItem('keep-sent');
  }
  let keeping = 0;
  document.addEventListener('input', (e) => {
    const form = e.target.form;
    if (!form || !form.dataset.keep) return;
    clearTimeout(keeping);
    keeping = setTimeout(() => keep(form), 300);
  });

  // ---- files: paste, drop, list, progress
  function addFiles(box, list) {
    const input = box.querySelector('input[type=file]'), bag = new DataTransfer();
    Array.from(input.files).concat(Array.from(list)).forEach((file) => bag.items.add(file));
    input.files = bag.files;
    listFiles(box);
  }
  function listFiles(box) {
    const files = Array.from(box.querySelector('input[type=file]').files);
    box.querySelector('[data-file-list]').textContent =
      files.map((f) => f.name + '（' + Math.ceil(f.size / 1024) + ' KB）').join('，');
  }
  document.addEventListener('change', (e) => {
    const box = e.target.closest('[data-drop]');
    if (box) listFiles(box);
  });
  document.addEventListener('paste', (e) => {
    const form = e.target.form, files = e.clipboardData ? e.clipboardData.files : [];
    const box = files.length && (form || document).querySelector('[data-drop]');
    if (box) { e.preventDefault(); addFiles(box, files); }
  });
  ['dragover', 'dragleave', 'drop'].forEach((kind) => document.addEventListener(kind, (e) => {
    const box = e.target.closest && e.target.closest('[data-drop]');
    if (!box) return;
    e.preventDefault();
    box.classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') addFiles(box, e.dataTransfer.files);
  }));
  function showAnswer(form, xhr) {
    const answer = new DOMParser().parseFromString(xhr.responseText, 'text/html').querySelector('main');
    const page = document.querySelector('main');
    if (!answer) { retryLater(form); return; }
    const files = form.querySelector('input[type=file]').files;
    page.replaceWith(document.importNode(answer, true));
    const input = document.querySelector('main [data-drop] input[type=file]');
    if (input) { input.files = files; listFiles(input.closest('[data-drop]')); }
    openNow();
    const wrong = document.querySelector('main [aria-invalid=true], main h1');
    if (wrong) { wrong.scrollIntoView({ block: 'center' }); if (wrong.focus) wrong.focus(); }
  }
  function retryLater(form) {
    form.querySelector('progress').hidden = true;
    all('button', form).forEach((button) => { button.disabled = false; });
    const note = form.querySelector('[data-file-list]');
    note.textContent = '没有送达，您填写的内容都还在，请再点一次提交。';
  }
  // The answer read here was the one that told the news: it goes along to the page that is opened now.
  function follow(xhr) {
    const told = new DOMParser().parseFromString(xhr.responseText, 'text/html').querySelector('.flashes');
    if (told) sessionStorage.setItem('told', told.outerHTML);
    location.assign(xhr.responseURL);
  }
  function tellAgain() {
    const told = sessionStorage.getItem('told'), main = document.querySelector('main');
    sessionStorage.removeItem('told');
    if (!told || !main) return;
    const page = new DOMParser().parseFromString(told, 'text/html');
    const news = document.importNode(page.body.firstChild, true);
    if (document.body.classList.contains('full')) main.before(news); else main.prepend(news);
  }
  function upload(form) {
    const xhr = new XMLHttpRequest(), bar = form.querySelector('progress');
    bar.hidden = false;
    all('button', form).forEach((button) => { button.disabled = true; });
    xhr.upload.addEventListener('progress', (e) => {
      if (e.lengthComputable) bar.value = e.loaded / e.total * 100;
    });
    xhr.addEventListener('error', () => retryLater(form));
    xhr.addEventListener('load', () => {
      const stays = new URL(xhr.responseURL).pathname === new URL(form.action).pathname;
      if (stays || xhr.status >= 400) showAnswer(form, xhr); else follow(xhr);
    });
    xhr.open('POST', form.action);
    xhr.send(new FormData(form));
  }
  document.addEventListener('submit', (e) => {
    const form = e.target;
    if (form.dataset.keep) { keep(form); sessionStorage.setItem('keep-sent', form.dataset.keep); }
    const chosen = form.hasAttribute('data-upload') && form.querySelector('input[type=file]');
    if (chosen && chosen.files.length && !e.defaultPrevented) { e.preventDefault(); upload(form); }
  });

  // ---- reading aloud
  all('[data-read]').forEach((button) => {
    if (!window.speechSynthesis) { button.remove(); return; }
    const set = (on) => button.setAttribute('aria-pressed', String(on));
    button.addEventListener('click', () => {
      if (speechSynthesis.speaking) { speechSynthesis.cancel(); set(false); return; }
      const words = new SpeechSynthesisUtterance(document.querySelector(button.dataset.read).innerText);
      words.lang = 'zh-CN'; words.rate = .9; words.onend = () => set(false);
      speechSynthesis.speak(words); set(true);
    });
  });

  tellAgain();
  forgetSent();
  all('form[data-keep]').forEach(giveBack);
  openNow();
  const wrongField = document.querySelector('main [aria-invalid=true]');
  if (wrongField) wrongField.focus();
  refreshTimes();
  tick();
  setInterval(refreshTimes, 30000);
  setInterval(tick, 1000);
})();
