/* The few things the pages do with script. Everything works without it. */

/* Problems: the reader is told in the live region why a request was refused or lost. An answer that only says a sentence
   carries it in [data-problem] and never replaces a form; a form's own answer brings its error summary along. */
{
  const say = words => { const box = document.getElementById('problem'); if (box) box.textContent = words; };
  const lost = 'That did not save. Your text is still here. Try again.';
  const reason = ctx => new DOMParser().parseFromString(ctx.text ?? '', 'text/html').querySelector('[data-problem]')?.textContent.trim();
  document.addEventListener('htmx:response:error', ({ detail: { ctx } }) => {
    const answered = ctx.sourceElement.hasAttribute(`hx-status:${ctx.response.status}`);
    say(reason(ctx) ?? (answered ? '' : lost));
  });
  document.addEventListener('htmx:before:swap', event => {
    if (event.detail.ctx.response?.status >= 400 && reason(event.detail.ctx)) event.preventDefault();
  });
  document.addEventListener('htmx:error', () => say(lost));
  document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => { if (ctx.request.method.toUpperCase() !== 'GET') say(''); });
}

/* htmx copies the style attribute of what it replaces, which the page's policy refuses; a field dragged larger has one. */
document.addEventListener('htmx:before:swap', () => document.querySelectorAll('[id][style]').forEach(field => field.removeAttribute('style')));

/* Counter: a field with data-count="150" data-unit="words" says below itself how much is left. */
{
  const segments = globalThis.Intl?.Segmenter ? new Intl.Segmenter() : null;
  const size = (text, unit) => unit === 'words' ? (text.match(/\S+/g) ?? []).length
    : segments ? [...segments.segment(text)].length : [...text].length;
  const show = field => {
    const line = document.getElementById(`${field.id}-count`);
    if (!line) return;
    const unit = field.dataset.unit ?? 'characters';
    const left = Number(field.dataset.count) - size(field.value, unit);
    line.textContent = left >= 0 ? `${left.toLocaleString('en')} ${unit} left` : `${(-left).toLocaleString('en')} ${unit} too many`;
    line.toggleAttribute('data-over', left < 0);
  };
  const showAll = () => document.querySelectorAll('[data-count]').forEach(show);
  document.addEventListener('input', event => { if (event.target.matches?.('[data-count]')) show(event.target); });
  document.addEventListener('htmx:after:swap', showAll);
  showAll();
}

/* Notes: on a draft marked data-notes="#form", words that are selected can be taken into that form. It fills the form's
   `quote`, `start` and `end` (characters in the version's text; each .para carries data-start) and opens a <details>
   around it. Struck words, anchors and fold marks are not part of the text; all else in a .para is, to the last space. */
{
  const foreign = 'del, .anchor, .cut, .vh';
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn--go btn--small add-note', textContent: 'Leave a note' });
  const lengthTo = (para, node, offset) => {
    const range = document.createRange();
    range.setStart(para, 0);
    range.setEnd(node, offset);
    return [...ownText(range)].length;
  };
  const ownText = range => {
    const part = range.cloneContents();
    part.querySelectorAll(foreign).forEach(element => element.remove());
    return part.textContent;
  };
  const paraOf = node => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest('.para');
  const picked = () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const [from, to] = [paraOf(range.startContainer), paraOf(range.endContainer)];
    const paper = from?.closest('[data-notes]');
    if (!paper || !to || !paper.contains(to)) return null;
    const start = Number(from.dataset.start) + lengthTo(from, range.startContainer, range.startOffset);
    const end = Number(to.dataset.start) + lengthTo(to, range.endContainer, range.endOffset);
    const words = ownText(range), quote = words.trim();
    const before = [...words].length - [...words.trimStart()].length, after = [...words].length - [...words.trimEnd()].length;
    return quote ? { paper, range, start: start + before, end: end - after, quote } : null;
  };
  let choice = null;
  document.addEventListener('selectionchange', () => {
    const next = picked();
    if (!next) { if (document.activeElement !== button) button.remove(); return; }
    choice = next;
    const words = choice.range.getBoundingClientRect(), paper = choice.paper.getBoundingClientRect();
    button.style.insetBlockStart = `${words.bottom - paper.top + 6}px`;
    button.style.insetInlineStart = `${Math.min(Math.max(words.left - paper.left, 8), paper.width - 130)}px`;
    choice.paper.append(button);
  });
  button.addEventListener('mousedown', event => event.preventDefault());
  button.addEventListener('click', () => {
    const form = document.querySelector(choice.paper.dataset.notes);
    if (!form) return;
    for (const name of ['quote', 'start', 'end']) if (form.elements[name]) form.elements[name].value = choice[name];
    form.closest('details')?.setAttribute('open', '');
    form.querySelector('[data-quote]')?.replaceChildren(choice.quote);
    form.querySelector('textarea')?.focus();
    button.remove();
  });
}

/* Menu: Escape or a click elsewhere closes it, as people expect. */
document.addEventListener('click', event => document.querySelectorAll('details.menu[open]').forEach(menu => { if (!menu.contains(event.target)) menu.open = false; }));
document.addEventListener('keydown', event => {
  const menu = event.key === 'Escape' && document.querySelector('details.menu[open]');
  if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
});
