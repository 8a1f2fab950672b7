/** No scenario at all. */
export default { seed: 1 };
