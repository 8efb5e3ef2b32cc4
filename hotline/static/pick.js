// Choosing one of the suggested departments outside the agent's console.
(function () {
  'use strict';
  document.addEventListener('click', (e) => {
    const option = e.target.closest('.opt');
    const form = option && option.closest('form');
    if (!form) return;
    form.querySelectorAll('.opt').forEach((o) => o.setAttribute('aria-pressed', String(o === option)));
    const { department, matter, helpers } = option.dataset;
    form.querySelectorAll('[name=helping]').forEach((box) => {
      box.checked = (helpers || '').split(' ').includes(box.value);
    });
    if (department) form.elements.department.value = department;
    if (matter) form.elements.matter_code.value = matter;
    form.dispatchEvent(new Event('input', { bubbles: true }));
  });
})();
