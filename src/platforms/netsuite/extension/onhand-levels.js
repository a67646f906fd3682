/**
 * @NApiVersion 2.1
 * @NScriptType Restlet
 * @NModuleScope SameAccount
 *
 * Levels by location, for roles that may not query aggregateItemLocation. Only needed where the setting "levelsBy" says
 * restlet.
 */
define(['N/search'], (/** @type {import('N/search')} */ search) => {
  /** As many rows as one read of a search gives. */
  const ROWS_MAX = 1000;

  /**
   * Rows of items from one on, whole items only: a search sorts locations by name, so a page cannot begin within an item.
   * @param {any[]} filters
   */
  const rowsOf = (filters) => {
    const found = search
      .create({
        type: search.Type.ITEM,
        filters: [
          ['type', 'anyof', 'InvtPart', 'Assembly'],
          'and',
          ['isinactive', 'is', 'F'],
          'and',
          ['inventorylocation', 'noneof', '@NONE@'],
          ...filters.flatMap((filter) => ['and', filter]),
        ],
        columns: [
          search.createColumn({ name: 'internalid', sort: search.Sort.ASC }),
          'inventorylocation',
          'locationquantityonhand',
          'locationquantityavailable',
        ],
      })
      .run()
      .getRange({ start: 0, end: ROWS_MAX });
    return found.map((result) => ({
      item: String(result.id),
      location: String(result.getValue({ name: 'inventorylocation' })),
      quantityonhand: String(result.getValue({ name: 'locationquantityonhand' }) || '0'),
      quantityavailable: String(result.getValue({ name: 'locationquantityavailable' }) || '0'),
    }));
  };

  /**
   * @param {{ ask: 'page', after: { item: string } } | { ask: 'cells', items: string[], locations: string[] }} asked
   */
  const post = (asked) => {
    if (asked.ask === 'cells') {
      const rows = rowsOf([
        ['internalid', 'anyof', ...asked.items],
        ['inventorylocation', 'anyof', ...asked.locations],
      ]);
      return { rows, more: false };
    }
    const rows = rowsOf([['internalidnumber', 'greaterthan', asked.after.item]]);
    if (rows.length < ROWS_MAX) return { rows, more: false };
    const { item } = rows[rows.length - 1];
    const whole = rows.filter((row) => row.item !== item);
    return { rows: whole.length > 0 ? whole : rows, more: true };
  };

  return { post };
});
