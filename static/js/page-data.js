/** What the server tells this page once: limits, words, models and addresses. */
export const page = JSON.parse(document.getElementById("page-data").textContent);
