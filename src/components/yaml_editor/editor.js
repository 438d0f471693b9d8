// The YAML editor: CodeMirror over a real <textarea>. Loaded only where an editor is; the bindings are in mod.rs.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, hoverTooltip, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

// Colours are the page's own tokens, so that the editor follows the theme.
const highlighting = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-name)' },
  { tag: [tags.string, tags.content], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.keyword, tags.atom, tags.labelName, tags.typeName], color: 'var(--code-keyword)' },
  { tag: tags.comment, color: 'var(--code-comment)' },
])

// Lines and columns of questions count characters from 1; positions of the editor count UTF-16 units.
const place = (state, position) => {
  const line = state.doc.lineAt(position)
  return [line.number, [...line.text.slice(0, position - line.from)].length + 1]
}

/** Completion from the shared core: `ask` answers with the column to start from and a record for each option. */
const completion = (ask) => (context) => {
  const line = context.state.doc.lineAt(context.pos)
  const before = line.text.slice(0, context.pos - line.from)
  // Unasked only behind a word or where a value begins.
  if (!context.explicit && !/[\w-]$|: $/.test(before)) return null
  const [from, ...records] = ask(false, context.state.doc.toString(), ...place(context.state, context.pos)).split('\u{1e}')
  if (!records.length) return null
  // In their order: what matters most comes first.
  const options = records.map((record, position) => {
    const [label, apply, detail, help] = record.split('\u{1f}')
    return { label, apply, detail: detail.replaceAll('`', ''), info: help || undefined, boost: -Math.min(position, 99) }
  })
  return { from: line.from + [...line.text].slice(0, Number(from) - 1).join('').length, options, validFor: /^[\w.:-]*$/ }
}

/** What the key under the pointer takes and is for. */
const documentation = (ask) => hoverTooltip((view, position) => {
  const [title, ...lines] = ask(true, view.state.doc.toString(), ...place(view.state, position)).split('\u{1e}')
  if (!title) return null
  const create = () => {
    const dom = document.createElement('div')
    dom.className = 'yaml-help'
    for (const [tag, text] of [['strong', title], ...lines.map((line) => ['p', line])]) {
      dom.appendChild(document.createElement(tag)).textContent = text
    }
    return { dom }
  }
  return { pos: view.state.doc.lineAt(position).from, above: true, create }
})

/**
 * Puts an editor into `host` with the textarea's text and calls `changed(text)` after every edit by the reader.
 * `ask(isHover, text, line, column)` answers what may be written or what a key means. Gives the handle that the bindings use.
 */
export function mount(host, textarea, changed, ask) {
  let silent = false
  const view = new EditorView({
    parent: host,
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        lineNumbers(),
        highlightActiveLineGutter(),
        foldGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [completion(ask)], icons: false, activateOnCompletion: ({ apply }) => apply?.endsWith(': ') ?? false }),
        documentation(ask),
        highlightActiveLine(),
        lintGutter(),
        indentUnit.of('  '),
        yaml(),
        syntaxHighlighting(highlighting),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        // It takes the focus anyway; `tabindex` says so to those who look for what scrolls without the keyboard.
        EditorView.contentAttributes.of({ 'aria-label': textarea.getAttribute('aria-label') ?? 'YAML', spellcheck: 'false', tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return
          textarea.value = update.state.doc.toString()
          if (!silent) changed(textarea.value)
        }),
      ],
    }),
  })
  return {
    setText(text) {
      if (text === view.state.doc.toString()) return
      silent = true
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } })
      silent = false
    },
    /** `problems`: [{isError, line, column, message}], lines from 1; a problem marks from its column to the line's end. */
    setProblems(problems) {
      const diagnostics = problems.map(({ isError, line, column, message }) => {
        const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines))
        const from = Math.min(at.from + Math.max(column - 1, 0), at.to)
        return { from, to: Math.max(at.to, from), severity: isError ? 'error' : 'warning', message }
      })
      view.dispatch(setDiagnostics(view.state, diagnostics))
    },
    goTo(line) {
      const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines))
      view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: 'center' }) })
      view.focus()
    },
    destroy() {
      view.destroy()
    },
  }
}
