/** A menu keeps the keyboard after it has closed; whoever chose from it wants the page's keys again. */
export function letGoOfFocus(): void {
  setTimeout(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
}
