/** Files let go anywhere on the page, or pasted into it. */

/** @param {(files: File[]) => void} receive */
export function acceptFiles(receive) {
  let depth = 0;
  const show = () => document.body.classList.toggle("is-dropping", depth > 0);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    show();
  });
  addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth = Math.max(0, depth - 1);
    show();
  });
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    show();
    deliver(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => deliver(event.clipboardData?.files));

  function deliver(files) {
    if (files?.length) receive([...files]);
  }
}
