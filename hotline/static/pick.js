// Choosing one of the suggested departments outside the agent's console.
(function () {
  'use strict';
  document.addEventListener('click', (e) => {
    const option = e.target.closest('.opt');
    const form = option && option.closest('form');
    if (!form) return;
    form.querySelectorAll('.opt').forEach((o) => o.setAttribute('aria-pressed', String(o === option)));
    [['department', option.dataset.department], ['matter_code', option.dataset.matter]].forEach(([name, value]) => {
      if (value) form.elements[name].value = value;
    });
    form.dispatchEvent(new Event('input', { bubbles: true }));
  });
})();
