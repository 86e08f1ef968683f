/** Temporal's web page (UI 2.54) as a person uses it: its links, tabs and forms, and the text that stands there. */
import type { Locator, Page } from 'playwright-core';
import { until } from './until.js';

export type Tab = 'timeline' | 'history' | 'relationships' | 'pending-activities' | 'user-metadata';

export class TemporalPage {
  readonly page: Page;
  private readonly ui: string;

  constructor(page: Page, ui: string) {
    page.setDefaultTimeout(40_000);
    this.page = page;
    this.ui = ui;
  }

  /** Fills the form «Start Workflow», reached from the list of runs. */
  async fillStartForm(workflowId: string, input: string): Promise<void> {
    await this.page.goto(this.ui);
    await this.page.getByRole('link', { name: 'Start Workflow' }).first().click();
    for (const [field, value] of [
      ['workflowId', workflowId],
      ['taskQueue', 'anneal-recipe'],
      ['workflowType', 'boost'],
    ] as const) {
      await this.page.locator(`#${field}`).fill(value);
    }
    await this.typeJson(this.page.getByTestId('start-workflow-button').locator('xpath=ancestor::main'), input);
  }

  get startButton(): Locator {
    return this.page.getByTestId('start-workflow-button');
  }

  /** Starts a run by form alone, and follows the link to it that the page then shows. */
  async start(workflowId: string, input: string): Promise<void> {
    await this.fillStartForm(workflowId, input);
    await this.startFilled(workflowId);
  }

  async startFilled(workflowId: string): Promise<void> {
    await this.startButton.click();
    await this.page.getByRole('link', { name: 'Workflow started successfully' }).click();
    await this.heading(workflowId).waitFor();
  }

  /** Goes from the list of runs to one of them. */
  async openRun(workflowId: string): Promise<void> {
    await this.page.goto(this.ui);
    await this.page.getByRole('link', { name: workflowId, exact: true }).first().click();
    await this.heading(workflowId).waitFor();
  }

  /** From a run to a workflow below it, by the tab «Relationships»: it shows what there was when it was loaded. */
  async openChild(workflowId: string): Promise<void> {
    await this.openTab('relationships');
    const link = this.page.getByRole('link', { name: workflowId, exact: true }).first();
    await until(`${workflowId} among the relationships`, async () => {
      await this.page.getByText('Expand All').click();
      await this.page.waitForTimeout(1000);
      if (await link.isVisible()) return link;
      await this.page.reload();
      return undefined;
    });
    await link.click();
    await this.heading(workflowId).waitFor();
  }

  async openTab(tab: Tab): Promise<void> {
    await this.page.locator(`#${tab}-tab`).click();
    await this.page.waitForURL(`**/${tab}*`);
  }

  /** The current details of the run on the page, once they hold the text; `R` asks for them anew. */
  async currentDetails(text: string | RegExp, seconds = 60): Promise<string> {
    await this.openTab('user-metadata');
    // By the page's own script, in one go: the frame is made anew whenever the details change.
    const read = `document.querySelector('#user-metadata-current-details')?.contentDocument?.body?.innerText ?? ''`;
    return this.untilText('the current details', text, seconds, async () => {
      await this.page.keyboard.press('r');
      await this.page.waitForTimeout(700);
      return this.page.evaluate<string>(read);
    });
  }

  /**
   * The heartbeat details of the one pending activity of the workflow on the page, once they hold the text. The page asks
   * for them anew at events of the history only, so it is loaded again.
   */
  async heartbeat(text: string | RegExp, seconds = 60): Promise<string> {
    await this.openTab('pending-activities');
    return this.untilText('the heartbeat details', text, seconds, async () => {
      await this.page.reload();
      // Grey boxes stand there first, for longer the busier the machine is.
      await this.page.locator('#pending-activities-tab').waitFor();
      await this.page.waitForTimeout(1000);
      return (await this.page.getByLabel('Heartbeat Details').allInnerTexts()).join('\n');
    });
  }

  /** What the workflow on the page ended with, once it holds the text; the page writes quotes in it as JSON does. */
  async result(text: string, seconds = 60): Promise<string> {
    await this.openTab('history');
    return this.textOf(this.page.getByTestId('input-and-result'), text, seconds);
  }

  /** Waits for a state in the heading, such as `Completed`. */
  async isNow(status: string, seconds = 60): Promise<void> {
    const badge = this.page.locator('header').getByTestId('execution-status').getByText(status, { exact: true });
    await badge.first().waitFor({ timeout: seconds * 1000 });
  }

  async cancel(): Promise<void> {
    await this.page.getByRole('button', { name: 'Request Cancellation' }).click();
    await this.dialog.getByTestId('confirm-modal-button').click();
  }

  /** Sends an update by form, which stays open with the reason where it is refused. */
  async update(name: 'overrule' | 'extendBudget', input: object): Promise<void> {
    await this.openUpdates();
    await this.dialog.getByRole('option', { name: new RegExp(`^${name}`) }).click();
    await this.typeJson(this.dialog, JSON.stringify(input));
    await this.dialog.getByTestId('confirm-modal-button').click();
  }

  /** Waits for the word that the update was taken. */
  async updated(): Promise<void> {
    await this.page.getByText('Update successful').first().waitFor({ timeout: 60_000 });
  }

  /** Opens the form «Send an Update» with the list of those there are. */
  async openUpdates(): Promise<void> {
    await this.act('update-button');
    await this.dialog.getByTestId('update-select-button').click();
    await this.dialog.getByRole('option').first().waitFor();
  }

