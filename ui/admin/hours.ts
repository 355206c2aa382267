// When each department is open, who takes over, and after how long an agent counts as away.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Api, DepartmentHoursRow, OpeningSpanRow } from '../client/api.ts';
import { basics } from '../parts/tokens.ts';
import { asked, card } from './card.ts';

const DAYS = [
  ['mon', 'Monday'],
  ['tue', 'Tuesday'],
  ['wed', 'Wednesday'],
  ['thu', 'Thursday'],
  ['fri', 'Friday'],
  ['sat', 'Saturday'],
  ['sun', 'Sunday'],
] as const;
const SPAN = /^(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})$/;

/** What cannot be read as hours, in one sentence. */
class Unreadable extends Error {}

/**
 * `<natter-hours .api=…>`
 * @event natter-ended the session is over
 */
@customElement('natter-hours')
export class HoursCard extends LitElement {
  @property({ attribute: false }) api!: Api;
  @state() private departments: readonly string[] = [];
  @state() private hours: Readonly<Record<string, DepartmentHoursRow>> = {};
  @state() private away: number | null = null;
  /** Departments with hours, as ticked and not saved yet. */
  @state() private ticked: ReadonlySet<string> = new Set();
  @state() private problem = '';
  @state() private saved = false;
  @state() private loaded = false;

  static override styles = [
    basics,
    card,
    css`
      details {
        border: 1px solid var(--n-line);
        border-radius: 9px;
      }
      summary {
        padding: 9px 12px;
        font-weight: 550;
        cursor: pointer;
        overflow-wrap: anywhere;
      }
      .inside {
        display: grid;
        gap: 12px;
        padding: 4px 12px 14px;
      }
      .days,
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(200px, 100%), 1fr));
        gap: 12px;
      }
      .away {
        max-width: 320px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  override render() {
    return html`
      <h2>Hours</h2>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.loaded ? this.#form() : nothing}
      <datalist id="zones">${Intl.supportedValuesOf('timeZone').map((zone) => html`<option value=${zone}></option>`)}</datalist>
    `;
  }

  #form() {
    return html`<form @submit=${this.#save} @input=${this.#touched}>
      <p class="quiet">Outside its hours a department's conversations wait, or go to its overflow. Visitors are told when you are back.</p>
      ${this.departments.map((name) => this.#department(name))}
      <label class="field away">Away after minutes without activity<input type="number" name="away" min="1" max="240" placeholder="Never" .value=${this.away === null ? '' : String(this.away)} /></label>
      <div class="buttons"><button class="primary">Save hours</button><span class="quiet" role="status">${this.saved ? 'Saved' : ''}</span></div>
    </form>`;
  }

  #department(name: string) {
    const has = this.ticked.has(name);
    const rule = Object.hasOwn(this.hours, name) ? this.hours[name] : undefined;
    const tick = (event: Event) => {
      const ticked = new Set(this.ticked);
      if ((event.target as HTMLInputElement).checked) ticked.add(name);
      else ticked.delete(name);
      this.ticked = ticked;
    };
    return html`<details><summary>${name}: ${has ? (rule?.time_zone ?? 'hours') : 'always open'}</summary><div class="inside">
      <label class="check"><input type="checkbox" .checked=${has} @change=${tick} />Has opening hours</label>
      ${has ? this.#rule(name, rule) : nothing}
    </div></details>`;
  }

  #rule(name: string, rule: DepartmentHoursRow | undefined) {
    const zone = rule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const overflow = rule?.overflow ?? '';
    const others = this.departments.filter((each) => each !== name);
    return html`
      <label class="field">Time zone<input name="${name} zone" list="zones" required maxlength="64" autocomplete="off" .value=${zone} /></label>
      <p class="quiet">For example 09:00-17:30, or 09:00-12:00, 13:00-17:00. Empty: closed.</p>
      <div class="days">${DAYS.map(([day, label]) => html`<label class="field">${label}<input name="${name} ${day}" maxlength="200" placeholder="Closed" autocomplete="off" .value=${written(rule?.weekly[day])} /></label>`)}</div>
      <div class="pair">
        <label class="field">Overflow to<select name="${name} overflow"><option value="">Nobody</option>${others.map((each) => html`<option value=${each} ?selected=${each === overflow}>${each}</option>`)}</select></label>
        <label class="field">Also after seconds of waiting<input type="number" name="${name} after" min="1" max="86400" placeholder="Never" .value=${String(rule?.overflow_after_seconds ?? '')} /></label>
      </div>`;
  }

  #touched(): void {
    this.saved = false;
  }

  async #load(): Promise<void> {
    this.problem = await asked(this, async () => this.#take(await this.api.settings()));
  }

  async #save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const said = new FormData(event.target as HTMLFormElement);
    try {
      const away = String(said.get('away') ?? '');
      const hours = Object.fromEntries([...this.ticked].map((name) => [name, ruleOf(name, said)]));
      const change = { hours, away_after_minutes: away === '' ? null : Number(away) };
      this.problem = await asked(this, async () => this.#take(await this.api.changeSettings(change)));
      this.saved = this.problem === '';
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.problem = error.message;
    }
  }

  #take({ departments, hours, away_after_minutes }: Awaited<ReturnType<Api['settings']>>): void {
    this.departments = departments;
    this.hours = hours;
    this.away = away_after_minutes;
    this.ticked = new Set(Object.keys(hours));
    this.loaded = true;
  }
}

function ruleOf(name: string, said: FormData): DepartmentHoursRow {
  const of = (field: string) => String(said.get(`${name} ${field}`) ?? '').trim();
  const days = DAYS.flatMap(([day, label]) => {
    const spans = read(of(day), `${label} (${name})`);
    return spans.length > 0 ? [[day, spans] as const] : [];
  });
  const after = of('after');
  return {
    time_zone: of('zone'),
    weekly: Object.fromEntries(days),
    overflow: of('overflow') || null,
    overflow_after_seconds: after === '' ? null : Number(after),
  };
}

function written(spans: readonly OpeningSpanRow[] = []): string {
  return spans.map(({ from, to }) => `${from}-${to}`).join(', ');
}

/** Throws Unreadable. */
function read(text: string, where: string): OpeningSpanRow[] {
  const parts = text.split(/[,;]/).flatMap((part) => part.trim() || []);
  return parts.map((part) => {
    const [, from, to] = SPAN.exec(part) ?? [];
    if (!from || !to)
      throw new Unreadable(`${where}: write hours as 09:00-17:30, several with commas between`);
    return { from: from.padStart(5, '0'), to: to.padStart(5, '0') };
  });
}
