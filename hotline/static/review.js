// Rating by taps: grade, then solved or not = sent; only a bad one asks for one reason first.
(function () {
  'use strict';
  document.addEventListener('change', (e) => {
    const form = e.target.closest('form[data-review]');
    if (!form) return;
    const group = e.target.closest('fieldset'), wrong = group && group.querySelector('.err');
    if (wrong) wrong.remove();
    const value = (name) => (form.querySelector('input[name=' + name + ']:checked') || { value: '' }).value;
    const grade = value('grade'), solved = value('solved');
    const bad = grade === '1' || grade === '2' || solved === 'not';
    form.querySelector('[data-solved]').hidden = !grade;
    form.querySelector('[data-reasons]').hidden = !(bad && solved);
    if (grade && solved && (!bad || value('reason')) && !form.elements.words.value) form.requestSubmit();
  });
  document.querySelectorAll('form[data-review]').forEach((form) => {
    const chosen = (name) => form.querySelector('input[name=' + name + ']:checked');
    form.querySelector('[data-solved]').hidden = !chosen('grade');
    form.querySelector('[data-reasons]').hidden = !form.querySelector('[data-reasons] .err');
  });
})();
