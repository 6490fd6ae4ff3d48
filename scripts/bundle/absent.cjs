// Stands in the bundle for a package that is loaded and never called.
module.exports = new Proxy(
  {},
  {
    get(_package, name) {
      if (name === '__esModule') return undefined
      throw new Error(`${String(name)} is not in the bundle`)
    },
  },
)
