/** The form that tells of a mistake: it begins with the page at which the previewer of the chosen file stands. */

/** Fill in the page when the form is opened, and when another file is chosen. */
export function mount(form: HTMLElement): void {
  const file = form.querySelector<HTMLSelectElement>("select");
  const page = form.querySelector<HTMLInputElement>('input[type="number"]');
  if (!file || !page) return;
  const fill = (): void => { page.value = currentPage(file.value); };
  form.closest("details")?.addEventListener("toggle", () => { if (!page.value) fill(); });
  file.addEventListener("change", fill);
}

function currentPage(fileId: string): string {
  if (!fileId) return "";
  return document.getElementById(`file-${fileId}`)?.querySelector<HTMLSelectElement>(".viewer-tools select")?.value ?? "";
}
