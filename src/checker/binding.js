// Loads the checker the first time a form is shown, and makes one for a snapshot.
let loading
export async function loadChecker(url, moduleUrl, snapshot, layers, target) {
  loading ??= import(url).then(async (module) => {
    await module.default({ module_or_path: moduleUrl })
    return module
  })
  const { Checker } = await loading
  return new Checker(snapshot, layers, target)
}
