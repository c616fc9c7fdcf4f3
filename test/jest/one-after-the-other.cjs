/**
 * Stands for Node's AsyncLocalStorage, by which Jest's runner knows the test that it is in: up to Node 22 that costs
 * every promise of the product a hook, a tenth of what the unit tests take. Tests of a file run one after the other,
 * so the one that has begun last and has not ended is it.
 */
module.exports = class OneAfterTheOther {
  #store;

  getStore() {
    return this.#store;
  }

  run(store, callback) {
    const before = this.#store;
    const back = () => {
      this.#store = before;
    };
    this.#store = store;
    let result;
    try {
      result = callback();
    } catch (error) {
      back();
      throw error;
    }
    if (typeof result?.then === 'function') return result.finally(back);
    back();
    return result;
  }
};
