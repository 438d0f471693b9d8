// The YAML editor: CodeMirror over a real <textarea>. Loaded only where an editor is; the bindings are in mod.rs.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

// Colours are the page's own tokens, so that the editor follows the theme.
const highlighting = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-name)' },
  { tag: [tags.string, tags.content], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.keyword, tags.atom, tags.labelName, tags.typeName], color: 'var(--code-keyword)' },
  { tag: tags.comment, color: 'var(--code-comment)' },
])

/**
 * Puts an editor into `host` with the textarea's text and calls `changed(text)` after every edit by the reader.
 * Gives the handle that the bindings use.
 */
export function mount(host, textarea, changed) {
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
        autocompletion(),
        highlightActiveLine(),
        lintGutter(),
        indentUnit.of('  '),
        yaml(),
        syntaxHighlighting(highlighting),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ 'aria-label': textarea.getAttribute('aria-label') ?? 'YAML', spellcheck: 'false' }),
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
    /** `problems`: [{line, column, message}], lines from 1; a problem marks from its column to the line's end. */
    setProblems(problems) {
      const diagnostics = problems.map(({ line, column, message }) => {
        const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines))
        const from = Math.min(at.from + Math.max(column - 1, 0), at.to)
        return { from, to: Math.max(at.to, from), severity: 'error', message }
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
