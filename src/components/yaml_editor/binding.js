// Loads the editor's own file the first time an editor is shown, and puts one over a textarea.
export async function mountEditor(url, host, textarea, changed, ask) {
  const { mount } = await import(url)
  return mount(host, textarea, changed, ask)
}
