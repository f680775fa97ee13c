// The fields of forms: a label, the control, a hint, and what was wrong with it.

import { html, nothing, type TemplateResult } from "lit";

interface Field {
  label: string;
  name: string;
  hint?: unknown;
  /** What the service said against it. */
  error?: string | undefined;
}

interface TextField extends Field {
  value?: string;
  type?: "text" | "number" | "password" | "url";
  required?: boolean;
  readonly?: boolean;
  placeholder?: string;
  min?: number;
  max?: number;
  maxlength?: number;
  pattern?: string;
  /** Whether it has the focus when its dialog opens. */
  first?: boolean;
  mono?: boolean;
}

/** How a person's reason for what they do is given. */
export const REASON: TextField = {
  label: "Reason",
  name: "reason",
  hint: "Optional. It is recorded in the event and sent to webhooks.",
  maxlength: 256,
};

export function textField(field: TextField): TemplateResult {
  return framed(
    field,
    html`<input
      id=${idOf(field)}
      name=${field.name}
      type=${field.type ?? "text"}
      class=${field.mono ? "mono" : ""}
      .value=${field.value ?? ""}
      ?required=${field.required}
      ?readonly=${field.readonly}
      ?autofocus=${field.first}
      placeholder=${field.placeholder ?? nothing}
      min=${field.min ?? nothing}
      max=${field.max ?? nothing}
      maxlength=${field.maxlength ?? nothing}
      pattern=${field.pattern ?? nothing}
      autocomplete=${field.type === "password" ? "new-password" : "off"}
      autocapitalize="off"
      spellcheck="false"
      aria-describedby=${describedBy(field)}
      aria-invalid=${field.error === undefined ? nothing : "true"}
    />`,
  );
}

export function areaField(field: Field & { value?: string; placeholder?: string }): TemplateResult {
  return framed(
    field,
    html`<textarea
      id=${idOf(field)}
      name=${field.name}
      class="mono"
      rows="3"
      .value=${field.value ?? ""}
      placeholder=${field.placeholder ?? nothing}
      spellcheck="false"
      aria-describedby=${describedBy(field)}
      aria-invalid=${field.error === undefined ? nothing : "true"}
    ></textarea>`,
  );
}

export type Option = [value: string, words: string];

export function selectField(
  field: Field & { value: string; options: Option[]; changed?: (value: string) => void },
): TemplateResult {
  return framed(
    field,
    html`<select
      id=${idOf(field)}
      name=${field.name}
      aria-describedby=${describedBy(field)}
      @change=${(event: Event) => field.changed?.((event.target as HTMLSelectElement).value)}
    >
      ${field.options.map(
        ([value, words]) =>
          html`<option value=${value} ?selected=${value === field.value}>${words}</option>`,
      )}
    </select>`,
  );
}

export function checkField(field: Field & { value?: string; checked?: boolean }): TemplateResult {
  return html`<div class="check">
    <input
      id=${idOf(field)}
      name=${field.name}
      type="checkbox"
      value=${field.value ?? "on"}
      ?checked=${field.checked}
      aria-describedby=${describedBy(field)}
    />
    <label for=${idOf(field)}>${field.label}</label>
    ${notes(field)}
  </div>`;
}

/** Several boxes under one name. */
export function choices(
  legend: string,
  name: string,
  options: readonly Option[],
  chosen: (value: string) => boolean,
  hint: unknown = nothing,
): TemplateResult {
  return html`<fieldset>
    <legend>${legend}</legend>
    ${hint === nothing ? nothing : html`<p class="hint">${hint}</p>`}
    <div class="choices">
      ${options.map(
        ([value, words]) =>
          html`<label
            ><input type="checkbox" name=${name} value=${value} ?checked=${chosen(value)} />
            ${words}</label
          >`,
      )}
    </div>
  </fieldset>`;
}

function framed(field: Field, control: TemplateResult): TemplateResult {
  return html`<div class="field">
    <label for=${idOf(field)}>${field.label}</label>
    ${control} ${notes(field)}
  </div>`;
}

function notes(field: Field): unknown {
  return [
    field.hint === undefined
      ? nothing
      : html`<p class="hint" id="${idOf(field)}-hint">${field.hint}</p>`,
    field.error === undefined
      ? nothing
      : html`<p class="wrong" id="${idOf(field)}-error">${field.error}</p>`,
  ];
}

function describedBy(field: Field): string | typeof nothing {
  const ids = [
    field.error === undefined ? [] : [`${idOf(field)}-error`],
    field.hint === undefined ? [] : [`${idOf(field)}-hint`],
  ].flat();
  return ids.length === 0 ? nothing : ids.join(" ");
}

const idOf = ({ name }: Field): string => `field-${name}`;
