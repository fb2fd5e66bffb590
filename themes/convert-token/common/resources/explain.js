// Asks the admin API of this server what a conversion would come to, and shows the answer. Nothing is read from the address and
// nothing is stored; what the server says only becomes text.
(function () {
  "use strict";

  const page = document.body.dataset;
  const byId = (id) => document.getElementById(id);
  const texts = new Map(
    Array.from(document.querySelectorAll("#texts > div"), (entry) => [
      entry.querySelector("dt").textContent,
      entry.querySelector("dd").textContent,
    ]),
  );
  const text = (key, values = {}) =>
    Object.entries(values).reduce(
      (result, [name, value]) => result.replaceAll("{" + name + "}", () => value),
      texts.get("page." + key) || key,
    );
  const nameOf = (check) => texts.get("check." + check) || check;

  byId("command").textContent =
    "read -rsp 'Password of the administrator: ' PASSWORD; curl -sS --data grant_type=password --data client_id=admin-cli \\\n" +
    "  --data username=admin --data-urlencode \"password=$PASSWORD\" \\\n" +
    "  '" + (location.origin + page.tokenEndpoint).replaceAll("'", "'\\''") + "' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/'";

  byId("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId("command").textContent);
    byId("copied").textContent = byId("copied").dataset.copied;
  });

  // fields

  const value = (id) => byId(id).value.trim();

  /** Marks the fields that are empty and goes to the first of them. */
  function areFilled(ids) {
    const empty = ids.filter((id) => value(id) === "");
    for (const id of ["admin-token", "backend", "client", "token"]) {
      const isEmpty = empty.includes(id);
      const problem = byId(id + "-problem");
      problem.hidden = !isEmpty;
      byId(id).setAttribute("aria-invalid", String(isEmpty));
      byId(id).setAttribute("aria-describedby", (isEmpty ? problem.id + " " : "") + id + "-help");
    }
    if (empty.length > 0) {
      byId(empty[0]).focus();
    }
    return empty.length === 0;
  }

  // calls

  class Refused extends Error {}

  async function call(path, parameters) {
    const request = { headers: { Authorization: "Bearer " + value("admin-token") }, cache: "no-store" };
    if (parameters) {
      request.method = "POST";
      request.body = new URLSearchParams(parameters);
    }
    let response;
    try {
      response = await fetch(page.admin + path, request);
    } catch {
      throw new Refused(text("errorNetwork"));
    }
    if (response.ok) {
      return response.json();
    }
    if (response.status === 401 || response.status === 403) {
      throw new Refused(text("error" + response.status));
    }
    const answer = await response.json().catch(() => ({}));
    throw new Refused(text("errorOther", { error: answer.error_description || answer.error || String(response.status) }));
  }

  async function ask(required, question, show) {
    if (!areFilled(required)) {
      return;
    }
    const buttons = document.querySelectorAll(".actions button");
    buttons.forEach((button) => (button.disabled = true));
    byId("result").hidden = false;
    clear(text("working"), "");
    try {
      show(await question());
    } catch (error) {
      clear(error instanceof Refused ? error.message : text("errorNetwork"), "bad");
    } finally {
      buttons.forEach((button) => (button.disabled = false));
      byId("result").focus({ preventScroll: true });
      byId("result").scrollIntoView({ block: "start" });
    }
  }

  // results

  function clear(verdict, kind) {
    byId("verdict").textContent = verdict;
    byId("verdict").className = ("verdict " + kind).trim();
    byId("account").hidden = true;
    byId("checks").replaceChildren();
  }

  function element(name, className, content) {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = content;
    return made;
  }

  /** A line for a check or a remark; one with details can be opened. */
  function line(name, state, stateName, details, isOpen) {
    const item = element("li", state, "");
    const known = details.filter(([, content]) => content);
    const heading = element(known.length ? "summary" : "div", known.length ? "" : "plain", "");
    heading.append(element("span", "name", name), element("span", "state", stateName));
    if (known.length === 0) {
      item.append(heading);
      return item;
    }
    const list = element("dl", "", "");
    for (const [label, content] of known) {
      list.append(element("dt", "", label), element("dd", "", content));
    }
    const opened = document.createElement("details");
    opened.open = isOpen;
    opened.append(heading, list);
    item.append(opened);
    return item;
  }

  function showChecks(checks, opensAll) {
    const failed = checks.filter((check) => check.result === "failed");
    byId("checks").replaceChildren(
      ...checks.map((check) =>
        line(
          nameOf(check.check),
          check.result,
          text(check.result),
          [
            [text("expected"), check.expected],
            [text("found"), check.found],
            [text("advice"), check.advice],
            [text("guide"), check.see],
          ],
          opensAll ? check.result === "failed" : check === failed[0],
        ),
      ),
    );
  }

  function showExplanation(explanation) {
    const converts = explanation.outcome === "converts";
    clear(converts ? text("converts") : text("refused", { error: explanation.outcome }), converts ? "good" : "bad");
    if (converts) {
      const account = explanation.account;
      byId("account").textContent = account
        ? text(account.outcome, { user: account.user_id || "" })
        : text("accountHidden");
      byId("account").hidden = false;
    }
    showChecks(explanation.checks, false);
  }

  function showHealth(health) {
    clear(text(health.healthy ? "healthy" : "unhealthy"), health.healthy ? "good" : "bad");
    showChecks(health.checks, true);
  }

  function showReview(answer) {
    clear(answer.backends.length ? "" : text("noBackends"), "");
    byId("verdict").hidden = answer.backends.length > 0;
    byId("checks").replaceChildren(
      ...answer.backends.flatMap((backend) =>
        backend.remarks.length
          ? backend.remarks.map((remark) =>
              line(
                backend.alias + ": " + remark.reason,
                remark.severity,
                text(remark.severity),
                [[text("advice"), remark.text], [text("guide"), remark.see]],
                true,
              ),
            )
          : [line(backend.alias + ": " + text("noRemarks"), "passed", text("passed"), [], false)],
      ),
    );
  }

  // buttons

  byId("question").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("verdict").hidden = false;
    const parameters = { client_id: value("client"), token: value("token") };
    for (const [name, id] of [["nonce", "nonce"], ["token_type", "token-type"], ["scope", "scope"]]) {
      if (value(id) !== "") {
        parameters[name] = value(id);
      }
    }
    ask(
      ["admin-token", "backend", "client", "token"],
      () => call("/" + encodeURIComponent(value("backend")) + "/explain", parameters),
      showExplanation,
    );
  });
  byId("check").addEventListener("click", () => {
    byId("verdict").hidden = false;
    ask(
      ["admin-token", "backend"],
      () => call("/" + encodeURIComponent(value("backend")) + "/check", {}),
      showHealth,
    );
  });
  byId("review").addEventListener("click", () => {
    byId("verdict").hidden = false;
    ask(["admin-token"], () => call("", undefined), showReview);
  });
})();
