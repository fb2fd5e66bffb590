// The explorer: curl commands and Swagger UI, both from the realm's OpenAPI document. No address but the page's own is
// ever read from the query, and text only becomes text.
(function () {
  "use strict";

  const page = document.body.dataset;
  const byId = (id) => document.getElementById(id);
  const tabs = Array.from(document.querySelectorAll("[role=tab]"));

  // curl

  /** Quoted for any POSIX shell, whatever is in it. */
  const literal = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

  /** A shell variable inside double quotes, the rest of the text being ours. */
  const expanded = (prefix, variable) => '"' + prefix + "$" + variable + '"';

  class Command {
    constructor(operation, settings) {
      this.operation = operation;
      this.settings = settings;
      this.variables = [];
    }

    text() {
      const curl = this.operation.curl;
      const lines = ["curl" + this.options() + " " + this.url()];
      if (curl.bearer) {
        lines.push("--header " + this.variable("Authorization: Bearer ", curl.bearer.slice(1)));
      }
      if (curl.client) {
        lines.push("--data-urlencode " + this.pair("client_id", "client"));
        if (this.settings.confidential) {
          lines.push("--data-urlencode " + this.variable("client_secret=", "CLIENT_SECRET"));
        }
      }
      for (const [name, value] of Object.entries(curl.parameters || curl.query || {})) {
        lines.push("--data-urlencode " + this.pair(name, value));
      }
      return lines.join(" \\\n  ");
    }

    options() {
      const flags = this.operation.answersNothing ? " --include" : "";
      return this.operation.curl.query ? flags + " --get" : flags;
    }

    url() {
      let path = this.operation.path;
      let base = literal(this.operation.server + path);
      if (this.operation.server === "{admin}") {
        base = this.variable("", "ADMIN_URL") + literal(path);
      }
      if (path.includes("{name}")) {
        return base.replace("{name}", "'" + this.named("backend", "BACKEND") + "'");
      }
      if (!path.includes("{id}")) {
        return base;
      }
      this.variables.push("USER_ID");
      return base.replace("{id}", "'\"$USER_ID\"'");
    }

    /** A chosen value, or a shell variable in its place, as a part of a path. */
    named(setting, variable) {
      const chosen = this.settings[setting];
      return chosen ? literal(encodeURIComponent(chosen)) : this.variable("", variable);
    }

    pair(name, value) {
      if (value === "client" || value === "backend") {
        const chosen = this.settings[value];
        return chosen
          ? literal(name + "=" + chosen)
          : this.variable(name + "=", value === "client" ? "CLIENT_ID" : "BACKEND");
      }
      return value.startsWith("$") ? this.variable(name + "=", value.slice(1)) : literal(name + "=" + value);
    }

    variable(prefix, name) {
      this.variables.push(name);
      return expanded(prefix, name);
    }
  }

  function operationsOf(api) {
    const operations = new Map();
    for (const [path, methods] of Object.entries(api.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation["x-curl"]) {
          const success = Object.keys(operation.responses).find((status) => status < "400");
          const answer = operation.responses[success];
          operations.set(operation.operationId, {
            path,
            method: method.toUpperCase(),
            server: ((methods.servers || api.servers)[0] || {}).url,
            curl: operation["x-curl"],
            answersNothing: !answer.content,
          });
        }
      }
    }
    return operations;
  }

  function settings() {
    const select = byId("backend");
    const other = byId("other-backend");
    if (select) {
      other.hidden = select.value !== "";
    }
    return {
      client: byId("client").value.trim(),
      backend: (select && select.value) || other.value.trim(),
      confidential: byId("confidential").checked,
    };
  }

  function showCommand(operations) {
    const tab = tabs.find((candidate) => candidate.getAttribute("aria-selected") === "true");
    const operation = operations.get(tab.dataset.call);
    const command = new Command(operation, settings());
    byId("call").setAttribute("aria-labelledby", tab.id);
    byId("method").textContent = operation.method;
    byId("method").dataset.method = operation.method;
    byId("path").textContent = operation.path;
    byId("command").textContent = command.text();
    byId("status").textContent = "";
    byId("variables").hidden = command.variables.length === 0;
    for (const entry of document.querySelectorAll("[data-variable]")) {
      entry.hidden = !command.variables.includes(entry.dataset.variable);
    }
  }

  function select(tab, operations) {
    for (const other of tabs) {
      const isChosen = other === tab;
      other.setAttribute("aria-selected", String(isChosen));
      other.tabIndex = isChosen ? 0 : -1;
    }
    showCommand(operations);
  }

  function step(event, operations) {
    const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    const at = tabs.indexOf(event.currentTarget);
    let next = at + (steps[event.key] || 0);
    if (event.key === "Home") {
      next = 0;
    } else if (event.key === "End") {
      next = tabs.length - 1;
    } else if (next === at) {
      return;
    }
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    select(tab, operations);
    tab.focus();
  }

  /** Without a secure context there is no clipboard API: then as browsers did it before. */
  async function copy(text) {
    if (navigator.clipboard) {
      return navigator.clipboard.writeText(text);
    }
    window.getSelection().selectAllChildren(byId("command"));
    if (!document.execCommand("copy")) {
      throw new Error("no clipboard");
    }
  }

  async function copyCommand() {
    try {
      await copy(byId("command").textContent);
      byId("status").textContent = page.copied;
    } catch {
      byId("status").textContent = page.copyFailed;
    }
  }

  function showCommands(api) {
    const operations = operationsOf(api);
    const refresh = () => showCommand(operations);
    byId("settings").addEventListener("input", refresh);
    byId("settings").addEventListener("submit", (event) => event.preventDefault());
    byId("copy-command").addEventListener("click", copyCommand);
    for (const tab of tabs) {
      tab.addEventListener("click", () => select(tab, operations));
      tab.addEventListener("keydown", (event) => step(event, operations));
    }
    refresh();
  }

  // Swagger UI

  const FORM = "application/x-www-form-urlencoded";

  /** Forms come first and start empty, with the first backend: a sample such as "string" would be sent. */
  function withEmptyForms(api) {
    const copy = structuredClone(api);
    for (const methods of Object.values(copy.paths)) {
      for (const operation of Object.values(methods)) {
        const form = operation.requestBody?.content[FORM];
        if (form) {
          operation.requestBody.content = { [FORM]: form, ...operation.requestBody.content };
        }
        const schema = form?.schema.$ref && copy.components.schemas[form.schema.$ref.split("/").pop()];
        for (const [name, property] of Object.entries(schema?.properties || {})) {
          const isBackend = property.$ref?.endsWith("/Backend") && schema.required?.includes(name);
          property.examples = [(isBackend && copy.components.schemas.Backend.enum?.[0]) || ""];
        }
      }
    }
    return copy;
  }

  /** Swagger UI leaves controls without a name that a screen reader could say, and code that the keyboard cannot scroll. */
  function nameControls(root) {
    for (const control of root.querySelectorAll("select, textarea, input:not([type=hidden], [type=submit])")) {
      if (control.labels.length === 0 && !control.ariaLabel) {
        const row = control.closest("[data-property-name], [data-param-name]");
        const name = row && (row.dataset.propertyName || row.dataset.paramName);
        const near = control.parentElement.parentElement.querySelector("label, small, [class*=label]");
        control.ariaLabel = name || near?.textContent.trim() || "Value";
      }
    }
    root.querySelector(".close-modal")?.setAttribute("aria-label", "Close");
    nameIntroduction(root);
    nameTokens(root);
    carryClient(root);
    for (const code of root.querySelectorAll("pre:not([tabindex])")) {
      code.tabIndex = 0;
    }
  }

  /** Swagger UI shows this above its main landmark, and in no other. */
  function nameIntroduction(root) {
    const introduction = root.querySelector(".information-container");
    introduction?.setAttribute("role", "region");
    introduction?.setAttribute("aria-label", "Introduction");
  }

  /**
   * Swagger UI gives all bearer tokens one id, so that a label leads to the wrong field, and focuses the last of them. It gives
   * their buttons one name, which is not what is written on them.
   */
  function nameTokens(root) {
    const dialog = root.querySelector(".modal-ux");
    if (!dialog) {
      return;
    }
    for (const [index, container] of dialog.querySelectorAll(".auth-container").entries()) {
      for (const field of container.querySelectorAll("input[id]:not([data-own-id])")) {
        const label = container.querySelector(`label[for="${field.id}"]`);
        field.id += "-" + index;
        field.dataset.ownId = "";
        if (label) {
          label.htmlFor = field.id;
        }
      }
      for (const button of container.querySelectorAll(".auth-btn-wrapper [aria-label]")) {
        button.ariaLabel = `${button.textContent}: ${container.querySelector("h4")?.textContent.trim()}`;
      }
    }
    if (!dialog.dataset.opened) {
      dialog.dataset.opened = "";
      dialog.setAttribute("role", "dialog");
      dialog.setAttribute("aria-label", dialog.querySelector("h3")?.textContent);
      dialog.querySelector("input")?.focus();
    }
  }

  /** As if it had been typed: the page's scripts keep the value elsewhere. */
  function type(field, value) {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** The client that was named above is the one that tries a call out, unless another one is typed there. */
  function carryClient(root) {
    const client = byId("client").value.trim();
    const fields = "[data-property-name=client_id] input, [data-param-name=client_id] input";
    for (const field of root.querySelectorAll(fields)) {
      const isOurs = field.value === (field.dataset.carried || "");
      if (client && isOurs && !field.disabled && field.value !== client) {
        field.dataset.carried = client;
        type(field, client);
      }
    }
  }

  /** Swagger UI does nothing where a required field is empty, and does not say so. */
  function markMissing(event) {
    const button = event.target.closest?.(".btn.execute");
    if (!button) {
      return;
    }
    const missing = Array.from(button.closest(".opblock").querySelectorAll("[data-property-name], [data-param-name]"))
      .filter((row) => row.querySelector(".parameter__name.required"))
      .map((row) => row.querySelector("input, textarea"))
      .filter((field) => field && field.value.trim() === "");
    for (const field of missing) {
      field.setAttribute("aria-invalid", "true");
      field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
    }
    missing[0]?.focus();
  }

  function showReference(api) {
    const root = byId("swagger-ui");
    root.addEventListener("click", markMissing, true);
    byId("client").addEventListener("input", () => carryClient(root));
    new MutationObserver(() => nameControls(root)).observe(root, { childList: true, subtree: true });
    window.SwaggerUIBundle({
      spec: withEmptyForms(api),
      domNode: root,
      presets: [window.SwaggerUIBundle.presets.apis],
      // what is left empty is left out, without a box to tick for each
      plugins: [() => ({ components: { ParameterIncludeEmpty: () => null } })],
      layout: "BaseLayout",
      docExpansion: "list",
      defaultModelsExpandDepth: -1,
      displayRequestDuration: true,
      syntaxHighlight: { activated: true, theme: "monokai" },
      // nobody else is asked whether the document is valid, and the query configures nothing
      validatorUrl: null,
      queryConfigEnabled: false,
      persistAuthorization: false,
    });
  }

  async function start() {
    try {
      const answer = await fetch(page.openapi, { credentials: "omit" });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      const api = await answer.json();
      showCommands(api);
      showReference(api);
    } catch (error) {
      byId("failure").textContent = page.failed;
      byId("failure").hidden = false;
      console.error(error);
    }
  }

  start();
})();
