import { type Content, type Html, html } from '../page-kit/html.ts';
import { currentOf, type LinkLook, type Navigation, titleOf } from './navigation.ts';
import type { ViewName, ViewRequest } from './view-request.ts';

/**
 * Navigation in a CloudWatch dashboard, which runs no script: a `cwdb-action` tells the console to call the
 * function when the element before it is clicked, and to show what comes back instead.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html
 *
 * @param functionArn of the widget's own function
 */
export function widgetNavigation(functionArn: string): Navigation {
  // A button and no anchor: without an address an anchor is not reached by the keyboard.
  return {
    link: (label, to, look = {}) => html`${button(label, look)}${action(functionArn, to)}`,
    form: (to, fields, label) =>
      html`<form class="sm-form">${fields}${button(label, { className: 'sm-button' })}${action(functionArn, { view: to })}</form>`,
  };
}

function button(label: Content, { className = 'sm-link', title, current }: LinkLook): Html {
  return html`<button type="button" class="${className}"${titleOf(title)}${currentOf(current)}>${label}</button>`;
}

function action(functionArn: string, parameters: ViewRequest | { readonly view: ViewName }): Html {
  return html`<cwdb-action action="call" display="widget" endpoint="${functionArn}">${asciiJson(parameters)}</cwdb-action>`;
}

/** JSON without any character that HTML or the escaping of text could change. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]|[&<>']/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
