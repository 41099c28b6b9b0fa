/** Whether the emotion is shown while a person speaks: a box to tick, remembered by this browser. */

const KEY = "undertone-live";
const OFF = "off";

export const liveChoice = document.getElementById("live-choice");

function remembered() {
  try {
    return localStorage.getItem(KEY) !== OFF;
  } catch {
    return true;
  }
}

liveChoice.checked = remembered();
liveChoice.addEventListener("change", () => {
  try {
    localStorage.setItem(KEY, liveChoice.checked ? "on" : OFF);
  } catch {
    // a browser that keeps nothing asks again next time
  }
});