  /** Resets the run on the page to the event that its current details name for the step; goes to the run that comes of it. */
  async resetTo(step: string, look: () => Promise<void> = async () => undefined): Promise<void> {
    const details = await this.currentDetails(new RegExp(`reset to its event: .*${step} \\d+`));
    const event = new RegExp(`${step} (\\d+)`).exec(details)?.[1];
    await this.act('reset-button');
    await this.dialog.locator('[aria-controls^="reset-event-id"]').first().click();
    await this.dialog.getByRole('option', { name: `${event} - WorkflowTaskCompleted`, exact: true }).click();
    await this.dialog.locator('#reset-reason').fill(`${step} again`);
    await look();
    await this.dialog.getByTestId('confirm-modal-button').click();
    await this.page.getByText('This Workflow has been reset').waitFor();
    await this.page.getByRole('link', { name: 'here' }).click();
  }

  /** Opens what the page offers for a run: a button of its own where the run is closed, else one among «More Actions». */
  private async act(button: 'update-button' | 'reset-button'): Promise<void> {
    const own = this.page.getByRole('button', { name: 'Reset', exact: true });
    if (button === 'reset-button' && (await own.isVisible())) return own.click();
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    await this.page.getByTestId(button).filter({ visible: true }).click();
  }

  private async openSchedules(): Promise<void> {
    await this.page.goto(this.ui);
    await this.page.getByRole('link', { name: 'Schedules' }).first().click();
    await this.page.waitForURL('**/schedules');
  }

  /** Goes from the list of schedules to one of them. */
  async openSchedule(name: string): Promise<void> {
    await this.openSchedules();
    await this.page.getByRole('link', { name, exact: true }).first().click();
    await this.page.getByTestId('schedule-name').getByText(name, { exact: true }).waitFor();
  }

  /** Starts a run of the schedule on the page, with the policy that the form proposes; returns that policy. */
  async triggerSchedule(): Promise<string> {
    await this.page.getByRole('button', { name: 'Schedule Actions' }).click();
    await this.page.getByTestId('trigger-schedule').click();
    const chosen = await this.dialog.locator('input[type="radio"]:checked').getAttribute('value');
    await this.dialog.getByRole('button', { name: 'Trigger' }).click();
    await this.dialog.waitFor({ state: 'hidden' });
    return chosen ?? '';
  }

  async pauseSchedule(reason: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Pause', exact: true }).click();
    await this.dialog.locator('#pause-reason').fill(reason);
    await this.dialog.getByRole('button', { name: 'Pause' }).click();
    await this.page.getByRole('button', { name: 'Unpause', exact: true }).waitFor();
  }

  /** Fills the form «Create Schedule» as docs/schedules.md says, up to its button. */
  async fillScheduleForm(name: string, { input, cron }: { input: string; cron: string }): Promise<void> {
    await this.openSchedules();
    await this.page.getByRole('link', { name: 'Create Schedule' }).first().click();
    for (const [field, value] of [
      ['name', name],
      ['workflowType', 'boost'],
      ['workflowId', name],
      ['taskQueue', 'anneal-recipe'],
    ] as const) {
      await this.page.locator(`#${field}`).fill(value);
    }
    await this.typeJson(this.page.locator('form'), input);
    await this.page.getByPlaceholder('* * * * *').fill(cron);
    await this.page.getByRole('button', { name: 'Edit Schedule Policies' }).click();
    await this.page.getByText('Buffer One', { exact: true }).click();
    await this.page.getByText('Pause on Failure', { exact: true }).last().click();
    await this.page.locator('#catchup-window-policy-duration-unit-select').selectOption('hour(s)');
    await this.page.locator('#catchup-window-policy-duration').fill('1');
    await this.page.getByRole('button', { name: 'Update Policies' }).click();
  }

  async createSchedule(): Promise<void> {
    await this.page.getByTestId('create-schedule-button').click();
    await this.page.waitForURL(/\/schedules$/);
  }

  async closeDialog(): Promise<void> {
    await this.dialog.getByTestId('cancel-modal-button').click();
  }

  get dialog(): Locator {
    return this.page.locator('dialog[open]');
  }

  private heading(workflowId: string): Locator {
    return this.page.getByTestId('workflow-id-heading').getByText(workflowId, { exact: true });
  }

  /** The editor lays its text out anew when it is left, which moves the button below: it is left before that is clicked. */
  private async typeJson(place: Locator, json: string): Promise<void> {
    const editor = place.locator('.cm-content[contenteditable="true"]').first();
    await editor.click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(json);
    await editor.blur();
  }

  private textOf(place: Locator, text: string | RegExp, seconds: number): Promise<string> {
    return this.untilText(String(place), text, seconds, async () => (await place.allInnerTexts()).join('\n'));
  }

  /** What is read once it holds the text. Texts inside JSON have their quotes escaped; here they have not. */
  private untilText(
    where: string,
    text: string | RegExp,
    seconds: number,
    read: () => Promise<string>,
  ): Promise<string> {
    let seen = '';
    const look = async () => {
      seen = (await read()).replaceAll('\\"', '"');
      return (typeof text === 'string' ? seen.includes(text) : text.test(seen)) ? seen : undefined;
    };
    return until(`"${text}" in ${where}`, look, { seconds, seen: () => seen });
  }
}
