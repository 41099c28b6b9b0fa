/** Copies a text; where the browser does not let it (a page without https), shows it selected, ready to be copied. */

/**
 * @param {string} text
 * @param {HTMLInputElement} field shown only where copying is not allowed
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copy(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    field.hidden = true;
    return true;
  } catch {
    field.hidden = false;
    field.value = text;
    field.select();
    return false;
  }
}
