package io.conshelf.server.identity;

import io.conshelf.server.page.ContentPolicy;

/// The plain HTML of signing in: it works without a script and is read well aloud.
final class SignInHtml {
    private static final String STYLE = "body{font:1rem/1.5 system-ui,sans-serif;max-width:24rem;margin:4rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
            + "label,input,button{display:block;font:inherit}input{width:100%;box-sizing:border-box;padding:.5rem;margin:0 0 1rem;border:1px solid #555}"
            + "button{display:inline-block;padding:.5rem 1rem}[role=alert]{border-left:.25rem solid #b00020;padding-left:.75rem}";
    private static final String SCRIPT = "document.forms[0].submit()";
    static final String STYLE_HASH = ContentPolicy.hash(STYLE);

    private SignInHtml() {}

    static String page(String title, String content, String problem) {
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" + text(title)
                + " – Conshelf</title><style>" + STYLE + "</style></head><body><main><h1>" + text(title) + "</h1>"
                + (problem.isEmpty() ? "" : "<p role=\"alert\">" + text(problem) + "</p>") + content + "</main></body></html>";
    }

    /// A form that is sent to where its page came from.
    static String form(String fields, String buttons) {
        return "<form method=\"post\">" + fields + buttons + "</form>";
    }

    static String credentials(String name) {
        return "<label for=\"username\">Name</label><input id=\"username\" name=\"username\" autocomplete=\"username\" required value=\"" + text(name) + "\">"
                + "<label for=\"password\">Password</label><input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required>";
    }

    static String hidden(String name, String value) {
        return "<input type=\"hidden\" name=\"" + text(name) + "\" value=\"" + text(value) + "\">";
    }

    /// A page that sends fields on to a program, by itself where scripts run.
    static PersonSignIn.Page posted(String address, String fields) {
        String html = page("Signed in", "<form method=\"post\" action=\"" + text(address) + "\">" + fields + "<p>Go on to the program:</p><button>Go on</button></form>"
                + "<script>" + SCRIPT + "</script>", "");
        return new PersonSignIn.Page(200, html, "", "default-src 'none'; style-src '" + STYLE_HASH + "'; script-src '" + ContentPolicy.hash(SCRIPT)
                + "'; base-uri 'none'; frame-ancestors 'none'; form-action http://localhost:* http://127.0.0.1:*");
    }

    static String text(String raw) {
        return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
    }
}
